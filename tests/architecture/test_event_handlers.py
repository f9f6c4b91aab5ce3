"""What the browser can reach of a state, and what it can pass. Who may send an event is in test_permissions.py."""

import inspect
from typing import Any

from tests.architecture.app_parts import handlers_of, our_states


def _ours() -> list[tuple[str, Any]]:
    return [
        (f"{state.__name__}.{name}", found.fn)
        for state in our_states()
        for name, found in handlers_of(state).items()
        if not found.fn.__module__.startswith("reflex")
    ]


def test_there_are_handlers_to_look_at() -> None:
    assert len(_ours()) > 20


def test_no_handler_can_be_reached_through_setvar() -> None:
    names = {name for state in our_states() for name in dir(state) if name.startswith("set_")}
    assert names <= {"set_is_hydrated"}, "setvar calls methods named set_…"


def test_the_browser_can_pass_no_principal() -> None:
    for name, method in _ours():
        assert "principal" not in inspect.signature(method).parameters, name
