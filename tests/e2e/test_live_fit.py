"""A fit as it forms: stages, ranges that settle, and what is left of one that was cut short."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person, Product
from tests.tables import weekly_csv

CHAINS = 4
CHANNELS = ("tv", "search", "radio", "print", "mail")
LONG = {"mode": "custom", "n_samples": 10_000, "tune_steps": 500, "n_chains": CHAINS, "random_seed": 1}
"""Lasts long enough to be looked at on any machine."""
SHIFTS = """() => {
  window.shifted = 0;
  const add = (list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) window.shifted += one.value; });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
}"""

pytestmark = pytest.mark.fit


def test_ranges_settle_before_the_eye_and_nothing_jumps(
    open_context: Callable[..., BrowserContext], person: Person, sample_run: str
) -> None:
    page = open_context(person).new_page()
    run_id = person.start_run(person.ready_dataset(weekly_csv(200, CHANNELS)), name="Long", **LONG)
    page.goto(f"/runs/{run_id}")
    page.evaluate(SHIFTS)
    for stage in ("Load data", "Prepare", "Tune", "Sample", "Compute results"):
        expect(page.get_by_role("listitem").filter(has_text=stage)).to_be_visible()
    returns = page.get_by_role("table", name="Provisional returns by channel")
    expect(page.locator(".mm-range-bar")).to_have_count(len(CHANNELS), timeout=60_000)
    expect(page.get_by_text("draws per chain; R-hat")).to_contain_text("Provisional – from")
    expect(returns.get_by_role("row").filter(has_text="–").first).to_be_visible()
    page.get_by_text("What the sampler does").click()
    chains = page.get_by_role("region", name="Chains of the sampler")
    expect(chains.get_by_role("row")).to_have_count(1 + CHAINS)
    assert page.evaluate("() => window.shifted") < 0.05
    assert person.api.get(f"/api/models/{run_id}/results").status_code == 409, "not in any result"
    card = page.locator(".mm-card", has=returns)
    expect(card.get_by_role("link").or_(card.get_by_role("button"))).to_have_count(0)
    page.reload()
    expect(page.locator(".mm-range-bar")).to_have_count(len(CHANNELS))
    person.post(f"/api/models/{run_id}/cancel")
    person.until(run_id, "cancelled", limit_s=20)


def test_a_running_page_is_accessible_on_a_phone_too(
    open_context: Callable[..., BrowserContext], person: Person, sample_run: str
) -> None:
    tab = open_context(
        person,
        viewport={"width": 390, "height": 844},
        color_scheme="light",
        bypass_csp=True,
        reduced_motion="reduce",
    ).new_page()
    run_id = person.start_run(person.ready_dataset(weekly_csv(200, CHANNELS)), **LONG)
    tab.goto(f"/runs/{run_id}")
    expect(tab.locator(".mm-range-bar")).to_have_count(len(CHANNELS), timeout=60_000)
    tab.get_by_text("What the sampler does").click()
    found = serious_in_both_themes(tab)
    width = tab.evaluate("() => document.documentElement.scrollWidth")
    person.api.post(f"/api/models/{run_id}/cancel")
    assert not found, "\n".join(found)
    assert width <= 390


def test_what_a_time_limit_left_can_be_seen_and_not_taken(
    page: Page, person: Person, product: Product, sample_run: str
) -> None:
    run_id = person.start_run(person.ready_dataset(weekly_csv()), name="Cut short")
    person.until(run_id, "completed")
    _cut_short(product, run_id)
    page.goto(f"/runs/{run_id}")
    sentence = "Incomplete: the time limit stopped this fit."
    expect(page.get_by_text("The run failed")).to_be_visible()
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    page.get_by_role("link", name="See what was sampled").click()
    page.wait_for_url(f"**/results/{run_id}")
    for view in ("Executive", "Manager", "Analyst"):
        page.get_by_role("link", name=view).click()
        expect(page.get_by_role("link", name=view)).to_have_attribute("aria-current", "page")
        expect(page.get_by_text(sentence)).to_be_visible()
        expect(page.get_by_role("link", name="Plan the budget")).to_have_count(0)
        expect(page.locator("a[download]")).to_have_count(0)


def _cut_short(product: Product, run_id: str) -> None:
    """The finished run as if its time had run out: a real one would take the limit's minutes."""
    change = text(
        "UPDATE model_runs SET status = 'failed', stage = 'error', error_message = 'The fit took too long.', "
        "results = jsonb_set(results, '{incomplete}', CAST(:yes AS jsonb)) WHERE id = :id"
    )
    with product.database.begin() as connection:
        connection.execute(change, {"yes": json.dumps(True), "id": run_id})
