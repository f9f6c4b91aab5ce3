"""Every event that a socket client may call says who may call it."""

from typing import Any

import pytest

from mixmodel_app.domain.account import Role
from mixmodel_app.pages._page import PAGES
from mixmodel_app.state.handlers import REQUIRES, UNGUARDED
from tests.architecture.app_parts import all_states, handlers_of, our_states

REFLEX_OWN = {
    "setvar": "calls a method `set_<name>` of the state: ours have none, which the last test here sees to",
    "hydrate": "sends a tab its own state; what that holds is bound to a person and reset when the person changes",
    "hydrate_and_load": "the same, then the page's loaders, which are guarded",
    "set_is_hydrated": "sets a flag of the tab",
    "on_load_internal": "runs the page's loaders, which are guarded",
    "update_vars_internal": "sets variables that live in the browser; we have none",
    "handle_frontend_exception": "logs what a browser reports",
}


def _ours() -> list[tuple[str, Any]]:
    return [
        (f"{state.__name__}.{name}", found.fn)
        for state in our_states()
        for name, found in handlers_of(state).items()
        if name not in REFLEX_OWN
    ]


def test_there_are_handlers_to_look_at() -> None:
    assert len(_ours()) > 20
    assert len(our_states()) > len(PAGES) / 2


@pytest.mark.parametrize(("name", "method"), _ours(), ids=[name for name, _ in _ours()])
def test_a_handler_is_guarded_or_says_why_not(name: str, method: Any) -> None:
    requires, reason = getattr(method, REQUIRES, None), getattr(method, UNGUARDED, None)
    assert isinstance(requires, Role) or (isinstance(reason, str) and len(reason) > 20), (
        f"{name} can be called by any socket client: use @handler or @loader, or @unguarded(because=…); "
        "helpers start with an underscore"
    )
    assert requires is None or reason is None


def test_what_reflex_itself_lets_anyone_call_is_known() -> None:
    found = {
        name
        for state in all_states()
        for name, handler in handlers_of(state).items()
        if handler.fn.__module__.startswith("reflex")
    }
    assert found <= set(REFLEX_OWN), "a new Reflex event: read what it does before adding it to the list"


def test_no_handler_can_be_reached_through_setvar() -> None:
    names = {name for state in our_states() for name in dir(state) if name.startswith("set_")}
    assert names <= {"set_is_hydrated"}, "setvar calls methods named set_…"


def test_the_browser_can_pass_no_principal() -> None:
    import inspect

    for name, method in _ours():
        assert "principal" not in inspect.signature(method).parameters, name
