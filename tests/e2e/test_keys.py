"""Going anywhere by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.product import Person


@pytest.fixture
def tab(open_context: Callable[..., BrowserContext], sample_person: Person, sample_run: str) -> Page:
    tab = open_context(sample_person).new_page()
    tab.goto("/")
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    return tab


def _palette(tab: Page) -> Locator:
    return tab.get_by_role("dialog", name="Go to")


def test_the_palette_goes_to_a_run_by_its_name(tab: Page, sample_person: Person, sample_run: str) -> None:
    name = sample_person.get(f"/api/models/{sample_run}")["name"]
    tab.keyboard.press("Control+k")
    expect(_palette(tab).get_by_role("link", name="Runs")).to_be_visible()
    expect(_palette(tab).get_by_role("link", name=f"Results: {name}").first).to_be_visible()
    tab.keyboard.type(f"results {name.split()[0].lower()}")
    expect(_palette(tab).get_by_role("link", name="Runs", exact=True)).to_be_hidden()
    tab.keyboard.press("ArrowDown")
    expect(_palette(tab).get_by_role("link").filter(visible=True).first).to_be_focused()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/results/*")


def test_the_palette_says_when_it_finds_nothing_and_closes(tab: Page) -> None:
    tab.get_by_role("button", name="Go to").click()
    tab.keyboard.type("no such thing")
    expect(_palette(tab).get_by_text("Nothing by this name.")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(_palette(tab)).to_be_hidden()


def test_two_keys_go_to_a_page(tab: Page) -> None:
    tab.keyboard.type("gr")
    tab.wait_for_url("**/runs")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Runs")
    tab.keyboard.type("gh")
    tab.wait_for_url("**/")


def test_single_keys_can_be_switched_off_and_stay_off(tab: Page) -> None:
    tab.keyboard.press("?")
    sheet = tab.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("g r")
    sheet.get_by_label("Shortcuts of single keys").uncheck()
    sheet.get_by_role("button", name="Close").click()
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    tab.keyboard.type("gr?")
    expect(sheet).to_be_hidden()
    assert not tab.url.endswith("/runs")
    tab.keyboard.press("Control+k")
    expect(_palette(tab)).to_be_visible()


def test_letters_that_are_typed_stay_letters(tab: Page) -> None:
    tab.goto("/settings")
    name = tab.get_by_role("textbox").first
    name.focus()
    tab.keyboard.type("g?r")
    assert tab.url.endswith("/settings")
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
