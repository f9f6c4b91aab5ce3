"""The API has every path of the contract."""

import pytest
from fastapi.routing import APIRoute

from mixmodel_app.api import models
from mixmodel_app.api.app import create_api
from mixmodel_app.api.dependencies import caller, reader, writer
from mixmodel_app.domain.permissions import ROUTES
from tests.architecture.app_parts import dependencies_of, routes_of

GUARDS = {caller, reader, writer, models._watcher}
"""A route asks one of them: a personal token passes `caller` never, `reader` always, `writer` with its scope."""
READING = {reader, models._watcher}
FOR_TOKENS_TOO = {"GET /api/auth/me", "GET /api/workspace", "GET /api/workspace/stats"}
"""What a personal token may ask about accounts and the workspace; all else there is for people who are signed in."""

API_ROUTES, _ = routes_of(create_api())


def _signature(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


@pytest.mark.parametrize("route", API_ROUTES, ids=_signature)
def test_a_route_says_what_a_personal_token_needs(route: APIRoute) -> None:
    guards = dependencies_of(route.dependant) & GUARDS
    assert len(guards) <= 1
    assert guards <= ({caller} | (READING if route.methods == {"GET"} else {writer}))
    about_people = route.path.startswith(("/api/auth", "/api/workspace", "/api/session", "/admin"))
    if about_people and _signature(route) not in FOR_TOKENS_TOO:
        assert guards <= {caller}, f"{_signature(route)} is for people who are signed in"


def test_the_contract_has_every_path() -> None:
    wanted = """
    POST /api/auth/register, POST /api/auth/login, POST /api/auth/refresh, POST /api/auth/logout, GET /api/auth/me,
    GET /api/workspace, PUT /api/workspace, GET /api/workspace/stats,
    GET /api/workspace/members, PUT /api/workspace/members/{member_id}/role,
    DELETE /api/workspace/members/{member_id}, POST /api/workspace/invite, GET /api/workspace/invitations,
    DELETE /api/workspace/invitations/{invitation_id}, POST /api/workspace/invite/{token}/accept,
    POST /api/datasets/upload, GET /api/datasets, GET /api/datasets/{dataset_id},
    GET /api/datasets/{dataset_id}/preview, PUT /api/datasets/{dataset_id}/mapping,
    POST /api/datasets/{dataset_id}/validate, DELETE /api/datasets/{dataset_id},
    POST /api/models/run, GET /api/models, GET /api/models/{run_id}, GET /api/models/{run_id}/progress,
    POST /api/models/{run_id}/cancel, GET /api/models/{run_id}/results, GET /api/models/{run_id}/artifact,
    POST /api/models/{run_id}/optimize, DELETE /api/models/{run_id}, GET /health, GET /health/live
    """
    paths = {entry.strip() for entry in wanted.split(",")}
    assert paths <= set(ROUTES)
