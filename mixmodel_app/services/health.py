"""Whether the parts answer: database, Redis, storage and a worker, each within two seconds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import structlog

from mixmodel_app import __version__
from mixmodel_app.storage import db, queue, redis
from mixmodel_app.storage.objects import objects

TIMEOUT_S = 2.0

_log = structlog.get_logger(__name__)
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


def _worker() -> None:
    if queue.live_workers() == 0:
        raise RuntimeError("no live worker")


_CHECKS: dict[str, Callable[[], None]] = {
    "database": db.ping,
    "redis": redis.ping,
    "storage": lambda: objects().check(),
    "worker": _worker,
}


_failing: set[str] = set()


def _note_change(name: str, error: BaseException | None) -> None:
    """Log when a part begins to fail and when it is back, not at every probe in between."""
    if error is not None and name not in _failing:
        _failing.add(name)
        _log.warning("health check fails", check=name, error=repr(error))
    elif error is None and name in _failing:
        _failing.discard(name)
        _log.info("health check is fine again", check=name)


def check() -> dict[str, Any]:
    """`status`, `version` and `checks`, each "ok" or "error"; why one fails is in the log, not in the answer."""
    futures = {name: _pool.submit(test) for name, test in _CHECKS.items()}
    wait(futures.values(), timeout=TIMEOUT_S)
    checks: dict[str, str] = {}
    for name, future in futures.items():
        error = future.exception() if future.done() else TimeoutError(f"no answer within {TIMEOUT_S} s")
        checks[name] = "ok" if error is None else "error"
        _note_change(name, error)
    healthy = all(state == "ok" for state in checks.values())
    return {"status": "healthy" if healthy else "degraded", "version": __version__, "checks": checks}
