"""Runs whose worker or job is gone: another attempt while there is one left, else an end with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from rq.job import Job
from sqlalchemy import text

from mixmodel_app.storage import queue, redis
from mixmodel_app.storage.db import engine
from mixmodel_app.storage.models import now
from mixmodel_app.storage.queue import JobState
from tests.integration.scenes import Account, change_run, events_of, run_row
from workers import janitor
from workers.recovery import CANCEL_S, MAX_LOSSES, SILENT_S, TAKEN_S, Cause, reconcile, worker_lost
from workers.watch import Watch


class Steps:
    """A steady clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.watch = Watch(longest_gap_s=60, clock=lambda: self.now)

    def pass_after(self, seconds: float = 0.0) -> None:
        self.now += seconds
        reconcile(self.watch)


@pytest.fixture
def run_id(ann: Account) -> str:
    return ann.start(ann.ready_dataset())


@pytest.fixture
def steps() -> Steps:
    return Steps()


def _running(run_id: str, **values: Any) -> None:
    running = {"status": "running", "stage": "sampling", "progress": 60, "lease_token": UUID(int=7)}
    change_run(run_id, **running | {"heartbeat_at": now()} | values)


def test_a_silent_worker_loses_the_run_to_another_attempt(ann: Account, run_id: str, steps: Steps) -> None:
    _running(run_id)
    steps.pass_after()
    steps.pass_after(SILENT_S)
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["progress"], row["lease_token"]) == ("queued", 2, 0, None)
    assert row["losses"] == 1
    assert queue.state(UUID(run_id), 2) is JobState.WAITING
    assert queue.line(queue.QUICK).get_job_ids()[0] == queue.job_id(UUID(run_id), 2), "it has waited its turn"
    last = events_of(ann.principal.workspace_id, UUID(run_id))[-1]
    assert (last["status"], last["message"]) == ("queued", "The worker was interrupted; starting again")
    steps.pass_after(SILENT_S)
    assert run_row(run_id)["attempt"] == 2, "once is enough"
    assert queue.waiting() == 2, "the first attempt's job, which will find nothing to do, and the second's"


def test_a_worker_that_is_heard_of_keeps_its_run_whatever_its_clock_says(run_id: str, steps: Steps) -> None:
    hour = timedelta(hours=1)
    for clock in (now() - hour, now() + hour, now() - 2 * hour, now()):
        _running(run_id, heartbeat_at=clock)
        steps.pass_after(SILENT_S)
    assert run_row(run_id)["status"] == "running"


def test_a_dead_worker_with_a_clock_that_is_ahead_loses_its_run_all_the_same(run_id: str, steps: Steps) -> None:
    _running(run_id, heartbeat_at=now() + timedelta(days=1))
    steps.pass_after()
    steps.pass_after(SILENT_S)
    assert run_row(run_id)["status"] == "queued"


def test_after_an_outage_or_a_long_sleep_everyone_may_be_heard_of_first(run_id: str, steps: Steps) -> None:
    _running(run_id)
    steps.pass_after()
    steps.watch.forget()
    steps.pass_after(SILENT_S)
    steps.pass_after(61)
    assert run_row(run_id)["status"] == "running"
    steps.pass_after(SILENT_S)
    assert run_row(run_id)["status"] == "queued"


def test_the_last_loss_ends_with_a_reason(ann: Account, run_id: str, steps: Steps) -> None:
    _running(run_id, attempt=9, losses=MAX_LOSSES - 1)
    steps.pass_after()
    steps.pass_after(SILENT_S)
    found = ann.get(f"/api/models/{run_id}").json()
    assert found["status"] == "failed"
    assert f"{MAX_LOSSES} times" in found["error_message"]
    assert found["completed_at"]


def test_a_poisoned_run_takes_three_workers_and_no_more(run_id: str) -> None:
    for attempt in range(1, MAX_LOSSES + 1):
        _running(run_id, attempt=attempt)
        worker_lost(UUID(run_id), attempt)
    assert run_row(run_id)["status"] == "failed"


def test_being_handed_back_is_no_loss(run_id: str) -> None:
    for attempt in range(1, MAX_LOSSES + 2):
        _running(run_id, attempt=attempt)
        worker_lost(UUID(run_id), attempt, Cause.HANDED_BACK)
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["losses"]) == ("queued", MAX_LOSSES + 2, 0)
    assert row["message"] == "The worker was restarted; starting again"


def test_a_cancel_that_the_worker_does_not_obey_is_done_without_it(ann: Account, run_id: str, steps: Steps) -> None:
    _running(run_id)
    assert ann.post(f"/api/models/{run_id}/cancel").status_code == 202
    steps.pass_after()
    assert run_row(run_id)["status"] == "running"
    change_run(run_id, heartbeat_at=now())
    steps.pass_after(CANCEL_S)
    row = run_row(run_id)
    assert (row["status"], row["lease_token"]) == ("cancelled", None)
    assert events_of(ann.principal.workspace_id, UUID(run_id))[-1]["status"] == "cancelled"


def test_a_lost_run_that_was_to_be_cancelled_is_cancelled(run_id: str) -> None:
    _running(run_id, cancel_requested=True)
    worker_lost(UUID(run_id), 1)
    assert run_row(run_id)["status"] == "cancelled"


def test_a_job_that_redis_lost_is_queued_again(run_id: str, steps: Steps) -> None:
    redis.client().flushdb()
    assert queue.state(UUID(run_id), 1) is JobState.UNKNOWN
    steps.pass_after()
    assert queue.state(UUID(run_id), 1) is JobState.WAITING
    steps.pass_after()
    assert queue.waiting() == 1
    assert run_row(run_id)["attempt"] == 1


def test_a_waiting_run_whose_job_is_over_gets_a_new_one(run_id: str, steps: Steps) -> None:
    queue.withdraw(UUID(run_id), 1)
    assert queue.state(UUID(run_id), 1) is JobState.ENDED
    steps.pass_after()
    row = run_row(run_id)
    assert (row["attempt"], row["losses"]) == (2, 0)
    assert queue.state(UUID(run_id), 2) is JobState.WAITING


def test_a_job_that_was_lost_between_queue_and_worker_is_queued_again(run_id: str, steps: Steps) -> None:
    """A worker takes it from the list and dies before it has claimed the run."""
    redis.client().delete(queue.line(queue.QUICK).key)
    assert queue.state(UUID(run_id), 1) is JobState.TAKEN
    steps.pass_after()
    assert run_row(run_id)["attempt"] == 1, "a live worker claims it in a moment"
    steps.pass_after(TAKEN_S)
    assert run_row(run_id)["attempt"] == 2
    assert queue.state(UUID(run_id), 2) is JobState.WAITING


@pytest.mark.parametrize(("cause", "word"), [(Cause.OUT_OF_MEMORY, "memory"), (Cause.OUT_OF_TIME, "30 minutes")])
def test_what_would_happen_again_is_not_tried_again(run_id: str, cause: Cause, word: str) -> None:
    _running(run_id)
    worker_lost(UUID(run_id), 1, cause)
    row = run_row(run_id)
    assert row["status"] == "failed"
    assert word in row["error_message"]


def test_the_death_of_an_older_attempt_does_not_matter(run_id: str) -> None:
    _running(run_id, attempt=2)
    worker_lost(UUID(run_id), 1)
    assert run_row(run_id)["status"] == "running"


def test_a_run_that_cannot_be_put_right_does_not_keep_others_from_it(bob: Account, run_id: str, steps: Steps) -> None:
    """Its job in Redis is garbage."""
    other = bob.start(bob.ready_dataset())
    redis.client().flushdb()
    redis.client().set(Job.key_for(queue.job_id(UUID(run_id), 1)), "no hash")
    steps.pass_after()
    assert queue.line(queue.QUICK).get_job_ids() == [queue.job_id(UUID(other), 1)]


def test_two_janitors_do_not_work_at_the_same_time(run_id: str, steps: Steps) -> None:
    _running(run_id)
    steps.pass_after()
    steps.now += SILENT_S
    with engine().connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": janitor._LOCK})
        assert not janitor.tidy(steps.watch, sweep=True)
        assert run_row(run_id)["status"] == "running"
        other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": janitor._LOCK})
    assert janitor.tidy(steps.watch, sweep=True)
    assert run_row(run_id)["status"] == "queued"
