"""A tab's lock outlives nobody: taking and returning it are steps that a cancelled event still finishes.

Reflex cancels what a page is doing when its tab reloads or leaves. A task that is cancelled between sending "take the
lock" to Redis and hearing "it is yours" never returns it, and the reloaded page would wait until the lock expires: ten
seconds of skeleton.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from reflex.istate.manager import StateManager

_finishing: set[asyncio.Task[Any]] = set()
"""Steps under way; the event loop itself remembers tasks only weakly."""


def finish_when_cancelled(manager: StateManager) -> None:
    """Let `manager.modify_state`, by which every event locks its tab, survive being cancelled half-way."""
    modify_state: Any = manager.modify_state

    @asynccontextmanager
    async def patient(token: Any, **context: Any) -> AsyncIterator[Any]:
        held = modify_state(token, **context)
        entering = _start(held.__aenter__())
        try:
            state = await asyncio.shield(entering)
        except asyncio.CancelledError as cancelled:
            _start(_give_back(held, entering, cancelled))
            raise
        try:
            yield state
        except BaseException as error:
            if not await asyncio.shield(_start(held.__aexit__(type(error), error, error.__traceback__))):
                raise
        else:
            await asyncio.shield(_start(held.__aexit__(None, None, None)))

    setattr(manager, "modify_state", patient)  # noqa: B010 (a method of this one object, which its type does not foresee)


async def _give_back(
    held: AbstractAsyncContextManager[Any], entering: asyncio.Task[Any], why: asyncio.CancelledError
) -> None:
    """Return a lock that came too late; when none came there is nothing to return."""
    await asyncio.wait([entering])
    if entering.exception() is None:
        await held.__aexit__(type(why), why, None)


def _start(step: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(step)
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)
    return task
