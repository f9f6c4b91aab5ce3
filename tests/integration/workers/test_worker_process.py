"""The worker as processes: what becomes of a real fit when it, or its worker, is stopped or killed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from rq.job import Job

from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.storage import db, queue, redis
from mixmodel_app.storage.queue import JobState
from tests.integration.scenes import Account, run_row
from workers import worker as worker_module
from workers.recovery import SILENT_S, reconcile
from workers.watch import Watch
from workers.worker import FitWorker

LONG: dict[str, Any] = {"n_samples": 10_000, "tune_steps": 5_000}
"""A fit that is still going on when the test is over."""


def make_worker() -> FitWorker:
    return FitWorker(
        [queue.line(name) for name in (queue.QUICK, queue.FITS)],
        connection=redis.raw_client(),
        serializer="json",
        worker_ttl=25,
    )


def _work() -> None:
    db.after_fork()
    redis.after_fork()
    make_worker().work(logging_level="WARNING")


@pytest.fixture
def worker(ann: Account) -> Iterator[psutil.Process]:
    """A worker in a process of its own, forked from this one, so that nothing is imported twice."""
    process = multiprocessing.get_context("fork").Process(target=_work)
    process.start()
    assert process.pid is not None
    yield psutil.Process(process.pid)
    for left in psutil.Process(process.pid).children(recursive=True) if process.is_alive() else []:
        left.kill()
    process.kill()
    process.join()


@pytest.fixture
def run_id(ann: Account, worker: psutil.Process) -> str:
    """A run that is being fitted."""
    started = ann.start(ann.ready_dataset(), **LONG)
    _until(lambda: run_row(started)["status"] == "running")
    return started


def _until(happened: Callable[[], bool], limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_is_told_to_stop_hands_its_run_back_and_ends(worker: psutil.Process, run_id: str) -> None:
    (horse,) = worker.children()
    first_to_go = Path(f"/proc/{horse.pid}/oom_score_adj")
    assert not first_to_go.exists() or first_to_go.read_text() == "1000\n", "when memory runs out"
    worker.terminate()
    _until(lambda: _gone(worker))
    assert _gone(horse)
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["losses"], row["lease_token"]) == ("queued", 2, 0, None)
    assert queue.state(UUID(run_id), 2) is JobState.WAITING


def test_no_fit_outlives_its_worker(worker: psutil.Process, run_id: str) -> None:
    (horse,) = worker.children()
    worker.kill()
    _until(lambda: _gone(horse))
    now = [0.0]
    watch = Watch(longest_gap_s=60, clock=lambda: now[0])
    reconcile(watch)
    now[0] += SILENT_S
    reconcile(watch)
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["losses"]) == ("queued", 2, 1)


def test_the_worker_of_a_killed_fit_starts_it_again_by_itself(worker: psutil.Process, run_id: str) -> None:
    (horse,) = worker.children()
    horse.kill()
    _until(lambda: (run_row(run_id)["status"], run_row(run_id)["attempt"]) == ("running", 2))
    assert run_row(run_id)["losses"] == 1
    assert worker.is_running()


def test_an_idle_worker_is_known_again_after_redis_was_flushed(clean: None) -> None:
    worker = make_worker()
    worker.register_birth()
    redis.client().flushdb()
    assert queue.live_workers() == 0
    worker.heartbeat()
    assert queue.live_workers() == 1


def test_a_worker_does_not_beat_for_every_short_job(clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = make_worker()
    worker.register_birth()
    worker.heartbeat()
    redis.client().delete(worker.key)
    worker.heartbeat()
    assert not redis.client().exists(worker.key)
    monkeypatch.setattr(worker_module, "BEAT_EVERY_S", 0.0)
    worker.heartbeat()
    assert redis.client().hget(worker.key, "birth")


def test_a_worker_keeps_its_fit_while_redis_is_away(ann: Account, stores: EmbeddedStores) -> None:
    run_id = ann.start(ann.ready_dataset())
    worker = make_worker()
    worker.register_birth()
    name = queue.job_id(UUID(run_id), 1)
    job = Job.fetch(name, connection=redis.raw_client(), serializer="json")
    execution = worker.prepare_execution(job)
    assert stores.valkey.process is not None
    os.kill(stores.valkey.process.pid, signal.SIGKILL)
    stores.valkey.process.wait()
    try:
        worker.maintain_heartbeats(job, execution)
    finally:
        stores.valkey.start()
    worker.maintain_heartbeats(job, execution)
    assert queue.live_workers() == 1
