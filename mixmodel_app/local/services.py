"""Which processes `mixmodel up` runs, with which environment."""

import os
import sys
from collections.abc import Mapping

import psutil

from mixmodel_app.config import Settings
from mixmodel_app.local.supervisor import Service
from mixmodel_app.secret_files import SECRETS

_CLI = (sys.executable, "-m", "mixmodel_app.cli")

_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Chains are the unit of parallelism in a fit; threads below them only get in each other's way."""

_RESERVED_GB = 2
_OF_STORES = {name for name in SECRETS if name.startswith(("DATABASE_", "REDIS_", "JWT_"))}
"""Secrets that this start has of its own."""

_WORKER_GRACE_S = 0.8
"""A fit cannot end in the time that a person waits for Ctrl-C; it is run again at the next start."""


def environment(settings: Settings, stores: Mapping[str, str]) -> dict[str, str]:
    """What every process gets: ours, the addresses of the embedded stores and the port that was chosen."""
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in _OF_STORES}
    return {
        **inherited,
        **stores,
        "MIXMODEL_PORT": str(settings.web.port),
        "MIXMODEL_OPEN_BROWSER": "0",
        "PYTHONUNBUFFERED": "1",
    }


def one_shot(name: str, env: Mapping[str, str]) -> Service:
    """A `mixmodel` command that ends by itself: `migrate`, `sample`."""
    return Service(name, (*_CLI, name), env)


def web(env: Mapping[str, str]) -> Service:
    """Pages, socket, API and health on one port."""
    return Service("web", (*_CLI, "web"), env)


def fits_at_once() -> int:
    """How many fits this machine carries: two cores and a gigabyte each, with two more for everything else."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    gigabytes = psutil.virtual_memory().total / 2**30
    return max(1, min(cores // 2, int(gigabytes - _RESERVED_GB)))


def background(settings: Settings, env: Mapping[str, str]) -> list[Service]:
    """The warm workers and the janitor. The pages work without them, so their failure does not end everything."""
    fitting = {**env, **_ONE_THREAD}
    count = settings.worker.concurrency or fits_at_once()
    names = ["worker"] if count == 1 else [f"worker-{number}" for number in range(1, count + 1)]
    workers = [Service(name, (*_CLI, "worker"), fitting, grace=_WORKER_GRACE_S, essential=False) for name in names]
    return [*workers, Service("janitor", (sys.executable, "-m", "workers.janitor"), env, essential=False)]
