"""/metrics: who may read it, what it counts, and what it never says."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from mixmodel_app import config
from mixmodel_app.api.app import create_api
from mixmodel_app.api.headers import SecurityHeaders
from mixmodel_app.api.metering import RequestMeter
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.storage import feeds, progress, pulse, queue
from tests.integration.scenes import Account, change_run

TOKEN = "f3c1d9a07be2448c"


@pytest.fixture
def web(clean: None) -> Iterator[TestClient]:
    """The API with its outer layers, called from this machine."""
    layered = partial(SecurityHeaders, policy="default-src 'self'", https_only=False)(RequestMeter(create_api()))
    with TestClient(layered, raise_server_exceptions=False, client=("127.0.0.1", 4711)) as client:
        yield client


@pytest.fixture
def with_token(monkeypatch: pytest.MonkeyPatch, web: TestClient) -> Iterator[None]:
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


def read(web: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels."""
    answer = web.get("/metrics")
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def sample(found: dict, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def test_programs_of_this_machine_may_read_it(web: TestClient) -> None:
    assert web.get("/metrics").headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("header", ["x-forwarded-for", "Forwarded", "Via", "X-Real-IP"])
def test_nothing_is_there_for_whoever_comes_through_a_proxy(web: TestClient, header: str) -> None:
    assert web.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_nothing_is_there_for_another_machine(clean: None) -> None:
    for address in ("10.0.0.7", "2001:db8::1", "testclient"):
        with TestClient(create_api(), client=(address, 4711)) as other:
            assert other.get("/metrics").status_code == 404


def test_with_a_token_the_token_alone_counts(with_token: None, web: TestClient) -> None:
    assert web.get("/metrics").status_code == 404
    assert web.get("/metrics", headers={"authorization": f"Bearer {TOKEN[:-1]}"}).status_code == 404
    assert web.get("/metrics", headers={"authorization": f"Bearer {TOKEN}é".encode()}).status_code == 404
    assert web.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    with TestClient(create_api(), client=("10.0.0.7", 4711)) as other:
        assert other.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_in_production_nothing_is_there_without_a_token(web: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("MIXMODEL_PUBLIC_URL", "http://localhost:8000")
    config.settings.cache_clear()
    try:
        assert web.get("/metrics").status_code == 404
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


async def test_whoever_follows_a_run_is_counted_until_they_leave(ann: Account) -> None:
    run_id = UUID(ann.start(ann.ready_dataset()))

    def following() -> float | None:
        return REGISTRY.get_sample_value("mixmodel_progress_streams")

    before = following()
    assert before is not None
    events = feeds.follow(ann.principal.workspace_id, run_id)
    assert await anext(events) is not None
    assert following() == before + 1
    await events.aclose()
    assert following() == before


def test_answers_are_counted_by_route_and_never_by_address(web: TestClient) -> None:
    before = read(web)
    for number in range(30):
        web.get(f"/api/models/{number:032x}/results")
        web.get(f"/api/nowhere-{number}")
        web.get(f"/nowhere-{number}")
        web.request(f"ODD{number}", "/health/live")
    after = read(web)
    labels = {"method": "GET", "route": "/api/models/{run_id}/results"}
    name = "mixmodel_http_requests_total"
    assert (
        sample(after, name, **labels, status="401")
        - before.get((name, frozenset({**labels, "status": "401"}.items())), 0)
        == 30
    )
    assert sample(after, "mixmodel_http_request_seconds_count", **labels) >= 30
    new = {key for key in after if key not in before and key[0] == name}
    assert len(new) <= 5, new
    assert "nowhere" not in str(new)


def test_the_queue_its_workers_and_the_janitor_are_seen(web: TestClient, ann: Account) -> None:
    found = read(web)
    assert sample(found, "mixmodel_queue_length") == 0
    assert sample(found, "mixmodel_queue_oldest_seconds") == 0
    assert ("mixmodel_janitor_silence_seconds", frozenset()) not in found
    ann.start(ann.ready_dataset())
    pulse.beat(pulse.JANITOR)
    found = read(web)
    assert sample(found, "mixmodel_queue_length") == 1
    assert 0 < sample(found, "mixmodel_queue_oldest_seconds") < 60
    assert sample(found, "mixmodel_workers", state="idle") == 0
    assert sample(found, "mixmodel_part_up", part="worker") == 0
    assert sample(found, "mixmodel_part_up", part="database") == 1
    assert 0 <= sample(found, "mixmodel_janitor_silence_seconds") < 60


def test_fits_are_counted_once_with_the_time_of_each_stage(web: TestClient, ann: Account) -> None:
    run_id = ann.start(ann.ready_dataset())
    workspace = ann.principal.workspace_id

    def tell(status: RunStatus, *stages: Stage) -> None:
        for stage in stages:
            progress.publish(workspace, ProgressEvent(run_id, status, stage, 50, "…"))

    tell(RunStatus.RUNNING, Stage.LOADING, Stage.SAMPLING, Stage.SAMPLING)
    tell(RunStatus.QUEUED, Stage.QUEUED)
    tell(RunStatus.RUNNING, Stage.LOADING, Stage.SAMPLING, Stage.EXTRACTING)
    tell(RunStatus.COMPLETED, Stage.DONE, Stage.DONE)
    found = read(web)
    assert sample(found, "mixmodel_fits_total", outcome="completed") == 1
    assert sample(found, "mixmodel_fits_total", outcome="failed") == 0
    assert sample(found, "mixmodel_fit_retries_total") == 1
    assert sample(found, "mixmodel_fit_stage_seconds_count", stage="sampling") == 2
    assert sample(found, "mixmodel_fit_stage_seconds_count", stage="queued") == 2
    assert sample(found, "mixmodel_fit_stage_seconds_bucket", stage="sampling", le="1800.0") == 2
    assert sample(found, "mixmodel_fit_stage_seconds_bucket", stage="sampling", le="+Inf") == 2


def test_a_run_that_is_cancelled_while_it_waits_is_counted(web: TestClient, ann: Account) -> None:
    run_id = ann.start(ann.ready_dataset())
    assert ann.post(f"/api/models/{run_id}/cancel").status_code == 202
    assert sample(read(web), "mixmodel_fits_total", outcome="cancelled") == 1


def test_connections_in_use_come_back_to_nought(web: TestClient, ann: Account) -> None:
    ann.get("/api/datasets")
    found = read(web)
    assert sample(found, "mixmodel_connections_in_use", pool="postgres") == 0
    assert sample(found, "mixmodel_postgres_pool_limit") == 20


def test_nothing_names_a_tenant(web: TestClient, register: Callable[..., dict[str, str]], ann: Account) -> None:
    run_id = ann.start(ann.ready_dataset())
    change_run(run_id, name="Secret Launch")
    ann.get(f"/api/models/{run_id}")
    text = web.get("/metrics").text
    for private in ("Quiet Harbour", "Secret Launch", "ann@", run_id, str(ann.principal.workspace_id), "weekly"):
        assert private not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


def test_a_redis_that_is_gone_is_a_value_and_no_failure(
    web: TestClient, monkeypatch: pytest.MonkeyPatch, ann: Account
) -> None:
    from mixmodel_app.storage import redis

    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    for cached in (config.settings, redis.client, redis.raw_client):
        cached.cache_clear()
    try:
        found = read(web)
    finally:
        monkeypatch.undo()
        for cached in (config.settings, redis.client, redis.raw_client):
            cached.cache_clear()
    assert sample(found, "mixmodel_part_up", part="redis") == 0
    assert ("mixmodel_queue_length", frozenset()) not in found


def test_a_worker_is_busy_by_the_name_of_its_job() -> None:
    assert str(queue.run_of("fit_0198c0de-0000-7000-8000-000000000000_2")) == "0198c0de-0000-7000-8000-000000000000"
    assert queue.run_of("fit_x_1") is None
    assert queue.run_of("") is None


def test_every_metric_of_the_example_rules_exists(web: TestClient, ann: Account) -> None:
    rules = (Path(__file__).resolve().parents[3] / "deploy/alerts.yml").read_text()
    groups = yaml.safe_load(rules)["groups"]
    wanted = set(re.findall(r"\bmixmodel_\w+", " ".join(rule["expr"] for group in groups for rule in group["rules"])))
    assert len(wanted) > 8
    pulse.beat(pulse.JANITOR)
    ann.get("/api/datasets")
    types = re.findall(r"^# TYPE (\S+)", web.get("/metrics").text, re.MULTILINE)
    known = {f"{name}{end}" for name in types for end in ("", "_bucket", "_total")}
    assert wanted <= known
