"""Runs that do not end well: cancelled by a person, failed with a reason, their worker killed."""

import signal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import Person, Product
from tests.tables import weekly_csv

LONG = {"mode": "custom", "n_samples": 10_000, "tune_steps": 10_000, "n_chains": 4, "random_seed": 1}

pytestmark = pytest.mark.fit


def test_a_run_is_cancelled_from_its_page(page: Page, person: Person, sample_run: str) -> None:
    run_id = person.start_run(person.ready_dataset(weekly_csv()), name="Too long", **LONG)
    page.goto(f"/runs/{run_id}")
    person.until(run_id, "running")
    page.get_by_role("button", name="Cancel run").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel run").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel run").click()
    expect(page.get_by_text("The run was cancelled. Nothing of it was kept.")).to_be_visible(timeout=10_000)
    assert person.until(run_id, "cancelled", limit_s=10)["stage"] == "error"
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_a_failed_run_says_why(page: Page, person: Person, sample_run: str) -> None:
    landing = {"name": "Moon landing", "start": "1969-07-20", "end": "1969-07-20"}
    run_id = person.start_run(person.ready_dataset(weekly_csv()), events=[landing])
    person.until(run_id, "failed")
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_text("The run failed")).to_be_visible()
    expect(page.get_by_text("The event 'Moon landing' lies outside the data.").first).to_be_visible()
    expect(page.get_by_role("link", name="See what was sampled")).to_have_count(0)
    page.get_by_text("Technical detail").click()
    expect(page.get_by_text(run_id)).to_be_visible()
    assert person.get(f"/api/models/{run_id}")["error_message"].startswith("The event 'Moon landing' lies outside")


def test_a_killed_worker_does_not_lose_the_run(person: Person, product: Product, sample_run: str) -> None:
    config = {"mode": "custom", "n_samples": 2_000, "n_chains": 2, "tune_steps": 500, "random_seed": 3}
    run_id = person.start_run(person.ready_dataset(weekly_csv()), **config)
    for event in person.follow(run_id):
        if event["stage"] in ("tuning", "sampling"):
            break
    worker = product.process("mixmodel_app.cli", "worker")
    horses = worker.children(recursive=True)
    assert horses, "the fit runs in a process of its own"
    worker.send_signal(signal.SIGKILL)
    last = list(person.follow(run_id, limit_s=120))[-1]
    run = person.get(f"/api/models/{run_id}")
    assert run["status"] == last["status"]
    if last["status"] == "failed":
        assert run["error_message"]
    else:
        assert last["status"] == "completed"
        assert person.get(f"/api/models/{run_id}/results")["executive"]["total_revenue"] > 0
    assert not [horse for horse in horses if horse.is_running()], "no orphan goes on fitting"
    assert product.http.get("/health").json()["checks"]["worker"] == "ok"
