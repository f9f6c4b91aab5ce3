"""The progress of a run: a Redis stream, whose last entry is where the run stands.

A page that opens late, reloads or reconnects misses nothing: it reads the last entry, then the stream from there
(`storage.feeds`). An entry holds what one process told at once: `event` is the newest, `before` are those of a moment
ago, `stage` is the stage of the run and `since` when that began. Where a stage begins there is no `since`, as the
entry's own id is the time.

The row of the run says the same, less often. So an outage of Redis costs news and nothing else: writers go on without,
and readers are told to look at the row.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.domain.run import ProgressEvent, Stage
from mixmodel_app.storage import redis, tallies

KEEP_EVENTS = 500
KEEP_SECONDS = 24 * 3600

_log = structlog.get_logger(__name__)

_TELL = f"""
local stage, status = ARGV[3], ARGV[4]
local entry = {{unpack(ARGV, 5)}}
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local before, since
if last then
  since = string.match(last[1], '%d+')
  for place = 1, #last[2], 2 do
    if last[2][place] == 'stage' then before = last[2][place + 1] end
    if last[2][place] == 'since' then since = last[2][place + 1] end
  end
end
if before == stage then
  table.insert(entry, 'since')
  table.insert(entry, since)
end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(entry))
if before ~= stage then
  local now = string.match(id, '%d+')
  {tallies.COUNT}
  since = now
end
if not last or stage == 'done' or stage == 'error' then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return since
"""


class Teller:
    """How one process tells the progress of one run: a new stage is counted, all else is a single command."""

    def __init__(self, workspace_id: UUID, run_id: UUID) -> None:
        self._stream = stream(workspace_id, run_id)
        self._run_id = run_id
        self._stage: Stage | None = None
        self._since = ""

    def tell(self, events: Sequence[ProgressEvent]) -> bool:
        """Append events of one stage, the newest last, in one step; False when Redis is away."""
        newest = events[-1]
        try:
            if newest.stage is not self._stage or not self._go_on(events):
                self._since, self._stage = self._begin(events), newest.stage
        except RedisError as error:
            _log.warning("progress is not told", run_id=str(self._run_id), error=repr(error))
            return False
        return True

    def _go_on(self, events: Sequence[ProgressEvent]) -> bool:
        """Append where the stage is known already; False when Redis has lost the stream."""
        entry: Any = entry_of(events) | {"since": self._since}
        return redis.client().xadd(self._stream, entry, maxlen=KEEP_EVENTS, nomkstream=True) is not None

    def _begin(self, events: Sequence[ProgressEvent]) -> str:
        """Append and count; gives the time of Redis, in milliseconds, at which the stage began."""
        newest = events[-1]
        entry = [part for pair in entry_of(events).items() for part in pair]
        args = (KEEP_EVENTS, KEEP_SECONDS, newest.stage.value, newest.status.value, *entry)
        since: Any = redis.client().register_script(_TELL)(keys=[self._stream], args=args)
        return since


def stream(workspace_id: UUID, run_id: UUID) -> str:
    """The key of a run's stream."""
    return f"progress:{workspace_id}:{run_id}:events"


def publish(workspace_id: UUID, event: ProgressEvent) -> bool:
    """Tell one event; False when Redis is away. Whoever tells many has a `Teller`."""
    return Teller(workspace_id, UUID(event.run_id)).tell([event])


def entry_of(events: Sequence[ProgressEvent]) -> dict[str, str]:
    """An entry of the stream, but for `since`."""
    *before, newest = (event.to_json() for event in events)
    entry = {"event": json.dumps(newest), "stage": newest["stage"]}
    return entry | {"before": json.dumps(before)} if before else entry


def events_in(entry: Mapping[str, str]) -> list[ProgressEvent]:
    """The events of an entry, the newest last."""
    raw = [*json.loads(entry.get("before", "[]")), json.loads(entry["event"])]
    return [ProgressEvent.from_json(each) for each in raw]


def snapshot(workspace_id: UUID, run_id: UUID) -> ProgressEvent | None:
    """The last event, or None when there is none (any more) or Redis is away."""
    try:
        last: Any = redis.client().xrevrange(stream(workspace_id, run_id), count=1)
    except RedisError as error:
        _log.warning("progress is not known", run_id=str(run_id), error=repr(error))
        return None
    return ProgressEvent.from_json(json.loads(last[0][1]["event"])) if last else None


def forget(workspace_id: UUID, run_id: UUID) -> None:
    """Delete the events of a run that is deleted or starts anew."""
    try:
        redis.client().delete(stream(workspace_id, run_id))
    except RedisError as error:  # they end by themselves within a day
        _log.warning("progress is not forgotten", run_id=str(run_id), error=repr(error))
