"""Connections to Redis or Valkey."""

from functools import lru_cache
from typing import Any

import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from mixmodel_app.config import settings
from mixmodel_app.metrics import CONNECTIONS


class _CountedPool(redis.ConnectionPool):
    """Says how many of its connections are in use."""

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        connection = super().get_connection(*args, **kwargs)
        CONNECTIONS.labels("redis").inc()
        return connection

    def release(self, connection: Any) -> None:
        super().release(connection)
        CONNECTIONS.labels("redis").dec()


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """The connection pool of this process; safe across threads.

    It gives up within seconds, so that a fit or a page that only tells or reads news is not held up by an outage.
    """
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2)
    return redis.Redis(
        connection_pool=_pool(decode_responses=True, socket_timeout=5, retry=retry, health_check_interval=30)
    )


@lru_cache(maxsize=1)
def raw_client() -> redis.Redis:
    """The same without decoding, as RQ needs it."""
    return redis.Redis(connection_pool=_pool())


def _pool(**options: Any) -> redis.ConnectionPool:
    conf = settings().redis
    options |= {"max_connections": conf.max_connections, "socket_connect_timeout": 2}
    return _CountedPool.from_url(conf.url, driver_info=None, **options)  # else each fit's connections name the library


def async_client() -> redis.asyncio.Redis:
    """A connection of its own, for a reader that blocks; the caller closes it."""
    return redis.asyncio.Redis.from_url(
        settings().redis.url, decode_responses=True, single_connection_client=True, socket_connect_timeout=2
    )


def after_fork() -> None:
    """Forget connections inherited from the parent process."""
    client.cache_clear()
    raw_client.cache_clear()


def ping() -> None:
    """`PING`, raising when Redis does not answer."""
    client().ping()
