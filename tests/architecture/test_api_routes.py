"""Every route of the API knows its caller, or stands in the list of open ones with a reason."""

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Mount

from mixmodel_app.api import models
from mixmodel_app.api.admin import AdminOnly
from mixmodel_app.api.app import create_api
from mixmodel_app.api.dependencies import caller
from tests.architecture.app_parts import routes_of

OPEN = {
    "POST /api/auth/register": "makes the account",
    "POST /api/auth/login": "asks for the password",
    "POST /api/auth/refresh": "asks for the refresh token",
    "POST /api/session/register": "the same for browsers",
    "POST /api/session/login": "the same for browsers",
    "POST /api/session/renew": "asks for the refresh cookie",
    "POST /api/session/logout": "ends the session of whoever calls, and checks the origin",
    "GET /health": "for load balancers; says nothing but ok or error",
    "GET /health/live": "the same",
    "GET /api/docs": "what the API looks like, the same for everyone",
    "GET /api/docs/start.js": "part of that page",
}
OTHERS = {
    "/admin/rq": "for admins, see AdminOnly",
    "/api/openapi.json": "what the API looks like, the same for everyone",
    "/api/docs/assets": "scripts and styles of that page",
    "/api/docs/oauth2-redirect": "part of that page",
}
GUARDS = {caller, models._watcher}

API = create_api()
ROUTES, OTHER_ROUTES = routes_of(API)


def _signature(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


def _dependencies(dependant: Dependant) -> set[object]:
    found: set[object] = {dependant.call}
    for below in dependant.dependencies:
        found |= _dependencies(below)
    return found


@pytest.mark.parametrize("route", ROUTES, ids=_signature)
def test_a_route_knows_its_caller_or_is_open_on_purpose(route: APIRoute) -> None:
    guarded = bool(_dependencies(route.dependant) & GUARDS)
    assert guarded != (_signature(route) in OPEN), f"{_signature(route)}: guarded={guarded}"


def test_every_open_route_exists() -> None:
    assert set(OPEN) <= {_signature(route) for route in ROUTES}


def test_nothing_else_is_served() -> None:
    paths = {getattr(route, "path", "?") for route in OTHER_ROUTES}
    assert paths <= set(OTHERS)
    mounts = {route.path: route.app for route in OTHER_ROUTES if isinstance(route, Mount)}
    assert isinstance(mounts["/admin/rq"], AdminOnly)


def test_a_forgotten_guard_is_seen() -> None:
    app = FastAPI()
    app.get("/leak")(lambda: "everything")
    [route], _ = routes_of(app)
    assert not _dependencies(route.dependant) & GUARDS


def test_the_contract_has_every_path() -> None:
    wanted = """
    POST /api/auth/register, POST /api/auth/login, POST /api/auth/refresh, POST /api/auth/logout, GET /api/auth/me,
    GET /api/workspace, PUT /api/workspace, GET /api/workspace/stats,
    POST /api/datasets/upload, GET /api/datasets, GET /api/datasets/{dataset_id},
    GET /api/datasets/{dataset_id}/preview, PUT /api/datasets/{dataset_id}/mapping,
    POST /api/datasets/{dataset_id}/validate, DELETE /api/datasets/{dataset_id},
    POST /api/models/run, GET /api/models, GET /api/models/{run_id}, GET /api/models/{run_id}/progress,
    POST /api/models/{run_id}/cancel, GET /api/models/{run_id}/results, GET /api/models/{run_id}/artifact,
    POST /api/models/{run_id}/optimize, DELETE /api/models/{run_id}, GET /health, GET /health/live
    """
    paths = {entry.strip() for entry in wanted.split(",")}
    assert paths <= {_signature(route) for route in ROUTES}
