"""Each event of a page gets an id, which its log lines, and those of a run that it starts, carry; and is measured.

A socket stays open for hours, so its own id would say nothing. An event is to a page what a request is to a program.
"""

import functools
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any

import structlog

from mixmodel_app.domain.errors import MixModelError
from mixmodel_app.metrics import EVENT_SECONDS, EVENTS

_log = structlog.get_logger(__name__)
_outcome: ContextVar[str] = ContextVar("mixmodel_event_outcome", default="ok")

OK, REFUSED, FAILED = "ok", "refused", "failed"


def traced(
    guarded: Callable[..., AsyncGenerator[Any]], *, background: bool, unasked: bool
) -> Callable[..., AsyncGenerator[Any]]:
    """The same handler, with an id, a measured time and one log line.

    Args:
        background: it may last for as long as a page is open, so its time is not counted.
        unasked: the browser sends it by itself and often; only what fails is logged.
    """
    name = guarded.__qualname__

    @functools.wraps(guarded)
    async def measured(self: Any, /, *args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        # Reflex gives each event a task of its own, so nothing of this outlives it.
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex)
        _outcome.set(OK)
        started = time.perf_counter()
        try:
            async with aclosing(guarded(self, *args, **kwargs)) as events:
                async for event in events:
                    yield event
        finally:
            _end(name, time.perf_counter() - started, background=background, quiet=unasked)
            structlog.contextvars.unbind_contextvars("request_id", "workspace_id")

    return measured


def reported(error: Exception) -> None:
    """The event that is under way ended with this error."""
    _outcome.set(REFUSED if isinstance(error, MixModelError) else FAILED)


def _end(name: str, seconds: float, *, background: bool, quiet: bool) -> None:
    outcome = _outcome.get()
    EVENTS.labels(name, outcome).inc()
    if not background:
        EVENT_SECONDS.labels(name).observe(seconds)
    if not quiet or outcome == FAILED:
        _log.info(f"event {name}", outcome=outcome, duration_ms=round(seconds * 1000, 1))
