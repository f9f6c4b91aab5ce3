"""From a CSV to a better budget, as one person walks it."""

import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mixmodel_app.wording import numbers
from tests.e2e.product import PASSWORD, Person, Product

CHANNELS = ("tv_S", "ooh_S", "print_S", "search_S", "facebook_S")

RECORD_PROGRESS = """() => {
  window.progressSeen = [];
  const look = () => {
    const shown = document.querySelector(".mm-progress-head strong");
    const percent = shown ? parseInt(shown.textContent, 10) : NaN;
    const last = window.progressSeen.at(-1);
    if (Number.isNaN(percent) || last?.[1] === percent) return;
    window.progressSeen.push([Date.now() / 1000, percent]);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


class _ApiProgress(threading.Thread):
    """Follows a run by the API beside the browser and keeps when each per cent came."""

    def __init__(self, person: Person, run_id: str) -> None:
        super().__init__(daemon=True)
        self.person, self.run_id = person, run_id
        self.seen: list[tuple[float, int]] = []
        self.last: dict[str, Any] = {}

    def run(self) -> None:
        for event in self.person.follow(self.run_id):
            self.last = event
            if not self.seen or self.seen[-1][1] != event["progress"]:
                self.seen.append((time.time(), event["progress"]))


@pytest.mark.fit
def test_from_a_file_to_a_better_budget(
    guest_page: Page, product: Product, sample_run: str, public_dataset: Path
) -> None:
    page = guest_page
    person = _register(page, product)
    dataset_id = _upload(page, public_dataset)
    _confirm_columns(page)
    _read_the_checks(page)
    run_id = _start_a_run(page)
    _watch_it_move(page, person, run_id)
    _read_three_views(page, person, run_id)
    _plan(page, person, run_id)
    assert person.get(f"/api/datasets/{dataset_id}")["status"] == "validated"


def _register(page: Page, product: Product) -> Person:
    page.goto("/")
    expect(page).to_have_url(f"{product.url}/login")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill("Ann Example")
    email = f"ann-{int(time.time() * 1000)}@example.com"
    page.get_by_label("Work email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("See what your marketing returns")
    return product.person(email, PASSWORD)


def _upload(page: Page, file: Path) -> str:
    page.get_by_role("link", name="Upload your data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload data")
    page.locator("#dataset_file input[type=file]").set_input_files(file)
    page.wait_for_url("**/datasets/*/columns")
    expect(page.get_by_role("heading", level=1)).to_have_text(file.name)
    return page.url.split("/")[-2]


def _role(page: Page, column: str) -> str:
    card = page.locator("article.mm-column").filter(has=page.get_by_role("heading", name=column, exact=True))
    return card.locator("select").first.input_value()


def _confirm_columns(page: Page) -> None:
    expect(page.locator("article.mm-column")).to_have_count(12)
    roles = {column: _role(page, column) for column in ("DATE", "revenue", *CHANNELS, "competitor_sales_B", "events")}
    assert roles == {
        "DATE": "date",
        "revenue": "target",
        **dict.fromkeys(CHANNELS, "spend"),
        "competitor_sales_B": "control",
        "events": "ignored",
    }
    events = page.locator("article.mm-column").filter(has=page.get_by_role("heading", name="events", exact=True))
    expect(events).to_contain_text("text: a model needs numbers")
    page.get_by_role("button", name="Confirm and check the data").click()
    page.wait_for_url("**/check")


def _read_the_checks(page: Page) -> None:
    expect(page.get_by_text("0 errors")).to_be_visible()
    expect(page.get_by_text("208 weeks").first).to_be_visible()
    page.get_by_role("link", name="Continue anyway").or_(page.get_by_role("link", name="Set up a run")).first.click()
    page.wait_for_url("**/runs/new?dataset=*")


def _start_a_run(page: Page) -> str:
    """With more draws than a quick fit, so that it lasts while two tabs open and one reloads."""
    expect(page.get_by_role("radio", name="Quick")).to_be_checked()
    page.locator(".mm-fold > summary").last.click()
    page.get_by_label("Draws per chain").fill("2500")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Custom")).to_be_checked()
    page.get_by_role("button", name="Start the fit").click()
    page.wait_for_url(lambda url: "/runs/" in url and "/runs/new" not in url)
    return page.url.split("/")[-1]


def _watch_it_move(page: Page, person: Person, run_id: str) -> None:
    api = _ApiProgress(person, run_id)
    api.start()
    second = page.context.new_page()
    second.goto(f"/runs/{run_id}")
    expect(second.get_by_role("progressbar")).to_be_visible()
    second.evaluate(RECORD_PROGRESS)
    page.reload()
    expect(page.get_by_role("progressbar")).to_be_visible()
    second.wait_for_url(f"**/results/{run_id}", timeout=120_000)
    page.wait_for_url(f"**/results/{run_id}", timeout=10_000)
    api.join(timeout=10)
    assert api.last["status"] == "completed"
    _check_progress(second.evaluate("() => window.progressSeen"), api.seen)
    second.close()


def _check_progress(shown: list[list[float]], written: list[tuple[float, int]]) -> None:
    percents = [percent for _, percent in written]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert max(later - earlier for earlier, later in pairwise(percents)) <= 5, f"an event every 5 %: {percents}"
    on_page = [percent for _, percent in shown]
    assert on_page == sorted(on_page)
    assert len(on_page) > 5, f"the page moved: {on_page}"
    for at, percent in written:
        if not shown[0][0] < at or percent == 100:
            continue
        assert any(seen >= percent for _, seen in shown), f"the page never showed {percent} %"


def _read_three_views(page: Page, person: Person, run_id: str) -> None:
    views = person.get(f"/api/models/{run_id}/results")
    executive, manager, analyst = views["executive"], views["manager"], views["analyst"]
    returned = numbers.roas(executive["blended_roas"])
    expect(page.locator(".mm-stat-value").first).to_have_text(returned)
    expect(page.locator(".mm-stat-range").first).to_contain_text(_range(executive["blended_roas_hdi"]))
    expect(page.locator(".mm-headline")).to_have_text(executive["headline"])
    for sentence in executive["recommendations"]:
        expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_role("link", name="Manager").click()
    page.wait_for_url("**?view=manager")
    for channel, roas in manager["channel_roas"].items():
        line = page.get_by_role("row").filter(has=page.get_by_text(channel, exact=True)).first
        expect(line).to_contain_text(numbers.roas(roas))
        expect(line).to_contain_text(_range(manager["channel_roas_hdi"][channel]))
        expect(line).to_contain_text(numbers.roas(manager["marginal_roas"][channel]))
    page.get_by_role("link", name="Analyst").click()
    page.wait_for_url("**?view=analyst")
    worst = max(one["rhat"] for one in analyst["diagnostics"].values())
    assert worst < 1.05
    for name, found in analyst["diagnostics"].items():
        line = page.get_by_role("row").filter(has=page.locator("code", has_text=name)).first
        expect(line).to_contain_text(numbers.rhat(found["rhat"]))
    expect(page.get_by_text(numbers.percent(analyst["r2"])).first).to_be_visible()


def _range(hdi: list[float]) -> str:
    return numbers.value_range(hdi[0], hdi[1], numbers.roas)


def _plan(page: Page, person: Person, run_id: str) -> None:
    page.get_by_role("link", name="Plan the budget").click()
    page.wait_for_url(f"**/budget/{run_id}")
    current = person.post(f"/api/models/{run_id}/evaluate", {"allocation": {}})["current"]
    total = sum(current.values())
    page.get_by_role("button", name="Optimise").click()
    question = {
        "total_budget": total,
        "min_per_channel": {name: 0.5 * money for name, money in current.items()},
        "max_per_channel": {name: 1.5 * money for name, money in current.items()},
        "cap_extrapolation": True,
    }
    plan = person.post(f"/api/models/{run_id}/optimize", question)
    for channel, money in plan["optimized_allocation"].items():
        box = page.get_by_label(f"Budget of {channel}", exact=True)
        expect(box).to_have_value(numbers.full_money(money))
    expect(page.get_by_text(numbers.signed_money(plan["gain"])).first).to_be_visible()
    budget = page.get_by_label("Total budget", exact=True)
    budget.fill("lots")
    budget.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not a number")
