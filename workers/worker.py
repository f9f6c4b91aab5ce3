"""The warm worker: imports the engine once, then forks a process for each fit."""

import ctypes
import os
import signal
import sys
from typing import Any, Never
from uuid import UUID

import psutil
import structlog
from rq import Queue, Worker
from rq.job import Job

from mixmodel_app.config import settings
from mixmodel_app.engine.base import load_engines
from mixmodel_app.logging import configure_logging, init_sentry
from mixmodel_app.storage import db, queue, redis
from workers.recovery import worker_lost

HEARTBEAT_TTL_S = 20
_OUT_OF_MEMORY_SHARE = 0.7
_PR_SET_PDEATHSIG = 1

_log = structlog.get_logger(__name__)


class FitWorker(Worker):
    """RQ's forking worker with quick loss detection, and no orphans: a horse dies with its worker."""

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return HEARTBEAT_TTL_S

    def main_work_horse(self, job: Job, queue: Queue) -> Never:
        """Runs in the forked child."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.pid:
                os._exit(1)
        db.after_fork()
        redis.after_fork()
        super().main_work_horse(job, queue)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """The horse died without a word (RQ calls no failure callback then)."""
        run_id, attempt = job.args
        peak = getattr(rusage, "ru_maxrss", 0) * 1024
        killed = os.WIFSIGNALED(ret_val) and os.WTERMSIG(ret_val) == signal.SIGKILL
        out_of_memory = killed and peak > _OUT_OF_MEMORY_SHARE * psutil.virtual_memory().total
        _log.error("work horse died", run_id=run_id, status=ret_val, peak_mb=peak // 2**20)
        worker_lost(UUID(run_id), int(attempt), out_of_memory=out_of_memory)


def main() -> None:
    """Warm up and work until told to stop."""
    conf = settings()
    conf.require_services()
    configure_logging(conf, "worker")
    init_sentry(conf, "worker")
    for engine in load_engines():
        engine.warm_up()
    worker = FitWorker(
        [queue.queue()],
        connection=redis.raw_client(),
        serializer="json",
        worker_ttl=25,
        job_monitoring_interval=5,
        maintenance_interval=15,
    )
    _log.info("worker ready", pid=os.getpid())
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main()
