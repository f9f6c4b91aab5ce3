"""The job queue: RQ carries nothing but a run's id; the row in Postgres is the truth."""

from datetime import UTC, datetime
from uuid import UUID

from rq import Queue, Worker
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.worker import BaseWorker

from mixmodel_app.config import settings
from mixmodel_app.storage import redis

FITS = "fits"
TASK = "workers.fit_run.run_mmm_model"
_HARD_MARGIN_S = 5
WORKER_SILENCE_S = 60


def job_id(run_id: UUID, attempt: int) -> str:
    return f"fit_{run_id}_{attempt}"


def queue() -> Queue:
    return Queue(FITS, connection=redis.raw_client(), serializer="json")


def enqueue(run_id: UUID, attempt: int) -> None:
    """Queue one attempt of a run; the same attempt twice is one job.

    RQ's own timeout is the hard limit. The job watches the soft limit itself.
    """
    try:
        queue().enqueue(
            TASK,
            str(run_id),
            attempt,
            job_id=job_id(run_id, attempt),
            unique=True,
            job_timeout=settings().runs.hard_timeout_s + _HARD_MARGIN_S,
            result_ttl=3600,
            failure_ttl=7 * 24 * 3600,
        )
    except DuplicateJobError:
        return


def knows(run_id: UUID, attempt: int) -> bool:
    """Whether RQ still has a job of this attempt that is waiting or being worked on."""
    try:
        job = Job.fetch(job_id(run_id, attempt), connection=redis.raw_client(), serializer="json")
    except NoSuchJobError:
        return False
    return not (job.is_finished or job.is_failed or job.is_stopped or job.is_canceled)


def has_ended(run_id: UUID, attempt: int) -> bool:
    """Whether RQ remembers a job of this attempt that is over, so that its id cannot be queued again."""
    return Job.exists(job_id(run_id, attempt), connection=redis.raw_client()) and not knows(run_id, attempt)


def withdraw(run_id: UUID, attempt: int) -> None:
    """Take a waiting job off the queue; one that already runs is left alone."""
    try:
        Job.fetch(job_id(run_id, attempt), connection=redis.raw_client(), serializer="json").cancel()
    except (NoSuchJobError, InvalidJobOperation):
        return


def kill(run_id: UUID, attempt: int) -> None:
    """Stop a running job at once, with its children."""
    try:
        send_stop_job_command(redis.raw_client(), job_id(run_id, attempt), serializer="json")
    except (NoSuchJobError, InvalidJobOperation):
        return


def live_workers() -> int:
    """Workers that have been heard of within the last minute."""
    now = datetime.now(UTC)

    def silence(worker: BaseWorker) -> float:
        last = worker.last_heartbeat
        if last is None:
            return float("inf")
        return (now - (last if last.tzinfo else last.replace(tzinfo=UTC))).total_seconds()

    workers = Worker.all(connection=redis.raw_client(), serializer="json")
    return sum(silence(worker) < WORKER_SILENCE_S for worker in workers)


def waiting() -> int:
    """Jobs that wait for a worker."""
    return queue().count
