"""What is seen of the running product: one id from the click to the worker, metrics of all processes, the doctor, the
page of the installation."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Console
from tests.e2e.product import ROOT, Person, Product
from tests.tables import weekly_csv

PHONE = {"width": 390, "height": 844}
START = "event NewRunState.start"
"""What the web writes when that event is over, which may be after the page has moved on."""


def lines_with(product: Product, process: str, text: str, until: str = "", limit_s: float = 20) -> list[str]:
    """Log lines of a process that hold `text`, once there is one, and one of them that holds `until`."""
    deadline = time.monotonic() + limit_s
    while True:
        log = (product.home / "logs" / f"{process}.log").read_text()
        found = [line for line in log.splitlines() if text in line]
        if any(until in line for line in found) or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def field_of(line: str, name: str) -> str:
    found = re.search(rf"\b{name}=(\S+)", line)
    assert found, line
    return found.group(1)


@pytest.mark.fit
def test_a_click_is_found_in_the_workers_log(product: Product, person: Person, page: Page) -> None:
    dataset_id = person.ready_dataset(weekly_csv(weeks=60))
    page.goto(f"/runs/new?dataset={dataset_id}")
    page.get_by_role("button", name="Start the fit").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}"))
    run_id = person.get("/api/models")[0]["id"]
    [queued] = lines_with(product, "web", f"run_id={run_id}")
    assert "run queued" in queued
    click = field_of(queued, "request_id")
    [event] = [line for line in lines_with(product, "web", click, until=START) if START in line]
    assert field_of(event, "outcome") == "ok"
    assert float(field_of(event, "duration_ms")) > 0
    assert field_of(event, "workspace_id") == person.user["workspace_id"]
    person.until(run_id, "completed")
    told = lines_with(product, "worker", run_id, until="run ended")
    assert [field_of(line, "request_id") for line in told] == [click] * len(told)
    assert "run taken" in told[0]
    assert "run ended" in told[-1]


@pytest.mark.fit
def test_a_programs_own_request_id_is_found_in_the_workers_log(product: Product, person: Person) -> None:
    dataset_id = person.ready_dataset(weekly_csv(weeks=60))
    body = {"dataset_id": dataset_id, "config": {"mode": "custom", "n_samples": 100, "tune_steps": 100, "n_chains": 2}}
    answer = person.api.post("/api/models/run", json=body, headers={"X-Request-ID": "order-4711-a"})
    assert answer.status_code == 201, answer.text
    person.until(answer.json()["id"], "completed")
    asked = lines_with(product, "web", "order-4711-a", until="POST /api/models/run")
    assert any("run queued" in line for line in asked)
    told = lines_with(product, "worker", "order-4711-a", until="run ended")
    assert "run taken" in told[0]
    assert "run ended" in told[-1]


def test_metrics_count_requests_events_and_fits(product: Product, sample_run: str, page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    text = product.http.get("/metrics").text
    found = dict(re.findall(r"^(mixmodel_\S+?) (\S+)$", text.replace(", ", ","), re.MULTILINE))
    assert float(found['mixmodel_events_total{handler="RunsState.load",outcome="ok"}']) >= 1
    assert float(found['mixmodel_http_requests_total{method="POST",route="/api/auth/login",status="200"}']) >= 1
    assert float(found['mixmodel_fits_total{outcome="completed"}']) >= 1
    assert float(found["mixmodel_sockets"]) >= 1
    assert float(found['mixmodel_workers{state="idle"}']) + float(found['mixmodel_workers{state="busy"}']) == 1
    assert float(found["mixmodel_janitor_silence_seconds"]) < 60
    assert product.http.get("/metrics", headers={"x-forwarded-for": "10.0.0.7"}).status_code == 404


def test_an_error_in_the_browser_reaches_the_log(product: Product, page: Page, console: Console) -> None:
    console.expect("lost-in-the-browser")
    page.goto("/runs")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate("setTimeout(() => { throw new TypeError('lost-in-the-browser-4711') }, 0)")
    [line, *_] = lines_with(product, "web", "lost-in-the-browser-4711")
    assert "error in a browser" in line


def test_the_doctor_finds_the_running_product_well(product: Product, sample_run: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mixmodel_app.cli", "doctor", "--json"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "MIXMODEL_HOME": str(product.home), "MIXMODEL_PORT": str(product.port)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    states = {one["name"]: one["state"] for one in report["findings"]}
    wanted = ("database.migrations", "redis.events", "storage.usable", "processes.workers", "processes.janitor")
    assert {name: states[name] for name in (*wanted, "web.pages", "web.reachable", "secrets.files")} == dict.fromkeys(
        (*wanted, "web.pages", "web.reachable", "secrets.files"), "ok"
    )


def test_an_admin_sees_failed_runs_and_starts_one_again(
    product: Product, person: Person, open_context: Callable[..., BrowserContext]
) -> None:
    dataset_id = person.ready_dataset(weekly_csv(weeks=60))
    run_id = person.start_run(dataset_id, "Spring", mode="custom", n_samples=100, tune_steps=100, n_chains=1)
    list(person.follow(run_id))
    with product.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE model_runs SET status = 'failed', error_message = 'It needed more memory.' WHERE id = %s", (run_id,)
        )
    tab = open_context(person, viewport=PHONE).new_page()
    tab.goto("/")
    tab.get_by_role("button", name="Open navigation").click()
    tab.get_by_role("link", name="Operations").click()
    expect(tab.get_by_role("heading", level=1, name="Operations")).to_be_visible()
    row = tab.get_by_role("row", name="Spring")
    expect(row).to_contain_text("It needed more memory.")
    expect(tab.get_by_role("table", name="Parts of the installation")).to_contain_text("Janitor")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out on a phone"
    row.get_by_role("button", name="Run again").click()
    tab.wait_for_url(re.compile(r"/runs/(?!.*" + run_id + r")[0-9a-f-]{36}"))
    names = [run["name"] for run in person.get("/api/models")]
    assert names == ["Spring", "Spring"]
