"""Looking at a part of the data: every number follows, and the address says so."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mixmodel_app.wording import numbers
from tests.e2e.product import Person


@pytest.fixture
def manager(open_context: Callable[..., BrowserContext], sample_person: Person, sample_run: str) -> Page:
    page = open_context(sample_person).new_page()
    page.goto(f"/results/{sample_run}?view=manager")
    expect(page.get_by_role("heading", name="Channels")).to_be_visible()
    return page


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_period_changes_every_number_and_stays_in_the_address(
    manager: Page, sample_person: Person, sample_run: str
) -> None:
    found = sample_person.get(f"/api/models/{sample_run}/results", view="manager", period="last_year")
    manager.get_by_label("Period", exact=True).select_option("last_year")
    manager.wait_for_url("**period=last_year*")
    for name, spend in found["spend"].items():
        line = manager.get_by_role("row").filter(has=manager.get_by_role("rowheader", name=name)).first
        expect(line).to_contain_text(numbers.full_money(spend))
        expect(line).to_contain_text(numbers.roas(found["channel_roas"][name]))
    manager.reload()
    expect(manager.get_by_label("Period", exact=True)).to_have_value("last_year")
    manager.get_by_role("link", name="Executive").click()
    manager.wait_for_url("**view=executive*")
    assert _query(manager)["period"] == ["last_year"]
    with manager.expect_download() as started:
        manager.get_by_role("link", name="Web page (HTML)").click()
    assert "period=last_year" in started.value.url


def test_dates_and_a_margin_are_typed_and_what_means_nothing_is_said(manager: Page) -> None:
    manager.get_by_label("Margin, %").fill("40")
    manager.get_by_role("button", name="Apply").click()
    manager.wait_for_url("**margin=40*")
    expect(manager.locator("#chart-roas")).to_contain_text("2.50")
    manager.get_by_label("Margin, %").fill("much")
    manager.get_by_role("button", name="Apply").click()
    expect(manager.get_by_text("Margin must be a number above 0")).to_be_visible()
