"""Two runs side by side in the browser: one sentence, why, and the ranges of both."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person, Product
from tests.tables import weekly_csv

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def person(product: Product) -> Person:
    return product.new_person()


@pytest.fixture(scope="module")
def two_runs(person: Person) -> tuple[str, str]:
    """Two finished runs on one dataset that differ in one setting."""
    dataset = person.ready_dataset(weekly_csv(weeks=104))
    first = person.start_run(dataset, "Short carryover", mode="quick", l_max=3, random_seed=1)
    second = person.start_run(dataset, "Long carryover", mode="quick", l_max=8, random_seed=1)
    for run_id in (first, second):
        person.until(run_id, "completed")
    return first, second


@pytest.mark.fit
def test_what_moved_and_why_is_said(page: Page, two_runs: tuple[str, str]) -> None:
    first, second = two_runs
    page.goto("/runs")
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_label("First run")).to_have_value(second)
    expect(page.locator(".mm-headline")).to_contain_text("return")
    expect(page.get_by_text("Settings differ in: Longest carryover, in periods.")).to_be_visible()
    returns = page.get_by_role("table", name="Returns of both runs")
    expect(returns.locator("tbody tr")).to_have_count(2)
    settings = page.get_by_role("table", name="Settings that differ")
    expect(settings).to_contain_text("Longest carryover, in periods")
    page.goto(f"/compare?a={first}&b={second}")
    expect(page.get_by_label("First run")).to_have_value(first)
    expect(settings.locator("tbody tr td").first).to_have_text("3")


@pytest.mark.fit
def test_the_comparison_is_accessible_and_fits_a_phone(
    open_context: Callable[..., BrowserContext], person: Person, two_runs: tuple[str, str]
) -> None:
    tab = open_context(
        person, color_scheme="light", bypass_csp=True, reduced_motion="reduce", viewport=PHONE
    ).new_page()
    tab.goto("/compare?a={}&b={}".format(*two_runs))
    expect(tab.locator(".mm-headline")).to_be_visible()
    assert not (found := serious_in_both_themes(tab)), found
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
