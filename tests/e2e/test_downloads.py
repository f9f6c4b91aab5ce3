"""What people take along from the results, in a real browser and under the policy of the pages."""

import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from pptx import Presentation
from pypdf import PdfReader

from tests.e2e.product import Person

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def results(open_context: Callable[..., BrowserContext], sample_person: Person, sample_run: str) -> Page:
    """The manager's view of the sample, its charts drawn."""
    page = open_context(sample_person).new_page()
    page.goto(f"/results/{sample_run}?view=manager")
    page.locator("#chart-roas .main-svg").first.wait_for()
    return page


def saved(page: Page, role: str, name: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role(role, name=name).click()  # pyright: ignore[reportArgumentType]
    return Path(started.value.path()).read_bytes()


def chart_title(page: Page) -> str:
    return page.locator("#chart-roas h3").inner_text()


@pytest.mark.parametrize("view", ["executive", "manager", "analyst"])
def test_every_view_offers_the_reports(
    open_context: Callable[..., BrowserContext], sample_person: Person, sample_run: str, view: str
) -> None:
    page = open_context(sample_person).new_page()
    page.goto(f"/results/{sample_run}?view={view}")
    for label in ("Brief (PDF)", "Slides (PPTX)", "Workbook (XLSX)", "Web page (HTML)"):
        expect(page.get_by_role("link", name=label)).to_be_visible()


def test_reports_come_as_files_that_open(results: Page, sample_run: str) -> None:
    brief = PdfReader(io.BytesIO(saved(results, "link", "Brief (PDF)")))
    assert len(brief.pages) == 2
    assert sample_run in "".join(brief.pages[0].extract_text().split())
    assert len(Presentation(io.BytesIO(saved(results, "link", "Slides (PPTX)"))).slides) > 10
    assert load_workbook(io.BytesIO(saved(results, "link", "Workbook (XLSX)"))).sheetnames[0] == "README"
    assert sample_run in saved(results, "link", "Web page (HTML)").decode()


def test_a_chart_becomes_a_picture_that_names_its_run(results: Page, sample_run: str) -> None:
    title = chart_title(results)
    drawing = ElementTree.fromstring(saved(results, "button", f"Download SVG: {title}"))
    words = " ".join("".join(text.itertext()) for text in drawing.iter(f"{SVG}text"))
    assert title in words
    assert f"Run {sample_run}" in words
    assert "94 % ranges" in words
    assert "break-even" in words
    picture = Image.open(io.BytesIO(saved(results, "button", f"Download PNG: {title}")))
    assert picture.size == (2 * round(float(drawing.attrib["width"])), 2 * round(float(drawing.attrib["height"])))
    assert picture.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert len(picture.convert("RGB").quantize(64).getcolors() or ()) > 8, "more than an empty ground"


def test_the_table_of_a_chart_comes_as_csv(results: Page) -> None:
    table = saved(results, "link", f"Download table (CSV): {chart_title(results)}").decode("utf-8-sig")
    assert table.splitlines()[0].startswith("Channel,")


def test_a_picture_is_the_same_in_the_dark(
    open_context: Callable[..., BrowserContext], sample_person: Person, sample_run: str, results: Page
) -> None:
    dark = open_context(sample_person, color_scheme="dark").new_page()
    dark.goto(f"/results/{sample_run}?view=manager")
    dark.locator("#chart-roas .main-svg").first.wait_for()
    pictures = [saved(page, "button", f"Download SVG: {chart_title(page)}") for page in (results, dark)]
    colours = [sorted(set(_fills(picture))) for picture in pictures]
    assert colours[0] == colours[1]


def _fills(picture: bytes) -> list[str]:
    styles = [element.attrib.get("style", "") for element in ElementTree.fromstring(picture).iter()]
    parts = [part.strip() for style in styles for part in style.split(";")]
    return [part for part in parts if part.startswith(("fill:", "stroke:"))]
