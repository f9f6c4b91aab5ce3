"""What `@handler`, `@loader` and `@unguarded` do around a method, on a state that only takes notes."""

import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import NotAllowed, NotFound, RateLimited
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import IS_LOADER, REQUIRES, UNGUARDED, handler, loader, unguarded

ANN = Principal(uuid4(), uuid4(), Role.MEMBER, "ann@example.com", "Ann Example")


class Notes:
    """Admits whoever it is told to, and writes down what the guard does."""

    def __init__(self, principal: Principal | None = ANN, refuses: Exception | None = None) -> None:
        self.principal, self.refuses = principal, refuses
        self.seen: list[Any] = []

    async def __aenter__(self) -> "Notes":
        self.seen.append("lock")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.seen.append("unlock")

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None:
        self.seen.append(("admit", requires, limit))
        if self.refuses is not None:
            raise self.refuses
        return self.principal

    def _refusal(self) -> str:
        return "to the sign-in page"

    def _report(self, error: Exception) -> None:
        self.seen.append(error)

    def _clear_error(self) -> None:
        self.seen.append("clear")

    def _settle(self) -> None:
        self.seen.append("settle")


async def _answers(event: Any, state: Notes, *args: Any, **kwargs: Any) -> list[Any]:
    stream: AsyncIterator[Any] = (
        event.fn(state, *args, **kwargs) if hasattr(event, "fn") else event(state, *args, **kwargs)
    )
    return [answer async for answer in stream]


def _method(outcome: Callable[[Any, Principal], Any]) -> Callable[..., Any]:
    async def method(self: Any, principal: Principal, text: str = "") -> Any:
        self.seen.append(("run", principal, text))
        return outcome(self, principal)

    return method


def _fails(error: Exception) -> Callable[..., Any]:
    def raise_it(_self: Any, _principal: Principal) -> None:
        raise error

    return _method(raise_it)


async def test_the_method_runs_with_the_admitted_person_and_its_answer_goes_on() -> None:
    state = Notes()
    event = handler(requires=Role.MEMBER, limit=Limit.RUN)(_method(lambda *_: "redirect"))
    assert await _answers(event, state, text="hello") == ["redirect"]
    assert state.seen == ["clear", ("admit", Role.MEMBER, Limit.RUN), ("run", ANN, "hello")]


@pytest.mark.parametrize("background", [False, True])
async def test_without_a_person_the_method_never_runs(background: bool) -> None:
    state = Notes(principal=None)
    event = handler(background=background)(_method(lambda *_: "secret"))
    assert await _answers(event, state) == ["to the sign-in page"]
    assert not [entry for entry in state.seen if entry[0] == "run"]


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("refusal", [NotAllowed("no"), RateLimited(7)])
async def test_a_refused_person_gets_the_reason_and_nothing_runs(refusal: Exception, background: bool) -> None:
    state = Notes(refuses=refusal)
    event = handler(background=background)(_method(lambda *_: "secret"))
    assert await _answers(event, state) == []
    assert refusal in state.seen
    assert not [entry for entry in state.seen if isinstance(entry, tuple) and entry[0] == "run"]


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("error", [NotFound("gone"), ZeroDivisionError()])
async def test_an_error_of_the_method_is_reported_not_raised(error: Exception, background: bool) -> None:
    state = Notes()
    assert await _answers(handler(background=background)(_fails(error)), state) == []
    assert error in state.seen


async def test_a_background_method_is_admitted_under_the_lock_and_runs_without_it() -> None:
    state = Notes()
    await _answers(handler(background=True)(_method(lambda *_: None)), state)
    assert state.seen == ["lock", ("admit", Role.VIEWER, None), "unlock", ("run", ANN, "")]


@pytest.mark.parametrize("method", [_method(lambda *_: None), _fails(NotFound("gone"))], ids=["loads", "fails"])
async def test_a_loader_settles_the_page_whatever_happens(method: Callable[..., Any]) -> None:
    state = Notes()
    await _answers(loader()(method), state)
    assert state.seen[-1] == "settle"


async def test_what_the_browser_sends_by_itself_leaves_the_message_alone() -> None:
    state = Notes()
    await _answers(handler(unasked=True)(_method(lambda *_: None)), state)
    assert "clear" not in state.seen


async def test_every_step_of_a_generator_is_passed_on_and_the_rest_is_closed() -> None:
    closed = []

    async def steps(self: Any, principal: Principal) -> AsyncIterator[str]:
        try:
            yield "one"
            yield "two"
        finally:
            closed.append(True)

    event: Any = handler()(steps)
    assert await _answers(event, Notes()) == ["one", "two"]
    stream = (event.fn if hasattr(event, "fn") else event)(Notes())
    assert await anext(stream) == "one"
    await stream.aclose()
    assert closed == [True, True]


def test_the_browser_cannot_pass_the_principal() -> None:
    event: Any = handler()(_method(lambda *_: None))
    function = getattr(event, "fn", event)
    assert list(inspect.signature(function).parameters) == ["self", "text"]
    assert "principal" not in function.__annotations__


def test_a_method_that_could_not_be_guarded_is_a_mistake_of_the_programmer() -> None:
    async def without(self: Any, text: str) -> None: ...

    def blocking(self: Any, principal: Principal) -> None: ...

    methods: tuple[Any, ...] = (without, blocking)
    for method in methods:
        with pytest.raises(TypeError, match=method.__name__):
            handler()(method)


def test_the_marks_say_how_a_method_is_guarded() -> None:
    async def open_to_all(self: Any) -> None: ...

    guarded: Any = handler(requires=Role.ADMIN)(_method(lambda *_: None))
    loads: Any = loader()(_method(lambda *_: None))
    free: Any = unguarded(because="it only hides a message")(open_to_all)
    assert getattr(getattr(guarded, "fn", guarded), REQUIRES) is Role.ADMIN
    assert not getattr(getattr(guarded, "fn", guarded), IS_LOADER)
    assert getattr(getattr(loads, "fn", loads), IS_LOADER)
    assert getattr(getattr(free, "fn", free), UNGUARDED) == "it only hides a message"
