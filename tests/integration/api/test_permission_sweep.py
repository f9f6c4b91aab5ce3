"""Every route called as everybody, and the answers held against the table of permissions."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from mixmodel_app.domain.account import Role, TokenScope
from mixmodel_app.domain.permissions import ROUTES, Access
from mixmodel_app.services import personal_tokens
from mixmodel_app.storage import db
from mixmodel_app.storage.models import User
from tests.integration.api.permission_calls import CALLS, NOT_CALLED, Call
from tests.integration.house import SECRET, House, Resident, build_house, sign_in, things_of
from tests.integration.scenes import CompletedFit, lift_limits

pytestmark = pytest.mark.fit

CALLERS = ("anonymous", "stranger", "viewer", "member", "admin")
REFUSALS = {"not_authenticated": 401, "not_allowed": 403, "not_found": 404}
BY_COOKIE = ("/api/session/", "/admin/rq")
SWEPT = [name for name in ROUTES if name not in NOT_CALLED]
OWN = [name for name, row in ROUTES.items() if row.own and "member_id" not in name]


def _user(resident: Resident) -> User:
    with db.system_transaction() as session:
        user = session.get(User, resident.principal.user_id)
    assert user is not None
    return user


def _things(house: House, caller: str) -> dict[str, str]:
    """What a caller puts into the placeholders: the ids of the house; a session and an email that is their own."""
    own = house.people["admin" if caller in ("anonymous", "stranger") else caller]
    mine = {"session_id": str(sign_in(_user(own)).principal.session_id), "refresh": own.refresh}
    personal_tokens.revoke_all(own.principal)
    mine["token_id"] = personal_tokens.create(own.principal, "nightly", TokenScope.READ)["id"]
    return house.things | mine | {"email": own.principal.email}


def _credentials(name: str, house: House, caller: str) -> dict[str, str]:
    if caller == "anonymous":
        return {}
    resident = house.people[caller]
    return resident.cookie if any(part in name for part in BY_COOKIE) else resident.headers


def _ask(api: TestClient, name: str, house: House, caller: str, things: dict[str, str] | None = None) -> httpx.Response:
    lift_limits()
    method, path = name.split()
    call = CALLS.get(name, Call())
    known = things or _things(house, caller)
    known |= {key: known.get(value[1:-1], value) for key, value in call.path.items()}
    url = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path) + call.below
    headers = _credentials(name, house, caller)
    api.cookies.clear()
    return api.request(method, url, headers=headers, follow_redirects=False, **call.arguments(known))


def _code(answer: httpx.Response) -> str:
    """The code of the refusal, "" for none; forms say it in the address that they lead back to."""
    place = answer.headers.get("location", "")
    if place.startswith("/login?next=/admin/rq"):
        return "not_authenticated"
    if answer.status_code == 303:
        return parse_qs(urlsplit(place).query).get("error", [""])[0]
    if answer.headers.get("content-type") == "application/problem+json":
        return answer.json()["code"]
    return "not_allowed" if answer.status_code == 403 else "" if answer.is_success or answer.is_redirect else "?"


def _expected(name: str, row: Access, caller: str) -> str:
    """The refusal that the table promises, "" for an answer. All things are the admin's."""
    if row.role is None:
        return ""
    if caller == "anonymous":
        return "not_authenticated"
    if caller == "stranger":
        return "not_found" if _names_a_thing(name) else ""
    needed = Role.ADMIN if row.own else row.role
    return "" if Role(caller).rank >= needed.rank else "not_allowed"


def _names_a_thing(name: str) -> bool:
    """Whether the call carries an id of the house, in its path, query or body."""
    call = CALLS.get(name, Call())
    return "_id}" in name or "_id}" in str((call.json, call.params))


@pytest.fixture(scope="module")
def house(long_api: TestClient, completed_fit: CompletedFit) -> House:
    """One for all calls that take nothing away."""
    return build_house(completed_fit)


@pytest.mark.parametrize("name", SWEPT)
def test_a_route_answers_whom_the_table_says(
    long_api: TestClient, house: House, completed_fit: CompletedFit, name: str
) -> None:
    row, call = ROUTES[name], CALLS.get(name, Call())
    if call.fresh:
        house = build_house(completed_fit)
    for caller in CALLERS:
        answer = _ask(long_api, name, house, caller)
        expected, found = _expected(name, row, caller), _code(answer)
        said = f"{name} as {caller}: {answer.status_code} {found} {answer.text[:300]}"
        assert answer.status_code < 500, said
        if expected:
            assert found == expected, said
            assert answer.status_code in (REFUSALS[expected], 303), said
        else:
            assert found in ("", *call.also), said
        if caller == "stranger" and row.role is not None and "token" not in str(call.data or name):
            assert SECRET not in answer.text, said
        if call.fresh and not expected:
            house = build_house(completed_fit)


@pytest.mark.parametrize("name", OWN)
def test_what_is_ones_own_is_at_ones_disposal(long_api: TestClient, completed_fit: CompletedFit, name: str) -> None:
    house = build_house(completed_fit)
    member = house.people["member"].principal
    answer = _ask(long_api, name, house, "member", things_of(completed_fit, member))
    assert answer.status_code == 204, answer.text


def test_everyone_may_leave(long_api: TestClient, completed_fit: CompletedFit) -> None:
    house = build_house(completed_fit)
    for role in ("viewer", "member"):
        myself: dict[str, Any] = {"member_id": str(house.people[role].principal.user_id)}
        answer = _ask(long_api, "DELETE /api/workspace/members/{member_id}", house, role, myself)
        assert answer.status_code == 204, answer.text


def test_a_route_without_a_row_is_closed(long_api: TestClient, house: House) -> None:
    row = ROUTES.pop("GET /api/workspace/stats")
    try:
        answer = _ask(long_api, "GET /api/workspace/stats", house, "admin")
    finally:
        ROUTES["GET /api/workspace/stats"] = row
    assert (answer.status_code, _code(answer)) == (403, "not_allowed")
    assert _ask(long_api, "GET /api/workspace/stats", house, "admin").status_code == 200
