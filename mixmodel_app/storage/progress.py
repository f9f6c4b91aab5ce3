"""The progress of a run: a Redis stream for what happens next, and a snapshot for whoever comes late.

One script writes both in one step, so that a page that opens late, reloads or reconnects misses nothing: it reads the
snapshot, then the stream from the snapshot's position.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from mixmodel_app.domain.run import ProgressEvent
from mixmodel_app.storage import redis

KEEP_EVENTS = 500
KEEP_SECONDS = 24 * 3600

_PUBLISH = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'event', ARGV[1])
redis.call('HSET', KEYS[2], 'event', ARGV[1], 'last_id', id)
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return id
"""


def _keys(workspace_id: UUID, run_id: UUID) -> tuple[str, str]:
    base = f"progress:{workspace_id}:{run_id}"
    return f"{base}:events", f"{base}:snapshot"


def publish(workspace_id: UUID, event: ProgressEvent) -> None:
    """Append an event and make it the snapshot, in one step."""
    stream, snapshot_key = _keys(workspace_id, UUID(event.run_id))
    redis.client().eval(_PUBLISH, 2, stream, snapshot_key, json.dumps(event.to_json()), KEEP_EVENTS, KEEP_SECONDS)


def snapshot(workspace_id: UUID, run_id: UUID) -> ProgressEvent | None:
    """The last event, or None when there is none (any more)."""
    raw = redis.client().hget(_keys(workspace_id, run_id)[1], "event")
    return ProgressEvent.from_json(json.loads(raw)) if isinstance(raw, str) else None


def forget(workspace_id: UUID, run_id: UUID) -> None:
    """Delete the events of a run that is deleted or starts anew."""
    redis.client().delete(*_keys(workspace_id, run_id))


async def follow(
    workspace_id: UUID, run_id: UUID, *, idle_seconds: float = 15.0
) -> AsyncIterator[ProgressEvent | None]:
    """The snapshot, then every event after it until the final one, without a gap between the two.

    Yields None at once when there is no snapshot, and after each `idle_seconds` without an event, so that the caller
    can look at the row or keep a line open.
    """
    stream, snapshot_key = _keys(workspace_id, run_id)
    connection = redis.async_client()
    try:
        raw, last_id = await cast("Any", connection.hmget(snapshot_key, ["event", "last_id"]))
        last_id = last_id or "0"
        if raw:
            event = ProgressEvent.from_json(json.loads(raw))
            yield event
            if event.is_final:
                return
        else:
            yield None
        while True:
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
