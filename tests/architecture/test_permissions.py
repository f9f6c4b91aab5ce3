"""The table of permissions and the code say the same, in both directions."""

import ast
import inspect
import runpy
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from mixmodel_app.api import models, session
from mixmodel_app.api.admin import AdminOnly
from mixmodel_app.api.app import create_api
from mixmodel_app.api.dependencies import caller, reader, writer
from mixmodel_app.domain.permissions import HANDLERS, ROUTES, Access
from mixmodel_app.pages._page import PAGES
from mixmodel_app.state.handlers import REQUIRES, UNGUARDED
from tests.architecture.app_parts import ROOT, all_states, handlers_of, our_states, routes_of

LAST = "/api/{rest:path}"
"""Says 404 or 405 of what no route takes."""
REFLEX = {"POST /_upload", "GET /_event", "GET /ping", "GET /_health"}
"""Routes that Reflex adds when it is started; the browser tests call them."""
GUARDS = {caller, reader, writer, models._watcher}

API_ROUTES, OTHER_ROUTES = routes_of(create_api())


def _name(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


def _dependencies(dependant: Dependant) -> set[object]:
    found: set[object] = {dependant.call}
    for below in dependant.dependencies:
        found |= _dependencies(below)
    return found


def _handlers() -> dict[str, Any]:
    """Every event by the name that its row has: Reflex's own are the same on every state."""
    found: dict[str, Any] = {}
    for state in all_states():
        for name, event in handlers_of(state).items():
            is_reflex = event.fn.__module__.startswith("reflex")
            found[name if is_reflex else f"{state.__name__}.{name}"] = event.fn
    return found


EVENTS = _handlers()


def test_there_is_something_to_compare() -> None:
    assert len(API_ROUTES) > 80
    assert len(EVENTS) > 90
    assert len(our_states()) > len(PAGES) / 2


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    served = {_name(route) for route in API_ROUTES if route.path != LAST}
    served |= {f"GET {route.path}" for route in OTHER_ROUTES if isinstance(route, Route | Mount)}
    assert served | REFLEX == set(ROUTES), "write down in domain/permissions.py who may call it"


def test_every_event_has_a_row_and_every_row_an_event() -> None:
    assert set(EVENTS) == set(HANDLERS), "write down in domain/permissions.py who may send it"


@pytest.mark.parametrize("route", API_ROUTES, ids=_name)
def test_a_route_asks_for_its_caller_unless_it_is_open(route: APIRoute) -> None:
    guarded = bool(_dependencies(route.dependant) & GUARDS)
    if route.path == LAST:
        assert not guarded
    elif route.path.startswith("/api/session/"):  # cookies, in the order that each form needs
        assert not guarded
        assert _asks_for_a_person(route) or ROUTES[_name(route)].role is None
    else:
        assert guarded == (ROUTES[_name(route)].role is not None)


def _asks_for_a_person(route: APIRoute) -> bool:
    """Whether a form calls what looks its row up."""
    calls = ast.walk(ast.parse(inspect.getsource(route.endpoint)))
    names = {node.func.id for node in calls if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return bool(names & {session._person.__name__, session._writer.__name__})


def test_a_forgotten_guard_is_seen() -> None:
    app = FastAPI()
    app.get("/leak")(lambda: "everything")
    [route], _ = routes_of(app)
    assert not _dependencies(route.dependant) & GUARDS


@pytest.mark.parametrize("name", [name for name in EVENTS if "." in name])
def test_an_event_declares_the_role_of_its_row(name: str) -> None:
    method, row = EVENTS[name], HANDLERS[name]
    requires, reason = getattr(method, REQUIRES, None), getattr(method, UNGUARDED, None)
    assert requires == row.role, f"{name} needs {requires} by its decorator and {row.role} by the table"
    assert (reason is None) == (row.role is not None), f"{name}: use @handler, @loader or @unguarded(because=…)"


@pytest.mark.parametrize(("name", "row"), [*ROUTES.items(), *HANDLERS.items()])
def test_what_is_open_says_why(name: str, row: Access) -> None:
    assert row.role is not None or row.note
    assert not row.own or row.note


def test_the_dashboard_of_the_queue_has_its_guard() -> None:
    mounts = {route.path: route.app for route in OTHER_ROUTES if isinstance(route, Mount)}
    assert isinstance(mounts["/admin/rq"], AdminOnly)


def test_the_page_of_permissions_is_up_to_date() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "permissions_page.py"))
    assert (ROOT / "docs" / "permissions.md").read_text() == tool["page"](), "run python tools/permissions_page.py"
