"""`@handler` and `@loader`: the only way to write an event handler, so that none can forget who is asking.

Reflex turns every public method of a state into an event that any socket client may call, whatever the page around it
hides. The decorators close that door in one line: they authorise, apply the rate limit, hand the `Principal` to the
method as its first argument, turn expected errors into a message on the page and give unexpected ones a reference.
"""

import functools
import inspect
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Concatenate, Protocol

import reflex as rx
from reflex.event import EventCallback

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.tracing import traced

logger = logging.getLogger(__name__)

REQUIRES = "__mixmodel_requires__"
"""Attribute that marks a guarded method; its value is the `Role` needed. The architecture tests look for it."""

UNGUARDED = "__mixmodel_unguarded__"
"""Attribute that marks a method anyone may call; its value is the reason."""

IS_LOADER = "__mixmodel_loader__"
"""Attribute that marks a `@loader`, the kind of handler that `@page(on_load=…)` accepts first."""


class Gatekeeper(Protocol):
    """What the decorators need of a state; `SessionState` provides it."""

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None: ...
    def _refusal(self) -> Any: ...
    def _report(self, error: Exception) -> None: ...
    def _clear_error(self) -> None: ...
    def _settle(self) -> None: ...


type Method[**P] = Callable[Concatenate[Any, Principal, P], Any]


def handler(
    *,
    requires: Role = Role.VIEWER,
    limit: Limit | None = None,
    background: bool = False,
    unasked: bool = False,
    **options: Any,
) -> Callable[[Method[...]], EventCallback[Any]]:
    """Make a method an event handler that only admitted people reach.

    The method is `async def name(self, principal, …)` or an async generator of that form. The client never sees the
    `principal` argument and cannot pass it.

    Args:
        requires: the least role.
        limit: what to count the event against, when it is rate limited.
        background: run without the state's lock; the method then changes state inside `async with self`.
        unasked: the browser sends the event by itself, so the message on the page stays where it is.
        options: `throttle`, `debounce`, `supersedes`, `stop_propagation`, `prevent_default`, `temporal` of `rx.event`.
    """

    def decorate(method: Method[...]) -> EventCallback[Any]:
        guarded = _guard(method, requires, limit, background, loads=False, unasked=unasked)
        return _event(guarded, background=background, **options)

    return decorate


def loader(*, requires: Role = Role.VIEWER, limit: Limit | None = None) -> Callable[[Method[...]], EventCallback[Any]]:
    """Like `handler`, for the method that brings a page its content.

    The shell shows the page's skeleton until it returns, then the page, or the error in place of the page.
    """

    def decorate(method: Method[...]) -> EventCallback[Any]:
        return _event(_guard(method, requires, limit, background=False, loads=True, unasked=False))

    return decorate


def unguarded(*, because: str) -> Callable[[Callable[..., Any]], EventCallback[Any]]:
    """Make a method an event handler that anyone may call. `because` says why that is safe."""

    def decorate(method: Callable[..., Any]) -> EventCallback[Any]:
        setattr(method, UNGUARDED, because)
        return _event(method)

    return decorate


def report_unhandled(exception: Exception) -> None:
    """Log what no handler caught; Reflex would answer with a toast, which the security policy stops."""
    logger.error("Unhandled error in an event", exc_info=exception)


def _guard(
    method: Method[...], requires: Role, limit: Limit | None, background: bool, *, loads: bool, unasked: bool
) -> Callable[..., Any]:
    if not _is_async(method):
        raise TypeError(f"{method.__qualname__} must be an async method or an async generator.")
    if list(inspect.signature(method).parameters)[1:2] != ["principal"]:
        raise TypeError(f"{method.__qualname__} must take `principal` right after `self`.")
    if background:
        guarded = _background(method, requires, limit)
    else:
        guarded = _foreground(method, requires, limit, loads=loads, unasked=unasked)
    guarded = traced(guarded, background=background, unasked=unasked)
    _hide_principal(guarded, method)
    setattr(guarded, REQUIRES, requires)
    setattr(guarded, IS_LOADER, loads)
    return guarded


def _event(method: Callable[..., Any], **options: Any) -> EventCallback[Any]:
    """`rx.event`, whose types cannot describe a method with any arguments."""
    make: Any = rx.event
    return make(method, **options)


def _is_async(method: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)


def _hide_principal(guarded: Callable[..., Any], method: Callable[..., Any]) -> None:
    """Give the wrapper the signature that Reflex offers to the browser: the method's, without `principal`."""
    signature = inspect.signature(method)
    kept = [parameter for name, parameter in signature.parameters.items() if name != "principal"]
    setattr(guarded, "__signature__", signature.replace(parameters=kept))  # noqa: B010 (unknown to the type of functions)
    guarded.__annotations__ = {name: hint for name, hint in method.__annotations__.items() if name != "principal"}


async def _events(method: Method[...], state: Any, principal: Principal, args: Any, kwargs: Any) -> AsyncGenerator[Any]:
    """What the method yields or returns, as one stream of events."""
    outcome = method(state, principal, *args, **kwargs)
    if inspect.isawaitable(outcome):
        yield await outcome
        return
    async with aclosing(outcome) as stream:
        async for event in stream:
            yield event


def _foreground(
    method: Method[...], requires: Role, limit: Limit | None, *, loads: bool, unasked: bool
) -> Callable[..., Any]:
    @functools.wraps(method)
    async def guarded(self: Gatekeeper, /, *args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        if not unasked:
            self._clear_error()
        try:
            principal = await self._admit(requires, limit)
            if principal is None:
                yield self._refusal()
                return
            async with aclosing(_events(method, self, principal, args, kwargs)) as events:
                async for event in events:
                    yield event
        except Exception as error:  # noqa: BLE001 (every failure must reach the person, under our policy no toast does)
            self._report(error)
        if loads:
            self._settle()

    return guarded


def _background(method: Method[...], requires: Role, limit: Limit | None) -> Callable[..., Any]:
    @functools.wraps(method)
    async def guarded(self: Any, /, *args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        try:
            async with self:
                principal = await self._admit(requires, limit)
            if principal is None:
                yield self._refusal()
                return
            async with aclosing(_events(method, self, principal, args, kwargs)) as events:
                async for event in events:
                    yield event
        except Exception as error:  # noqa: BLE001 (as above)
            async with self:
                self._report(error)

    return guarded
