"""Where a run stands for someone who watches it: what has just happened, and the run itself."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run import ProgressEvent
from mixmodel_app.services import runs

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
        return same and time.monotonic() - self.looked_at < FRESH_S


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
