"""Putting a run right whose worker has gone: another attempt while there is one left, else an end with a reason."""

from uuid import UUID

import structlog

from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.services import runs
from mixmodel_app.storage import cache, progress, queue
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.models import ModelRun, now
from mixmodel_app.storage.repositories import leases

GONE = "The process that fitted this run ended unexpectedly, {attempts} times in a row. Run it again."
OUT_OF_MEMORY = "The fit needed more memory than this machine has. Use fewer draws or channels, or a larger machine."

_log = structlog.get_logger(__name__)


def worker_lost(run_id: UUID, attempt: int, *, out_of_memory: bool = False) -> None:
    """The process that held this attempt is known to be dead."""
    with transaction() as session:
        run = leases.by_id(session, run_id)
        if run is None or run.attempt != attempt or run.status != RunStatus.RUNNING.value:
            return
        _put_right(run, out_of_memory=out_of_memory)
        session.add(run)
    _announce(run)


def reconcile() -> None:
    """Look at every unfinished run: stale ones get another attempt, lost jobs are queued again."""
    with transaction() as session:
        ids = [run.id for run in leases.unfinished(session)]
    for run_id in ids:
        _reconcile_one(run_id)


def _reconcile_one(run_id: UUID) -> None:
    with transaction() as session:
        run = leases.by_id(session, run_id)
        if run is None or RunStatus(run.status).is_final:
            return
        if run.status == RunStatus.RUNNING.value:
            if not leases.is_stale(run, now()):
                return
            _put_right(run, out_of_memory=False)
            session.add(run)
        elif queue.knows(run.id, run.attempt):
            return
        elif queue.has_ended(run.id, run.attempt):
            run.attempt += 1
            session.add(run)
    _announce(run)


def _put_right(run: ModelRun, *, out_of_memory: bool) -> None:
    _log.warning("worker lost", run_id=str(run.id), attempt=run.attempt, out_of_memory=out_of_memory)
    if run.cancel_requested:
        runs.end(run, RunStatus.CANCELLED, runs.CANCELLED)
    elif out_of_memory:
        runs.end(run, RunStatus.FAILED, OUT_OF_MEMORY)
    elif run.attempt >= leases.MAX_ATTEMPTS:
        runs.end(run, RunStatus.FAILED, GONE.format(attempts=run.attempt))
    else:
        run.status = RunStatus.QUEUED.value
        run.stage = Stage.QUEUED.value
        run.attempt += 1
        run.progress = 0
        run.lease_token = None
        run.message = "The worker was interrupted; starting again"


def _announce(run: ModelRun) -> None:
    if run.status == RunStatus.QUEUED.value:
        queue.enqueue(run.id, run.attempt)
    progress.publish(run.workspace_id, runs.event_of(run))
    cache.drop(cache.stats_key(run.workspace_id))
