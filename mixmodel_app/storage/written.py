"""How far the log of Postgres had come when something was last written, so that a replica behind that is not asked.

A position counts bytes of the write-ahead log. It is kept by workspace, and once for what may concern any of them. All
processes share it, so whoever has written, or been told of something, finds it wherever they read next.
"""

from typing import cast
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.storage import redis

PATTERN = "written:*"
_KEEP_S = 7 * 24 * 3600
"""A replica that is further behind than this needs its operator."""

_NOTE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
"""
"""Of two who write at once, the one that comes here last may be the one that wrote first."""

_log = structlog.get_logger(__name__)


def note(workspace_id: UUID | None, position: int) -> None:
    """Something was written in a workspace, or, with None, in any of them."""
    try:
        redis.client().eval(_NOTE, 1, _key(workspace_id), str(position), str(_KEEP_S))
    except RedisError as error:  # nobody reads a replica then either
        _log.warning("what was written is not noted", error=repr(error))


def position(workspace_id: UUID) -> int | None:
    """Where a replica must have come to before this workspace may be read on it; None when that is not known."""
    try:
        found = cast("list[str | None]", redis.client().mget(_key(workspace_id), _key(None)))
    except RedisError as error:
        _log.warning("what was written is not known", error=repr(error))
        return None
    return max(int(each or 0) for each in found)


def _key(workspace_id: UUID | None) -> str:
    return f"written:{workspace_id or 'anywhere'}"
