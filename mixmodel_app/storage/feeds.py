"""Following runs: each is read once in a process, on one connection, for all who watch it there."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Sequence
from typing import Any, ClassVar
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from mixmodel_app.domain.run import ProgressEvent
from mixmodel_app.metrics import STREAMS, open_in
from mixmodel_app.storage import progress, redis

_RECONNECT_S = 1.0
_BLOCK_S = 15.0

_log = structlog.get_logger(__name__)


async def follow(
    workspace_id: UUID, run_id: UUID, *, idle_seconds: float = 15.0
) -> AsyncGenerator[Sequence[ProgressEvent]]:
    """The last event, then every event after it until the final one, without a gap between the two.

    Each step is all that has come since the step before, so whoever is slow takes several at once. It is empty when
    nothing is known at first, after each `idle_seconds` without an event, and each second while Redis is away, so that
    the caller can look at the row or keep a line open.
    """
    feed = _Feed.of(progress.stream(workspace_id, run_id))
    listener = feed.join()
    try:
        with open_in(STREAMS):
            while True:
                events = await listener.next(idle_seconds)
                yield events
                if events and events[-1].is_final:
                    return
                feed.check()
    finally:
        feed.leave(listener)


class _Listener:
    """What has come for one who watches and has not been taken yet."""

    def __init__(self) -> None:
        self._events: list[ProgressEvent] = []
        self._woken = asyncio.Event()

    def put(self, events: Sequence[ProgressEvent]) -> None:
        self._events += events
        self._woken.set()

    async def next(self, idle_seconds: float) -> Sequence[ProgressEvent]:
        try:
            async with asyncio.timeout(idle_seconds):
                await self._woken.wait()
        except TimeoutError:
            return ()
        self._woken.clear()
        events, self._events = self._events, []
        return events


class _Feed:
    """The one reader of a stream in this event loop. It begins with the first listener and ends with the last."""

    _open: ClassVar[dict[tuple[asyncio.AbstractEventLoop, str], "_Feed"]] = {}

    def __init__(self, place: tuple[asyncio.AbstractEventLoop, str]) -> None:
        self._place = place
        self._listeners: set[_Listener] = set()
        self._latest: ProgressEvent | None = None
        self._has_looked = False
        # A context of its own: its log lines belong to no one request.
        self._task = asyncio.create_task(self._read(), context=contextvars.Context())
        self._task.add_done_callback(lambda _: self._deliver(()))

    @classmethod
    def of(cls, stream: str) -> "_Feed":
        place = (asyncio.get_running_loop(), stream)
        if place not in cls._open:
            cls._open[place] = cls(place)
        return cls._open[place]

    def join(self) -> _Listener:
        """One more, who learns at once what the others know."""
        listener = _Listener()
        self._listeners.add(listener)
        if self._has_looked:
            listener.put([self._latest] if self._latest else ())
        return listener

    def leave(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:
            self._close()
            self._task.cancel()

    def check(self) -> None:
        """Raise what has ended the reading, if anything has."""
        if self._task.done() and not self._task.cancelled():
            self._task.result()

    def _close(self) -> None:
        """Whoever comes from now on gets another feed."""
        if self._open.get(self._place) is self:
            del self._open[self._place]

    def _deliver(self, events: Sequence[ProgressEvent]) -> None:
        self._has_looked = True
        if events:
            self._latest = events[-1]
        for listener in self._listeners:
            listener.put(events)

    async def _read(self) -> None:
        try:
            while not (self._latest and self._latest.is_final):
                try:
                    await self._read_on_one_connection()
                except RedisError as error:
                    _log.warning("progress is not known", stream=self._place[1], error=repr(error))
                    self._deliver(())
                    await asyncio.sleep(_RECONNECT_S)
        finally:
            self._close()

    async def _read_on_one_connection(self) -> None:
        """From the last entry to the final event. After an outage the last entry may be known already."""
        connection: Any = redis.async_client()
        stream = self._place[1]
        try:
            found = await connection.xrevrange(stream, count=1)
            last_id = found[0][0] if found else "0"
            newest = [progress.events_in(entry)[-1] for _, entry in found]
            if not newest or newest[-1] != self._latest:
                self._deliver(newest)
            while not (self._latest and self._latest.is_final):
                answer = await connection.xread({stream: last_id}, block=int(_BLOCK_S * 1000), count=100)
                for entry_id, entry in answer[0][1] if answer else ():
                    last_id = entry_id
                    self._deliver(progress.events_in(entry))
        finally:
            await connection.aclose()
