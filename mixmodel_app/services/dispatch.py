"""From the backlog of a workspace into the line, and what a waiting person is told about it.

The row in Postgres is the truth: a run without `in_line_since` waits in the backlog of its workspace. A workspace has
at most `share()` runs in line or on a worker, so that others are never behind more than that; `domain.queueing` plays
the same rules forward. Whatever ends a run calls `admit`, and the janitor does so for every backlog.
"""

import time
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.config import settings
from mixmodel_app.domain.queueing import Place, Turn, places
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.domain.workload import QUICK_S, Workload
from mixmodel_app.storage import cache, models, progress, queue
from mixmodel_app.storage.db import Tenanted, system_transaction, transaction
from mixmodel_app.storage.repositories import dispatch as repository

_WORKERS_FOR_S = 5.0
"""How long the number of workers is remembered: counting them asks Redis for each."""

_COUNT_KEY = "workers:count"

_LEAST_S = 1.0
"""What a fit that has outlived its estimate is thought to need still."""

_workers: tuple[float, int] = (0.0, 0)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Workspace:
    """One whose rows are meant, where there is no row at hand."""

    workspace_id: UUID


def share() -> int:
    """How many runs of one workspace may be in line or on a worker: all workers but one, unless set otherwise."""
    return settings().runs.per_workspace or max(1, workers() - 1)


def workers() -> int:
    """Live workers, counted a few seconds ago at most; while Redis is away, those that were there before."""
    global _workers
    if time.monotonic() - _workers[0] > _WORKERS_FOR_S:
        try:
            count = _counted()
        except RedisError as error:
            _log.warning("workers cannot be counted", error=repr(error))
            count = _workers[1]
        _workers = (time.monotonic(), count)
    return _workers[1]


def _counted() -> int:
    """As any process has counted them a few seconds ago: each fit ends in a process of its own, which asks too."""
    known = cache.read(_COUNT_KEY)
    if known is None:
        known = queue.live_workers()
        cache.write(_COUNT_KEY, known, int(_WORKERS_FOR_S))
    return int(known)


def admit(of: Tenanted) -> None:
    """Send runs of a workspace from its backlog into the line, as many as its share allows."""
    with transaction(of) as session:
        repository.hold(session, of.workspace_id)
        free = share() - repository.held(session, of.workspace_id)
        chosen = repository.backlog(session, of.workspace_id, free) if free > 0 else []
        for run in chosen:
            run.in_line_since = models.now()
            session.add(run)
    for run in chosen:
        send(run)


def send(run: models.ModelRun, *, at_front: bool = False) -> None:
    """Give a run that is in line to the workers; again is fine."""
    queue.enqueue(run.id, run.attempt, quick=is_quick(run), at_front=at_front)


def admit_all() -> None:
    """`admit` for every workspace with a backlog."""
    with system_transaction() as session:
        found = repository.with_backlog(session)
    for workspace_id in found:
        admit(_Workspace(workspace_id))


def is_quick(run: models.ModelRun) -> bool:
    """Which line a run belongs to. The pace of the workers does not move it from one to the other."""
    return run.estimate_s is not None and run.estimate_s <= QUICK_S


def expected_s(run: models.ModelRun) -> float:
    """How long a run should take on these workers, by what their last fits took."""
    return pace() * (run.estimate_s or QUICK_S)


def pace() -> float:
    """Median of measured over estimated seconds of the last fits; 1 before there are any."""
    found = queue.paces()
    return median(found) if found else 1.0


def place(run: models.ModelRun) -> Place | None:
    """Where a waiting run stands; None while no worker is there to take it."""
    return places(*_everyone(), workers(), share()).get(run.id)


def wait_of_another(of: Tenanted, cost: Workload) -> float | None:
    """Seconds until one more run of a workspace would start, if it were queued now; `cost` at pace 1."""
    working, waiting = _everyone()
    another = Turn(None, of.workspace_id, pace() * cost.seconds, cost.is_quick)
    found = places(working, [*waiting, another], workers(), share()).get(None)
    return round(found.starts_in_s, 1) if found else None


def _everyone() -> tuple[list[Turn], list[Turn]]:
    """Runs of all workspaces that work, and those that wait, in the order in which they will be taken."""
    with system_transaction() as session:
        rows = repository.unfinished(session)
    now = pace()
    working = [_turn(row, now) for row in rows if row.status == RunStatus.RUNNING.value]
    return working, [_turn(row, now) for row in rows if row.status == RunStatus.QUEUED.value]


def _turn(row: models.ModelRun, pace: float) -> Turn:
    seconds = pace * (row.estimate_s or QUICK_S)
    if row.status == RunStatus.RUNNING.value:
        seconds = _left(row, seconds)
    return Turn(row.id, row.workspace_id, seconds, is_quick(row), row.in_line_since is not None)


def _left(row: models.ModelRun, estimate: float) -> float:
    """Seconds that a fit still needs: by its own progress, else by the estimate."""
    event = progress.snapshot(row.workspace_id, row.id)
    if event is not None and event.eta_seconds is not None:
        return max(_LEAST_S, event.eta_seconds)
    elapsed = (models.now() - row.started_at).total_seconds() if row.started_at else 0.0
    return max(_LEAST_S, estimate - elapsed)


def note_pace(run: models.ModelRun, seconds: float) -> None:
    """Learn from a fit that is done how fast this machine is."""
    if run.estimate_s:
        queue.note_pace(seconds / run.estimate_s)
