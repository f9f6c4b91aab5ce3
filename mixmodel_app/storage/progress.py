"""The progress of a run: a Redis stream for what happens next, and a snapshot for whoever comes late.

One script writes both in one step, so that a page that opens late, reloads or reconnects misses nothing: it reads the
snapshot, then the stream from the snapshot's position.

The row of the run says the same, less often. So an outage of Redis costs news and nothing else: writers go on without,
and readers are told to look at the row.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.domain.run import ProgressEvent
from mixmodel_app.metrics import STREAMS, open_in
from mixmodel_app.storage import redis, tallies

KEEP_EVENTS = 500
KEEP_SECONDS = 24 * 3600
_RECONNECT_S = 1.0

_log = structlog.get_logger(__name__)

_PUBLISH = f"""
{tallies.COUNT}
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'event', ARGV[1])
redis.call('HSET', KEYS[2], 'event', ARGV[1], 'last_id', id)
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return id
"""


def _keys(workspace_id: UUID, run_id: UUID) -> tuple[str, str]:
    base = f"progress:{workspace_id}:{run_id}"
    return f"{base}:events", f"{base}:snapshot"


def publish(workspace_id: UUID, event: ProgressEvent) -> bool:
    """Append an event and make it the snapshot, in one step; False when Redis is away."""
    stream, snapshot_key = _keys(workspace_id, UUID(event.run_id))
    try:
        redis.client().eval(_PUBLISH, 2, stream, snapshot_key, json.dumps(event.to_json()), KEEP_EVENTS, KEEP_SECONDS)
    except RedisError as error:
        _log.warning("progress is not told", run_id=event.run_id, error=repr(error))
        return False
    return True


def snapshot(workspace_id: UUID, run_id: UUID) -> ProgressEvent | None:
    """The last event, or None when there is none (any more) or Redis is away."""
    try:
        raw = redis.client().hget(_keys(workspace_id, run_id)[1], "event")
    except RedisError as error:
        _log.warning("progress is not known", run_id=str(run_id), error=repr(error))
        return None
    return ProgressEvent.from_json(json.loads(raw)) if isinstance(raw, str) else None


def forget(workspace_id: UUID, run_id: UUID) -> None:
    """Delete the events of a run that is deleted or starts anew."""
    try:
        redis.client().delete(*_keys(workspace_id, run_id))
    except RedisError as error:  # they end by themselves within a day
        _log.warning("progress is not forgotten", run_id=str(run_id), error=repr(error))


async def follow(
    workspace_id: UUID, run_id: UUID, *, idle_seconds: float = 15.0
) -> AsyncIterator[ProgressEvent | None]:
    """The snapshot, then every event after it until the final one, without a gap between the two.

    Yields None at once when there is no snapshot, after each `idle_seconds` without an event, and each second while
    Redis is away, so that the caller can look at the row or keep a line open.
    """
    last: ProgressEvent | None = None
    with open_in(STREAMS):
        while last is None or not last.is_final:
            try:
                async with aclosing(_follow(_keys(workspace_id, run_id), idle_seconds)) as events:
                    async for event in events:
                        if event is None or event != last:  # after an outage it begins with the snapshot again
                            yield event
                        last = event or last
            except RedisError as error:
                _log.warning("progress is not known", run_id=str(run_id), error=repr(error))
                yield None
                await asyncio.sleep(_RECONNECT_S)


async def _follow(keys: tuple[str, str], idle_seconds: float) -> AsyncGenerator[ProgressEvent | None]:
    """The same on one connection."""
    stream, snapshot_key = keys
    connection = redis.async_client()
    try:
        raw, last_id = await cast("Any", connection.hmget(snapshot_key, ["event", "last_id"]))
        last_id = last_id or "0"
        event = ProgressEvent.from_json(json.loads(raw)) if raw else None
        yield event
        while event is None or not event.is_final:
            answer = await connection.xread({stream: last_id}, block=int(idle_seconds * 1000), count=100)
            if not answer:
                yield None
                continue
            for entry_id, fields in answer[0][1]:
                last_id = entry_id
                event = ProgressEvent.from_json(json.loads(fields["event"]))
                yield event
                if event.is_final:
                    return
    finally:
        await connection.aclose()
