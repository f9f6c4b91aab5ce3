"""How pages look: dark mode that stays, a phone's width, and nothing that runs off the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Console
from tests.e2e.product import Person
from tests.e2e.sites import PAGES, PUBLIC_PAGES, visit

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
WIDER_TEXT = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
"""What readers may do to text (WCAG 1.4.12)."""
BACKGROUND = "() => getComputedStyle(document.querySelector('.radix-themes')).backgroundColor"
OVERFLOW = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.closest(".mm-table-frame") === null)
  .slice(0, 5).map((one) => `${one.tagName}.${one.className}`)"""


def test_dark_mode_stays(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    light = page.evaluate(BACKGROUND)
    page.get_by_role("button", name="Account and theme").first.click()
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_class("dark")
    page.reload()
    expect(page.locator("html")).to_have_class("dark")
    assert page.evaluate(BACKGROUND) != light
    other = page.context.new_page()
    other.goto("/runs")
    expect(other.locator("html")).to_have_class("dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_system_decides_until_one_chooses(
    open_context: Callable[..., BrowserContext], person: Person, scheme: str
) -> None:
    tab = open_context(person, color_scheme=scheme).new_page()
    tab.goto("/")
    expect(tab.locator("html")).to_have_class(scheme)


def test_a_phone_has_the_navigation_in_a_drawer(open_context: Callable[..., BrowserContext], person: Person) -> None:
    tab = open_context(person, viewport=PHONE).new_page()
    tab.goto("/")
    expect(tab.get_by_role("navigation", name="Main", exact=True)).to_be_hidden()
    tab.get_by_role("button", name="Open navigation").click()
    drawer = tab.get_by_role("dialog")
    drawer.get_by_role("link", name="Runs").click()
    tab.wait_for_url("**/runs")
    expect(drawer).to_be_hidden()
    expect(tab.get_by_role("heading", level=1)).to_have_text("No run yet")


@pytest.mark.parametrize("name", [*PUBLIC_PAGES, *PAGES])
def test_no_page_scrolls_sideways_on_the_narrowest_screen(
    open_context: Callable[..., BrowserContext], console: Console, sample_person: Person, name: str
) -> None:
    console.expect("/no-such-page")
    tab = open_context(None if name in PUBLIC_PAGES else sample_person, viewport=NARROW).new_page()
    visit(tab, sample_person, name)
    _assert_fits(tab, name)
    tab.add_style_tag(content=WIDER_TEXT)
    _assert_fits(tab, f"{name} with wider text")


def _assert_fits(tab: Page, what: str) -> None:
    width = tab.evaluate("() => document.documentElement.scrollWidth")
    assert width <= NARROW["width"], f"{what} is {width} px wide: {tab.evaluate(OVERFLOW)}"
