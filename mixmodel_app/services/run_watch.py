"""Where a run stands for someone who watches it: what has just happened, and the run itself."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run import ProgressEvent, RunStatus
from mixmodel_app.services import runs
from mixmodel_app.storage import feeds

FRESH_S = 5.0
"""How long a run that was read is good enough, while its events say that it is still worked on: of hundreds of pages
that watch, each would read it several times a second. Whoever may not see it any more learns so after this time."""
_LOOK_AGAIN_S = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """One moment of a run: its newest event, and the run as the API gives it, read at `looked_at`."""

    event: ProgressEvent
    run: dict[str, Any]
    looked_at: float = field(default_factory=time.monotonic)

    def goes_on_with(self, event: ProgressEvent) -> bool:
        """Whether the run that was read will do for this event too."""
        same = self.run["status"] == event.status.value and not event.is_final
        return same and self.age_s < FRESH_S

    @property
    def age_s(self) -> float:
        """Seconds since the run was read."""
        return time.monotonic() - self.looked_at


async def watch(principal: Principal, run_id: UUID, idle_seconds: float) -> AsyncGenerator[Standing]:
    """Where a run stands, then again with all news and after each `idle_seconds` without any, until it has ended.

    Whoever is slow misses what came in between, never the last. All who watch a run in this process look together.

    Raises:
        NotFound: the run is not there, or not any more.
    """
    async with aclosing(feeds.follow(principal.workspace_id, run_id, idle_seconds=idle_seconds)) as steps:
        with _Sight.of(principal.workspace_id, run_id) as sight:
            async for events in steps:
                waits = not events or events[-1].status is RunStatus.QUEUED  # its place changes without an event
                seen = await sight.standing(principal, run_id, None if waits else events[-1])
                yield seen
                if seen.event.is_final:
                    return


class _Sight:
    """What all who watch one run in this process have seen of it last."""

    _shared: ClassVar[dict[tuple[asyncio.AbstractEventLoop, UUID, UUID], "_Sight"]] = {}

    def __init__(self) -> None:
        self._watchers = 0
        self._turn = asyncio.Lock()
        self._last: Standing | None = None

    @classmethod
    @contextmanager
    def of(cls, workspace_id: UUID, run_id: UUID) -> Iterator["_Sight"]:
        """The one of this run; it is forgotten when nobody watches any more."""
        place = (asyncio.get_running_loop(), workspace_id, run_id)
        sight = cls._shared.setdefault(place, cls())
        sight._watchers += 1
        try:
            yield sight
        finally:
            sight._watchers -= 1
            if not sight._watchers:
                del cls._shared[place]

    async def standing(self, principal: Principal, run_id: UUID, event: ProgressEvent | None) -> Standing:
        """As `standing`, but nobody looks anew where another has looked just now."""
        async with self._turn:
            if event is not None or self._last is None or self._last.age_s > _LOOK_AGAIN_S:
                self._last = await standing(principal, run_id, event, self._last)
            return self._last


async def standing(
    principal: Principal, run_id: UUID, event: ProgressEvent | None, before: Standing | None = None
) -> Standing:
    """The event, or where the run stands when there is none, and the run; waits while the database is away.

    Whoever watches a run is then still there when it ends.

    Args:
        before: the last moment that the same watcher saw.
    """
    if event is not None and before is not None and before.goes_on_with(event):
        return Standing(event, before.run, before.looked_at)
    while True:
        try:
            current = event or await asyncio.to_thread(runs.last_event, principal, run_id)
            return Standing(current, await asyncio.to_thread(runs.get, principal, run_id))
        except OperationalError as error:
            _log.warning("run cannot be looked at", run_id=str(run_id), error=repr(error))
        await asyncio.sleep(_LOOK_AGAIN_S)
