"""Runs whose worker or job is gone: another attempt while there is one left, else an end with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from mixmodel_app.storage import queue, redis
from mixmodel_app.storage.models import now
from mixmodel_app.storage.repositories.leases import MAX_ATTEMPTS, STALE_AFTER
from tests.integration.scenes import Account, change_run, events_of, run_row
from workers import janitor
from workers.recovery import reconcile, worker_lost

LONG_AGO = now() - STALE_AFTER - timedelta(seconds=1)


@pytest.fixture
def run_id(ann: Account) -> str:
    return ann.start(ann.ready_dataset())


def _running(run_id: str, **values: Any) -> None:
    lease = UUID(int=7)
    change_run(run_id, **{"status": "running", "stage": "sampling", "progress": 60, "lease_token": lease} | values)


def test_a_silent_worker_loses_the_run_to_another_attempt(ann: Account, run_id: str) -> None:
    _running(run_id, heartbeat_at=LONG_AGO)
    reconcile()
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["progress"], row["lease_token"]) == ("queued", 2, 0, None)
    assert queue.knows(UUID(run_id), 2)
    last = events_of(ann.principal.workspace_id, UUID(run_id))[-1]
    assert (last["status"], last["message"]) == ("queued", "The worker was interrupted; starting again")
    reconcile()
    assert run_row(run_id)["attempt"] == 2, "once is enough"
    assert queue.waiting() == 2, "the first attempt's job, which will find nothing to do, and the second's"


def test_a_worker_that_is_heard_of_keeps_its_run(run_id: str) -> None:
    _running(run_id, heartbeat_at=now())
    reconcile()
    assert run_row(run_id)["status"] == "running"


def test_the_last_attempt_ends_with_a_reason(ann: Account, run_id: str) -> None:
    _running(run_id, heartbeat_at=LONG_AGO, attempt=MAX_ATTEMPTS)
    reconcile()
    found = ann.get(f"/api/models/{run_id}").json()
    assert found["status"] == "failed"
    assert f"{MAX_ATTEMPTS} times" in found["error_message"]
    assert found["completed_at"]


def test_a_run_that_was_to_be_cancelled_is_cancelled(run_id: str) -> None:
    _running(run_id, heartbeat_at=LONG_AGO, cancel_requested=True)
    reconcile()
    assert run_row(run_id)["status"] == "cancelled"


def test_a_job_that_redis_lost_is_queued_again(run_id: str) -> None:
    redis.client().flushdb()
    assert not queue.knows(UUID(run_id), 1)
    reconcile()
    assert queue.knows(UUID(run_id), 1)
    assert queue.waiting() == 1
    reconcile()
    assert queue.waiting() == 1


def test_a_waiting_run_whose_job_is_over_gets_a_new_one(run_id: str) -> None:
    queue.withdraw(UUID(run_id), 1)
    assert queue.has_ended(UUID(run_id), 1)
    reconcile()
    assert run_row(run_id)["attempt"] == 2
    assert queue.knows(UUID(run_id), 2)


def test_running_out_of_memory_is_not_tried_again(run_id: str) -> None:
    _running(run_id, heartbeat_at=now())
    worker_lost(UUID(run_id), 1, out_of_memory=True)
    row = run_row(run_id)
    assert row["status"] == "failed"
    assert "memory" in row["error_message"]


def test_the_death_of_an_older_attempt_does_not_matter(run_id: str) -> None:
    _running(run_id, heartbeat_at=now(), attempt=2)
    worker_lost(UUID(run_id), 1)
    assert run_row(run_id)["status"] == "running"


def test_two_janitors_do_not_work_at_the_same_time(run_id: str) -> None:
    from sqlalchemy import text

    from mixmodel_app.storage.db import engine

    _running(run_id, heartbeat_at=LONG_AGO)
    with engine().connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": janitor._LOCK})
        assert not janitor.tidy(sweep=True)
        assert run_row(run_id)["status"] == "running"
        other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": janitor._LOCK})
    assert janitor.tidy(sweep=True)
    assert run_row(run_id)["status"] == "queued"
