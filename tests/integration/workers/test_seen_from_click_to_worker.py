"""One run seen from the request to the worker: every line names both, and what nobody foresaw reaches Sentry."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from rq.job import Job

from mixmodel_app import __version__
from mixmodel_app.services import dataset_tables, runs
from mixmodel_app.storage import queue, redis
from mixmodel_app.storage.objects import objects
from tests.integration.scenes import QUICK, Account, run_row
from tests.sentry_intake import SentryIntake, sentry_intake

ROOT = Path(__file__).resolve().parents[3]
REQUEST = "click-4711-0815"

BURST = """
from mixmodel_app.config import settings
from mixmodel_app.logging import configure_logging, init_sentry
from mixmodel_app.storage import queue, redis
from workers.worker import FitWorker
configure_logging(settings(), "worker")
init_sentry(settings(), "worker")
worker = FitWorker([queue.line(queue.QUICK)], connection=redis.raw_client(), serializer="json", worker_ttl=25)
worker.work(burst=True, logging_level="WARNING")
"""
"""The worker without its warm-up, for what is in the queue."""


@pytest.fixture
def sentry() -> Iterator[SentryIntake]:
    with sentry_intake() as intake:
        yield intake


def work(**env: str) -> list[dict[str, Any]]:
    """Let a real worker empty the queue as in production; gives its log lines."""
    address = {"APP_ENV": "production", "MIXMODEL_PUBLIC_URL": "http://localhost:8000"}
    done = subprocess.run(
        [sys.executable, "-c", BURST],
        cwd=ROOT,
        env={**os.environ, **address, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def broken_run(account: Account) -> str:
    """A run that fails in a way that nobody foresaw, started by a named request."""
    dataset_id = account.ready_dataset()
    body = {"dataset_id": dataset_id, "config": QUICK}
    headers = account.headers | {"X-Request-ID": REQUEST}
    answer = account.api.post("/api/models/run", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    run_id = answer.json()["id"]
    objects().put(dataset_tables.parquet_key(run_row(run_id)["table_key"]), b"no table at all")
    return run_id


def test_every_line_of_the_worker_names_the_request_and_sentry_hears_of_the_fault(
    ann: Account, sentry: SentryIntake
) -> None:
    run_id = broken_run(ann)
    lines = work(SENTRY_DSN=sentry.dsn)
    row = run_row(run_id)
    assert row["status"] == "failed"
    told = [line["message"] for line in lines]
    assert [told[0], told[-1]] == ["run taken", "run ended"], told
    assert {line.get("request_id") for line in lines} == {REQUEST}
    assert {line.get("run_id") for line in lines} == {run_id}
    assert {line.get("workspace_id") for line in lines} == {str(ann.principal.workspace_id)}
    assert lines[-1]["duration_ms"] > 0
    assert "fit failed unexpectedly" in told
    [event] = sentry.errors()
    assert event["release"] == f"mixmodel@{__version__}"
    assert event["environment"] == "production"
    assert event["tags"]["service"] == "worker"
    assert (event["tags"]["request_id"], event["tags"]["run_id"]) == (REQUEST, run_id)


def meta(run_id: str, attempt: int) -> dict[str, str]:
    name = queue.job_id(UUID(run_id), attempt)
    return Job.fetch(name, connection=redis.raw_client(), serializer="json").meta


def test_another_attempt_keeps_the_request_that_began_it_all(ann: Account) -> None:
    run_id = broken_run(ann)
    told = {"request_id": REQUEST, "workspace_id": str(ann.principal.workspace_id)}
    assert meta(run_id, 1) == told
    queue.enqueue(UUID(run_id), 2)
    assert meta(run_id, 2) == told
    redis.client().flushdb()
    queue.enqueue(UUID(run_id), 3)
    assert "request_id" not in meta(run_id, 3)


def test_a_service_that_is_called_within_an_event_tells_its_id(ann: Account) -> None:
    dataset_id = UUID(ann.ready_dataset())
    with structlog.contextvars.bound_contextvars(request_id="event-1"):
        run = runs.start(ann.principal, dataset_id, None, QUICK)
    assert meta(run["id"], 1)["request_id"] == "event-1"
