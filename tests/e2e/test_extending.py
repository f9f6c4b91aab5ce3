"""The examples of docs/extending in a product of their own, from a copy of the project with no other line touched."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from pptx import Presentation
from pypdf import PdfReader

from tests.e2e.conftest import DESKTOP, put_cookies
from tests.e2e.product import Person, Product, temporary_home
from tests.guides import copy_with_examples

CHART = "Most is spent on"
FIT_LIMIT_S = 180


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """MixModel with the chart and the page of the guides, its pages built from scratch."""
    project = copy_with_examples(tmp_path_factory.mktemp("extended") / "project", "chart", "page")
    with temporary_home() as home, Product(Path(home), project) as running:
        yield running


@pytest.fixture(scope="module")
def owner(extended: Product) -> Person:
    return extended.sample_person()


@pytest.fixture(scope="module")
def run_id(owner: Person) -> str:
    """The sample's run, once it is finished."""
    found = owner.get("/api/models")[0]["id"]
    owner.until(found, "completed", FIT_LIMIT_S)
    return found


@pytest.fixture
def tab(browser: Browser, extended: Product, owner: Person) -> Iterator[Page]:
    """A tab of the sample's owner, in which nothing may go wrong."""
    context = browser.new_context(base_url=extended.url, viewport=DESKTOP)  # pyright: ignore[reportArgumentType]
    put_cookies(context, extended, owner)
    complaints: list[str] = []
    context.on("weberror", lambda event: complaints.append(str(event.error)))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield context.new_page()
    context.close()
    assert not complaints


def test_the_page_is_in_the_navigation_and_shows_its_number(tab: Page) -> None:
    tab.goto("/")
    tab.get_by_role("navigation").get_by_role("link", name="Count").click()
    expect(tab).to_have_title("Count – MixModel")
    expect(tab.get_by_role("heading", level=1, name="Count")).to_be_visible()
    expect(tab.get_by_role("main")).to_contain_text("Datasets")
    expect(tab.get_by_role("main")).to_contain_text("1")


def test_the_page_is_not_for_strangers(browser: Browser, extended: Product) -> None:
    answer = extended.http.get("/count", headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.is_redirect
    assert answer.headers["location"].startswith("/login")
    context = browser.new_context(base_url=extended.url)
    stranger = context.new_page()
    stranger.goto("/count")
    expect(stranger.get_by_role("heading", level=1)).not_to_have_text("Count")
    assert "/login" in stranger.url
    context.close()


def test_the_chart_is_on_its_view(tab: Page, run_id: str) -> None:
    tab.goto(f"/results/{run_id}?view=manager")
    tab.locator("#chart-spend").scroll_into_view_if_needed()
    expect(tab.locator("#chart-spend h3")).to_contain_text(CHART)
    tab.locator("#chart-spend .main-svg").first.wait_for()


def test_the_chart_is_in_every_file(owner: Person, run_id: str) -> None:
    def get(name: str) -> bytes:
        answer = owner.api.get(f"/api/models/{run_id}/{name}")
        assert answer.status_code == 200, answer.text
        return answer.content

    assert get("charts/spend.csv").decode("utf-8-sig").splitlines()[0] == "Channel,Spend"
    assert CHART in PdfReader(io.BytesIO(get("report.pdf"))).pages[0].extract_text()
    assert CHART in get("report.html").decode()
    assert "Spend" in load_workbook(io.BytesIO(get("report.xlsx"))).sheetnames
    titles = [slide.shapes.title for slide in Presentation(io.BytesIO(get("report.pptx"))).slides]
    assert any(title is not None and title.text.startswith(CHART) for title in titles)
