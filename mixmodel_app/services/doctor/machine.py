"""Disk and memory of this machine."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
from redis.exceptions import RedisError

from mixmodel_app.config import Settings
from mixmodel_app.local.home import MIN_FREE_BYTES
from mixmodel_app.services.doctor.diagnosis import Diagnosis, megabytes, ok, problem, warning
from mixmodel_app.storage import queue

LITTLE_FREE_BYTES = 2 * 2**30
BYTES_PER_FIT = 2**30


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Room for the files, and memory for the fits that run at the same time."""
    for place in dict.fromkeys(_places(settings)):
        yield _disk(place)
    yield _memory(settings)


def _places(settings: Settings) -> Iterator[Path]:
    yield _existing(settings.home)
    if not settings.storage.is_s3:
        yield _existing(Path(unquote(urlsplit(settings.storage.url).path)))


def _existing(path: Path) -> Path:
    """The path, or what of it is there already."""
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))


def _disk(place: Path) -> Diagnosis:
    name, free = "machine.disk", shutil.disk_usage(place).free
    message = f"{megabytes(free)} are free on the disk of {place}."
    if free < MIN_FREE_BYTES:
        return problem(name, message, "Make room now: uploads and results fail.")
    if free < LITTLE_FREE_BYTES:
        return warning(name, message, "Make room before uploads and results fail.")
    return ok(name, message)


def _memory(settings: Settings) -> Diagnosis:
    name, total = "machine.memory", psutil.virtual_memory().total
    fits = max(settings.worker.concurrency, _workers_here())
    message = f"This machine has {megabytes(total)} for {fits} {'fit' if fits == 1 else 'fits'} at a time."
    if total < BYTES_PER_FIT * fits:
        return warning(name, message, "Plan 1 GB for each: lower WORKER_CONCURRENCY or use a larger machine.")
    return ok(name, message)


def _workers_here() -> int:
    try:
        return sum(worker.host == socket.gethostname() for worker in queue.workers())
    except RedisError:  # that it does not answer is said elsewhere
        return 0
