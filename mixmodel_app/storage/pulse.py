"""Signs of life of processes that have no port: a key in Redis with the moment, by Redis' own clock."""

from typing import Any

import structlog
from redis.exceptions import RedisError

from mixmodel_app.storage import redis

JANITOR = "janitor"
LATE_S = 60.0
"""A janitor that has not been heard of for this long is gone."""

_BEAT = "redis.call('SET', KEYS[1], redis.call('TIME')[1], 'EX', 86400)"
_log = structlog.get_logger(__name__)


def beat(name: str) -> None:
    """Say that this process is alive. While Redis is away nobody could hear it, and the work goes on."""
    try:
        redis.client().eval(_BEAT, 1, f"pulse:{name}")
    except RedisError as error:
        _log.warning("redis is away", doing="pulse", error=repr(error))


def silence(name: str) -> float | None:
    """Seconds since it was heard of last; None when that was never, or more than a day ago."""
    last: Any = redis.client().get(f"pulse:{name}")
    now: Any = redis.client().time()
    return None if last is None else max(0.0, now[0] + now[1] / 1e6 - float(last))
