"""Connections to Redis or Valkey."""

from functools import lru_cache

import redis
import redis.asyncio

from mixmodel_app.config import settings


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """The connection pool of this process; safe across threads."""
    return redis.Redis.from_url(
        settings().redis.url,
        decode_responses=True,
        max_connections=settings().redis.max_connections,
        socket_connect_timeout=2,
        health_check_interval=30,
    )


@lru_cache(maxsize=1)
def raw_client() -> redis.Redis:
    """The same without decoding, as RQ needs it."""
    return redis.Redis.from_url(
        settings().redis.url, max_connections=settings().redis.max_connections, socket_connect_timeout=2
    )


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
