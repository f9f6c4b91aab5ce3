"""The job queue: RQ carries nothing but a run's id; the row in Postgres is the truth.

There are two lines, for quick fits and for long ones; a worker takes from those that `WORKER_QUEUES` names, in that
order.

So what cannot reach Redis here is logged and not raised: the janitor queues a waiting row that has no job, and a job
whose row has ended finds nothing to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.worker import BaseWorker

from mixmodel_app.config import QUEUES, settings
from mixmodel_app.storage import origin, redis

QUICK, FITS = QUEUES
TASK = "workers.fit_run.run_mmm_model"
_HARD_MARGIN_S = 5
WORKER_SILENCE_S = 60
_PACES = "fits:pace"
_KEPT_PACES = 30

_log = structlog.get_logger(__name__)


class JobState(Enum):
    """Where RQ has the job of one attempt."""

    WAITING = auto()
    TAKEN = auto()
    """A worker has it, or had it when it died."""
    ENDED = auto()
    UNKNOWN = auto()


def job_id(run_id: UUID, attempt: int) -> str:
    return f"fit_{run_id}_{attempt}"


def line(name: str) -> Queue:
    return Queue(name, connection=redis.raw_client(), serializer="json")


def enqueue(run_id: UUID, attempt: int, *, quick: bool = False, at_front: bool = False) -> None:
    """Queue one attempt of a run; the same attempt twice is one job.

    RQ's own timeout is the hard limit. The job watches the soft limit itself.
    """
    with _outage_logged("enqueue", run_id), suppress(DuplicateJobError):
        line(QUICK if quick else FITS).enqueue(
            TASK,
            str(run_id),
            attempt,
            job_id=job_id(run_id, attempt),
            unique=True,
            at_front=at_front,
            job_timeout=settings().runs.hard_timeout_s + _HARD_MARGIN_S,
            result_ttl=3600,
            failure_ttl=7 * 24 * 3600,
            meta=origin.of_attempt(run_id, attempt),
        )


def waiting_ids() -> set[str]:
    """Ids of the jobs that wait for a worker."""
    return {name for queue in QUEUES for name in line(queue).get_job_ids()}


def state(run_id: UUID, attempt: int) -> JobState:
    """Where the job of this attempt is; an ended one keeps its id for a while, so that it cannot be queued again."""
    name = job_id(run_id, attempt)
    try:
        job = Job.fetch(name, connection=redis.raw_client(), serializer="json")
    except NoSuchJobError:
        return JobState.UNKNOWN
    status = job.get_status(refresh=False)
    if status in (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED):
        return JobState.ENDED
    left = status is JobStatus.QUEUED and line(job.origin or FITS).get_job_position(name) is None
    return JobState.TAKEN if left or status is JobStatus.STARTED else JobState.WAITING


def withdraw(run_id: UUID, attempt: int) -> None:
    """Take a waiting job off the queue; one that already runs is left alone."""
    with _outage_logged("withdraw", run_id), suppress(NoSuchJobError, InvalidJobOperation):
        Job.fetch(job_id(run_id, attempt), connection=redis.raw_client(), serializer="json").cancel()


def kill(run_id: UUID, attempt: int) -> None:
    """Stop a running job at once, with its children."""
    with _outage_logged("kill", run_id), suppress(NoSuchJobError, InvalidJobOperation):
        send_stop_job_command(redis.raw_client(), job_id(run_id, attempt), serializer="json")


@contextmanager
def _outage_logged(what: str, run_id: UUID) -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        _log.warning("redis is away", doing=what, run_id=str(run_id), error=repr(error))


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """A live worker. `run_id` is what it fits, None while it has nothing to do; `host` and `pid` say where."""

    name: str
    host: str
    pid: int
    run_id: UUID | None


def workers() -> list[WorkerFacts]:
    """Workers that have been heard of within the last minute, by name."""
    now = datetime.now(UTC)
    found = Worker.all(connection=redis.raw_client(), serializer="json")
    return sorted(
        (_facts(worker) for worker in found if _silence(worker, now) < WORKER_SILENCE_S), key=lambda facts: facts.name
    )


def live_workers() -> int:
    """How many they are."""
    return len(workers())


def _silence(worker: BaseWorker, now: datetime) -> float:
    last = _aware(worker.last_heartbeat)
    return float("inf") if last is None else (now - last).total_seconds()


def _facts(worker: BaseWorker) -> WorkerFacts:
    return WorkerFacts(worker.name, worker.hostname or "", worker.pid or 0, run_of(worker.get_current_job_id() or ""))


def run_of(name: str) -> UUID | None:
    """The run of a job by the job's name, None for other names."""
    parts = name.split("_")
    try:
        return UUID(parts[1]) if parts[0] == "fit" else None
    except (IndexError, ValueError):
        return None


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def oldest_seconds() -> float:
    """How long the longest waiting job has waited that is next in its line, 0 when none waits."""
    return max(_waited_s(first) for first in (line(name).get_job_ids(0, 1) for name in QUEUES))


def _waited_s(first: list[str]) -> float:
    if not first:
        return 0.0
    try:
        queued = _aware(Job.fetch(first[0], connection=redis.raw_client(), serializer="json").enqueued_at)
    except NoSuchJobError:  # a worker took it meanwhile, and it was deleted
        return 0.0
    return max(0.0, (datetime.now(UTC) - queued).total_seconds()) if queued else 0.0


def waiting() -> int:
    """Jobs that wait for a worker."""
    return line(QUICK).count + line(FITS).count


def note_pace(ratio: float) -> None:
    """Keep how a fit's time compares to the table's, with those of the last fits."""
    with suppress(RedisError):  # one less to learn from
        redis.client().lpush(_PACES, f"{ratio:.4f}")
        redis.client().ltrim(_PACES, 0, _KEPT_PACES - 1)


def paces() -> list[float]:
    """Measured over expected time of the last fits, the newest first; empty while Redis is away."""
    try:
        found: Any = redis.client().lrange(_PACES, 0, -1)
    except RedisError:
        return []
    return [float(text) for text in found]
