"""Putting a run right whose worker has gone: another attempt while there is one left, else an end with a reason."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog

from mixmodel_app.config import settings
from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.services import dispatch, runs
from mixmodel_app.storage import cache, progress, queue
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import ModelRun
from mixmodel_app.storage.queue import JobState
from mixmodel_app.storage.repositories import leases
from workers.patience import OUTAGE
from workers.watch import Watch

SILENT_S = 10.0
"""A running run without a heartbeat for this long has lost its worker; five are due in that time."""
TAKEN_S = 10.0
"""A job that was taken from the queue and has not claimed its run for this long was lost on the way."""
CANCEL_S = 1.5
"""How long a worker has to obey a cancel before the run is ended without it."""
MAX_LOSSES = 3

GONE = (
    "The process that fitted this run ended unexpectedly, {losses} times in a row. Run it again with fewer draws or "
    "channels; if that ends in the same way, give your administrator the run's address."
)
OUT_OF_MEMORY = "The fit needed more memory than this machine has. Use fewer draws or channels, or a larger machine."

_log = structlog.get_logger(__name__)


class Cause(StrEnum):
    """Why an attempt ended without a word of its own."""

    LOST = "lost"
    HANDED_BACK = "handed back"
    """Its worker was told to stop; nothing speaks against the run."""
    OUT_OF_MEMORY = "out of memory"
    OUT_OF_TIME = "out of time"
    DEAF = "deaf"
    """It did not obey a cancel."""


def worker_lost(run_id: UUID, attempt: int, cause: Cause = Cause.LOST) -> None:
    """The process that held this attempt is known to be dead."""
    with system_transaction() as session:
        run = leases.by_id(session, run_id)
        if run is None or run.attempt != attempt or run.status != RunStatus.RUNNING.value:
            return
        _put_right(run, cause)
        session.add(run)
    _announce(run)


def reconcile(watch: Watch) -> None:
    """Look at every unfinished run: silent ones get another attempt, lost jobs are queued again.

    Jobs are listed after rows are read: a run that was queued in between is looked at once more, and found waiting.
    """
    watch.begin()
    with system_transaction() as session:
        rows = leases.unfinished(session)
    waiting = queue.waiting_ids()
    for row in rows:
        try:
            if cause := _cause(row, watch):
                _put_right_if_same(row, cause)
            elif _is_in_line(row) and queue.job_id(row.id, row.attempt) not in waiting:
                _find_job(row, watch)
        except OUTAGE:
            raise
        except Exception as error:  # noqa: BLE001 (one run that cannot be put right must not keep others from it)
            _log.error("run cannot be put right", run_id=str(row.id), exc_info=error)
    dispatch.admit_all()


def _is_in_line(row: Any) -> bool:
    """Whether a run should have a job that waits."""
    return row.status == RunStatus.QUEUED.value and row.in_line_since is not None


def _cause(row: Any, watch: Watch) -> Cause | None:
    """Why a running run must be taken from its worker, or None."""
    if row.status != RunStatus.RUNNING.value:
        return None
    if row.cancel_requested and watch.unchanged_s(("cancel", row.id), row.attempt) >= CANCEL_S:
        return Cause.DEAF
    silent = watch.unchanged_s(("running", row.id), (row.attempt, row.heartbeat_at)) >= SILENT_S
    return Cause.LOST if silent else None


def _put_right_if_same(row: Any, cause: Cause) -> None:
    """Take the run from its worker, unless that was heard of since the row was read."""
    with system_transaction() as session:
        run = leases.by_id(session, row.id)
        if run is None or (run.status, run.attempt) != (row.status, row.attempt):
            return
        if cause is Cause.LOST and run.heartbeat_at != row.heartbeat_at:
            return
        _put_right(run, cause)
        session.add(run)
    queue.kill(row.id, row.attempt)  # it may be stuck rather than gone
    _announce(run)


def _find_job(row: Any, watch: Watch) -> None:
    """A run waits, and its job is not in the queue: queue it again if it does not turn up."""
    state = queue.state(row.id, row.attempt)
    taken_s = watch.unchanged_s(("taken", row.id), row.attempt) if state is JobState.TAKEN else 0.0
    if state is JobState.WAITING or (state is JobState.TAKEN and taken_s < TAKEN_S):
        return
    with system_transaction() as session:
        run = leases.by_id(session, row.id)
        if run is None or (run.status, run.attempt) != (row.status, row.attempt):
            return
        if state is not JobState.UNKNOWN:  # the name of the old job is used up
            run.attempt += 1
            session.add(run)
    _log.warning("job lost", run_id=str(run.id), attempt=row.attempt, state=state.name)
    _announce(run)


def _put_right(run: ModelRun, cause: Cause) -> None:
    _log.warning("worker lost", run_id=str(run.id), attempt=run.attempt, cause=cause.value)
    run.losses += cause is Cause.LOST
    if run.cancel_requested:
        runs.end(run, RunStatus.CANCELLED, runs.CANCELLED)
    elif cause is Cause.OUT_OF_MEMORY:
        runs.end(run, RunStatus.FAILED, OUT_OF_MEMORY)
    elif cause is Cause.OUT_OF_TIME:
        minutes = settings().runs.hard_timeout_s / 60
        runs.end(run, RunStatus.FAILED, runs.TOO_LONG.format(minutes=minutes))
    elif run.losses >= MAX_LOSSES:
        runs.end(run, RunStatus.FAILED, GONE.format(losses=run.losses))
    else:
        _start_again(run, "restarted" if cause is Cause.HANDED_BACK else "interrupted")


def _start_again(run: ModelRun, what: str) -> None:
    run.status = RunStatus.QUEUED.value
    run.stage = Stage.QUEUED.value
    run.attempt += 1
    run.progress = 0
    run.lease_token = None
    run.message = f"The worker was {what}; starting again"


def _announce(run: ModelRun) -> None:
    """After the row, whatever Redis does: the next pass finds a run without a job."""
    if run.status == RunStatus.QUEUED.value:
        dispatch.send(run, at_front=run.attempt > 1)  # it has waited its turn
    else:
        dispatch.admit(run)
    progress.publish(run.workspace_id, runs.event_of(run))
    cache.drop(cache.stats_key(run.workspace_id))
