"""The warm worker: imports the engine once, then forks a process for each fit."""

import ctypes
import os
import signal
import sys
import time
from typing import Any, Never
from uuid import UUID

import structlog
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker, worker_registration
from rq.executions import Execution
from rq.job import Job
from rq.utils import now

from mixmodel_app.config import settings
from mixmodel_app.engine.base import load_engines
from mixmodel_app.logging import configure_logging, init_sentry
from mixmodel_app.storage import db, origin, queue, redis
from workers import memory
from workers.patience import OUTAGE
from workers.recovery import Cause, worker_lost

HEARTBEAT_TTL_S = 20
BEAT_EVERY_S = 5.0
"""RQ beats before, between and after jobs, however short they are; a worker is known to be alive for a minute."""
_OUT_OF_MEMORY_SHARE = 0.7
_PR_SET_PDEATHSIG = 1

_log = structlog.get_logger(__name__)


class FitWorker(Worker):
    """RQ's forking worker with quick loss detection, and no orphans: a horse dies with its worker.

    A worker that is told to stop hands its run back at once: a fit cannot be continued elsewhere, and waiting for its
    end could take half an hour.
    """

    _kills_before = 0
    _beaten_at = -BEAT_EVERY_S

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return HEARTBEAT_TTL_S

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """As RQ's, less often; and a worker whose registration was lost with the rest of Redis enters itself again."""
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
            if not self.is_horse:
                worker_registration.register(self, pipeline)
        elif time.monotonic() - self._beaten_at >= BEAT_EVERY_S:
            super().heartbeat(timeout)
            worker_registration.register(self)
            if not self.connection.hexists(self.key, "birth"):
                self.connection.hset(self.key, mapping=self.serialize())
            self._beaten_at = time.monotonic()

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """RQ would end the worker, and with it the fit, when Redis is away for a while."""
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            _log.warning("redis is away", doing="heartbeat", error=repr(error))

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        self._kills_before = memory.kills()
        super().fork_work_horse(job, queue)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Every line of a run, in this process and in the one forked for it, names the request that it came from."""
        with structlog.contextvars.bound_contextvars(**origin.of_job(job)):
            _log.info("run taken")
            super().execute_job(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> Never:
        """Runs in the forked child."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.pid:
                os._exit(1)
            memory.go_first()
        db.after_fork()
        redis.after_fork()
        super().main_work_horse(job, queue)

    def handle_warm_shutdown_request(self) -> None:
        """The first SIGTERM: end the fit; `handle_work_horse_killed` hands its run back."""
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            self.kill_horse()

    def monitor_work_horse(self, job: Job, queue: Queue, execution: Execution) -> None:
        if self._stop_requested:  # told so between taking the job and having a horse to end
            self.kill_horse()
        super().monitor_work_horse(job, queue, execution)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """The horse died without a word (RQ calls no failure callback then)."""
        run_id, attempt = job.args
        peak = getattr(rusage, "ru_maxrss", 0) * 1024
        cause = self._cause(job, ret_val, peak)
        _log.error("work horse died", run_id=run_id, status=ret_val, peak_mb=peak // 2**20, cause=cause.value)
        try:
            worker_lost(UUID(run_id), int(attempt), cause)
        except OUTAGE as error:
            _log.warning("the run is left to the janitor", run_id=run_id, error=repr(error))

    def _cause(self, job: Job, status: int | None, peak: int) -> Cause:
        if self._stop_requested:
            return Cause.HANDED_BACK
        if job.started_at and job.timeout and (now() - job.started_at).total_seconds() > job.timeout:
            return Cause.OUT_OF_TIME  # RQ kills a horse that is deaf to its time limit
        killed = status is not None and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        large = peak > _OUT_OF_MEMORY_SHARE * memory.limit_bytes()
        return Cause.OUT_OF_MEMORY if killed and (large or memory.kills() > self._kills_before) else Cause.LOST


def prepare() -> None:
    """Settings, log and error reports of this process."""
    conf = settings()
    conf.require_services()
    configure_logging(conf, "worker")
    init_sentry(conf, "worker")


def worker() -> FitWorker:
    """One that takes jobs from the queue."""
    return FitWorker(
        [queue.line(name) for name in settings().worker.queues],
        connection=redis.raw_client(),
        serializer="json",
        worker_ttl=25,
        job_monitoring_interval=5,
        maintenance_interval=15,
    )


def main() -> None:
    """Warm up and work until told to stop."""
    prepare()
    for engine in load_engines():
        engine.warm_up()
    ready = worker()
    _log.info("worker ready", pid=os.getpid())
    ready.work(logging_level="WARNING")


if __name__ == "__main__":
    main()
