"""Answers that are dear to make and change seldom, as JSON with a time to live. Callers check permission first.

Without Redis there is no cache, and everything else goes on.
"""

import json
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.storage import redis, written

RESULTS_SECONDS = 3600
STATS_SECONDS = 300

_log = structlog.get_logger(__name__)


def results_key(run_id: UUID) -> str:
    return f"results:{run_id}"


def stats_key(workspace_id: UUID) -> str:
    return f"dashboard:stats:{workspace_id}"


def read(key: str) -> Any | None:
    """The cached value, or None."""
    raw = read_text(key)
    return None if raw is None else json.loads(raw)


def write(key: str, value: Any, seconds: int) -> None:
    write_text(key, json.dumps(value), seconds)


def read_text(key: str) -> str | None:
    """The cached value as the JSON text that it is kept as, or None."""
    try:
        raw = redis.client().get(key)
    except RedisError as error:
        _log.warning("cache is away", doing="read", error=repr(error))
        return None
    return raw if isinstance(raw, str) else None


def write_text(key: str, value: str, seconds: int) -> None:
    """`write` of a value that is JSON text already."""
    try:
        redis.client().set(key, value, ex=seconds)
    except RedisError as error:
        _log.warning("cache is away", doing="write", error=repr(error))


def read_part(key: str, part: str) -> str | None:
    """One of the answers, as JSON text, that were made of what `key` holds, or None."""
    try:
        raw = redis.client().hget(_parts(key), part)
    except RedisError as error:
        _log.warning("cache is away", doing="read", error=repr(error))
        return None
    return raw if isinstance(raw, str) else None


def write_part(key: str, part: str, value: str, seconds: int) -> None:
    """Keep an answer, as JSON text, that was made of what `key` holds, until that is dropped."""
    try:
        redis.client().hset(_parts(key), part, value)
        redis.client().expire(_parts(key), seconds)
    except RedisError as error:
        _log.warning("cache is away", doing="write", error=repr(error))


def _parts(key: str) -> str:
    return f"{key}:parts"


def drop(*keys: str) -> None:
    """Forget values, with all that was made of them."""
    try:
        redis.client().delete(*keys, *map(_parts, keys))
    except RedisError as error:
        _log.warning("cache is away", doing="drop", error=repr(error))


def forget_all() -> None:
    """Drop what is cached of every workspace and the progress of every run: the rows have become others."""
    for pattern in ("results:*", "dashboard:stats:*", "progress:*", written.PATTERN):
        for key in redis.client().scan_iter(pattern, count=1000):
            redis.client().delete(key)
