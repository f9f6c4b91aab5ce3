"""`python -m workers.alive [worker|janitor]`: whether that part of this container lives; for health checks.

A worker tells Redis every few seconds that it is there, also while it fits. The janitor says nothing; what can be
told is that it runs.
"""

import socket
import sys
from datetime import UTC, datetime

import psutil
import redis

from mixmodel_app.config import settings

PATIENCE_S = 60
"""Three times what a worker lets pass between two signs of life."""


def worker_lives(client: redis.Redis, host: str) -> bool:
    """Whether a worker of `host` has told Redis so within `PATIENCE_S`."""
    return any(_beats(client.hgetall(key), host) for key in client.sscan_iter("rq:workers"))  # pyright: ignore[reportArgumentType]


def _beats(entry: dict[bytes, bytes], host: str) -> bool:
    """RQ keeps the time as ISO 8601 in UTC."""
    if entry.get(b"hostname", b"").decode() != host or b"last_heartbeat" not in entry:
        return False
    beat = datetime.fromisoformat(entry[b"last_heartbeat"].decode())
    return (datetime.now(UTC) - beat).total_seconds() < PATIENCE_S


def janitor_lives() -> bool:
    """Whether a janitor runs here."""
    return any("workers.janitor" in (process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))


def main(part: str = "worker") -> int:
    """The exit code that a health check wants: 0 for yes."""
    if part == "janitor":
        return 0 if janitor_lives() else 1
    client = redis.Redis.from_url(settings().redis.url, socket_connect_timeout=3, socket_timeout=3)
    return 0 if worker_lives(client, socket.gethostname()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
