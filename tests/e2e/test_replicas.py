"""Two webs and two workers behind nginx: what a person notices when one of them goes, which is little."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.cluster import Cluster, cluster
from tests.e2e.conftest import put_cookies
from tests.e2e.product import PASSWORD, Person, temporary_home
from tests.tables import weekly_csv

RECOVERY_LIMIT_MS = 60_000
CHANNELS = ("tv", "search", "radio", "print", "mail", "social", "video", "outdoor")
LONG = {
    "mode": "custom",
    "n_samples": 10_000,
    "tune_steps": 10_000,
    "n_chains": 1,
    "random_seed": 1,
    "adstock_type": "weibull",
    "saturation_type": "hill",
}
"""With that many channels it outlasts two restarts by far; one chain leaves a core to them."""
MEDIUM = {"mode": "custom", "n_samples": 3_000, "tune_steps": 3_000, "n_chains": 2, "random_seed": 1}
"""Long enough to take the storage away meanwhile."""
UPLOAD_LIMIT = 50 * 1024 * 1024

pytestmark = pytest.mark.fit


@pytest.fixture(scope="module")
def site() -> Iterator[Cluster]:
    with temporary_home() as home, cluster(Path(home)) as running:
        yield running


@pytest.fixture(scope="module")
def person(site: Cluster) -> Person:
    return site.new_person()


@pytest.fixture
def open_page(site: Cluster, browser: Browser, person: Person) -> Iterator[Page]:
    """A tab of that person, and what Chromium complains about but for the outages themselves."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(RECOVERY_LIMIT_MS)
    put_cookies(context, site, person)
    errors: list[str] = []
    context.on("weberror", lambda event: errors.append(str(event.error)))
    yield context.new_page()
    context.close()
    assert not errors


def test_a_page_outlives_its_web_and_both_workers_work(site: Cluster, open_page: Page, person: Person) -> None:
    dataset_id = person.ready_dataset(weekly_csv(400, CHANNELS))
    run_id, other = (person.start_run(dataset_id, **LONG, name=name) for name in ("One", "Other"))
    for each in (run_id, other):
        person.until(each, "running")
    for web in site.webs:
        assert _first_event(web.url, run_id, person)["status"] == "running", "progress streams from either"
    person.post(f"/api/models/{other}/cancel")  # it would only slow the restarts
    person.until(other, "cancelled")
    open_page.goto(f"/runs/{run_id}")
    open_page.get_by_text("What the sampler does").click(timeout=RECOVERY_LIMIT_MS)
    _expect_movement(open_page)
    for web in site.webs:  # one of the two holds the page's socket
        web.kill()
        _expect_movement(open_page)
        expect(open_page.locator(".mm-connection")).to_have_count(0)
        web.start()
        web.wait()
    open_page.get_by_role("button", name="Cancel run").click()
    open_page.get_by_role("alertdialog").get_by_role("button", name="Cancel run").click()
    expect(open_page.get_by_text("The run was cancelled.")).to_be_visible(timeout=RECOVERY_LIMIT_MS)


def test_a_run_waits_for_the_storage_and_says_so(site: Cluster, open_page: Page, person: Person) -> None:
    run_id = person.start_run(person.ready_dataset(weekly_csv(200)), **MEDIUM)
    person.until(run_id, "running")
    open_page.goto(f"/runs/{run_id}")
    has_its_data = open_page.locator("[data-stage=tuning], [data-stage=sampling]").first
    expect(has_its_data).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    site.files.stop()
    try:
        waits = open_page.get_by_text("Waiting for the file storage, which does not answer").first
        expect(waits).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    finally:
        site.files.start()
    open_page.wait_for_url(f"**/results/{run_id}", timeout=RECOVERY_LIMIT_MS)
    assert person.api.get(f"/api/models/{run_id}/artifact").content.startswith(b"\x89HDF")


def test_a_half_filled_form_stays_when_one_web_is_killed_and_the_other_replaced(
    site: Cluster, open_page: Page, person: Person
) -> None:
    form, settings = open_page, open_page.context.new_page()
    settings.goto("/settings")
    expect(settings.get_by_label("Name of the workspace")).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    settings.get_by_label("Name of the workspace").fill("Renamed Ltd")
    settings.get_by_label("Name of the workspace").blur()  # leaving the field sends what was typed
    form.goto(f"/runs/new?dataset={person.ready_dataset(weekly_csv())}")
    expect(form.get_by_role("radio", name="Quick")).to_be_checked(timeout=RECOVERY_LIMIT_MS)
    for summary in form.locator(".mm-fold > summary").all():
        summary.click()
    form.get_by_role("button", name="Add an event").click()
    event = form.get_by_role("group", name="Event 1")
    event.get_by_label("Name", exact=True).fill("Warehouse fire")
    event.get_by_label("First day", exact=True).fill("2023-05-01")
    form.get_by_label("Trend of the baseline").select_option("none")
    form.get_by_label("Draws per chain").fill("750")
    form.get_by_label("Tuning steps per chain").focus()
    # What is on its way at the moment of a kill is lost; this answer says that all before has arrived.
    expect(form.get_by_text("Draws per chain: 750, not 500")).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    site.webs[0].kill()
    site.webs[0].start()
    site.webs[0].wait()
    site.webs[1].roll()
    event.get_by_label("Last day", exact=True).fill("2023-05-14")
    expect(form.get_by_label("Draws per chain")).to_have_value("750")
    form.get_by_role("button", name="Start the fit").click()
    form.wait_for_url(re.compile(r"/(runs|results)/[0-9a-f-]{36}"), timeout=RECOVERY_LIMIT_MS)
    config = person.get("/api/models")[0]["config"]
    assert (config["n_samples"], config["trend"]) == (750, "none")
    assert config["events"] == [{"name": "Warehouse fire", "start": "2023-05-01", "end": "2023-05-14"}]
    settings.get_by_role("button", name="Rename").click()
    expect(settings.get_by_text("Saved.")).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    assert person.get("/api/workspace")["name"] == "Renamed Ltd"


def test_requests_reach_either_web_with_their_real_address(site: Cluster, person: Person) -> None:
    """Each 127.x address is a caller of its own. The counts are the same whichever web answers."""
    site.lift_limits()
    body = {"email": person.email, "password": "Wrong-horse-7"}

    def codes(caller: str) -> list[int]:
        with httpx.Client(transport=httpx.HTTPTransport(local_address=caller)) as client:
            url = site.url.replace("localhost", "127.0.0.1") + "/api/auth/login"
            forged = [{"x-forwarded-for": f"198.51.100.{n}"} for n in range(6)]
            return [client.post(url, json=body, headers=headers).status_code for headers in forged]

    assert codes("127.0.0.5") == [401] * 5 + [429]
    assert codes("127.0.0.6") == [401] * 5 + [429], "somebody else has a count of their own"
    site.lift_limits()
    assert site.http.post("/api/auth/login", json=body | {"password": PASSWORD}).status_code == 200
    served = [_served_by(site) for _ in range(8)]
    assert len(set(served)) == 2, "clicks land on either"


def test_a_file_of_50_mb_passes_and_a_larger_one_does_not(site: Cluster, person: Person) -> None:
    def send(size: int) -> httpx.Response:
        return person.api.post("/api/datasets/upload", files={"file": ("large.xlsx", b"PK" + bytes(size - 2))})

    whole = send(UPLOAD_LIMIT)
    assert (whole.status_code, whole.json()["code"]) == (400, "unreadable_file"), "it has arrived and is no workbook"
    assert send(UPLOAD_LIMIT + 3 * 1024 * 1024).status_code == 413


def _first_event(url: str, run_id: str, person: Person) -> dict[str, object]:
    """The first progress event of a run, from one web and not through the proxy."""
    headers = {"Authorization": person.api.headers["Authorization"]}
    with httpx.stream("GET", f"{url}/api/models/{run_id}/progress", headers=headers, timeout=30) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended without an event")


def _expect_movement(page: Page) -> None:
    """The chains on screen go on being drawn."""
    chains = page.get_by_role("region", name="Chains of the sampler")
    expect(chains.get_by_role("row").nth(1)).to_be_visible(timeout=RECOVERY_LIMIT_MS)
    before, deadline = chains.inner_text(), time.monotonic() + RECOVERY_LIMIT_MS / 1000
    while chains.inner_text() == before:
        assert time.monotonic() < deadline, "the page stands still"
        page.wait_for_timeout(100)


def _served_by(site: Cluster) -> str:
    """The name of the web that answers, from its log."""
    answer = httpx.get(f"{site.url}/api/auth/me", headers={"authorization": "Bearer none"})
    request_id, deadline = answer.headers["x-request-id"], time.monotonic() + 10
    while time.monotonic() < deadline:
        for web in site.webs:
            if request_id in web.log.read_text():
                return web.name
        time.sleep(0.05)
    raise AssertionError("no web has logged the request")
