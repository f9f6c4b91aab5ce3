"""Waiting out a store that is away: a fit of half an hour is not lost to a minute's outage at its end."""

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from mixmodel_app.domain.errors import FitCancelled, StorageFull, StorageUnavailable
from mixmodel_app.engine.types import StopReason

OUTAGE = (StorageUnavailable, OperationalError, InterfaceError)
"""What the stores raise while they are away. Everything else is raised at once."""

PATIENCE_S = 180.0
FULL_PATIENCE_S = 15.0
"""A full disk seldom empties itself, and whoever made room can run the fit again."""
_PAUSE_S = 0.5

_log = structlog.get_logger(__name__)


def patiently[T](
    act: Callable[[], T],
    should_stop: Callable[[], StopReason | None] = lambda: None,
    tell: Callable[[str], None] = lambda _message: None,
) -> T:
    """Do `act`, again and again while its store is away; it must be something that may be done twice.

    Args:
        should_stop: asked between two tries; a cancel ends the waiting.
        tell: told in words that one waits, at each try.

    Raises:
        FitCancelled: when `should_stop` says so.
        the error of the last try: after `PATIENCE_S`, or `FULL_PATIENCE_S` where there is no room.
    """
    began = time.monotonic()
    while True:
        try:
            return act()
        except OUTAGE as error:
            waited = time.monotonic() - began
            limit = FULL_PATIENCE_S if isinstance(error, StorageFull) else PATIENCE_S
            _log.warning("store is away", error=repr(error), waited_s=round(waited))
            if waited > limit:
                raise
            if should_stop() is StopReason.CANCELLED:
                raise FitCancelled("The run was cancelled while it waited for a store.") from error
            tell(_words(error))
        time.sleep(_PAUSE_S)


def _words(error: Exception) -> str:
    if isinstance(error, StorageFull):
        return "The file storage is full; waiting for room"
    store = "file storage" if isinstance(error, StorageUnavailable) else "database"
    return f"Waiting for the {store}, which does not answer"
