"""Each kind of token in each place, forged in every way: only the right one in its own place opens anything."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from fastapi.testclient import TestClient

from mixmodel_app.config import settings
from mixmodel_app.services import recovery, tokens
from mixmodel_app.storage import db
from mixmodel_app.storage.models import User
from tests.integration.house import House, Resident, build_house, sign_in
from tests.integration.scenes import CompletedFit, lift_limits

pytestmark = pytest.mark.fit

type Place = Callable[[TestClient, str, House], httpx.Response]

PLACES: dict[str, Place] = {
    "bearer": lambda api, token, _: api.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}),
    "access cookie": lambda api, token, _: api.get("/api/auth/me", headers={"Cookie": f"mm_access={token}"}),
    "dashboard": lambda api, token, _: api.get("/admin/rq/", headers={"Cookie": f"mm_access={token}"}),
    "progress": lambda api, token, house: api.get(
        f"/api/models/{house.things['run_id']}/progress", params={"token": token}
    ),
    "upload": lambda api, token, _: api.post(
        "/api/datasets/upload",
        headers={"Authorization": f"Bearer {token}"},
        files={"file": ("a.csv", b"date,revenue\n2024-01-01,5\n")},
    ),
    "refresh": lambda api, token, _: api.post("/api/auth/refresh", json={"refresh_token": token}),
    "refresh cookie": lambda api, token, _: api.post("/api/session/renew", headers={"Cookie": f"mm_refresh={token}"}),
    "reset": lambda api, token, _: api.post(
        "/api/auth/password/reset", json={"token": token, "password": "Other-horse-8"}
    ),
    "code": lambda api, token, _: api.post(
        "/api/session/code", data={"code": "000000"}, headers={"Cookie": f"mm_pending={token}"}
    ),
    "share": lambda api, token, _: api.get(f"/api/shared/{token}"),
    "share page": lambda api, token, _: api.get(f"/shared/{token}"),
    "join": lambda api, token, house: api.post(
        f"/api/workspace/invite/{token}/accept", headers=house.people["stranger"].headers
    ),
}
OPENS = {
    "access": {"bearer", "access cookie", "dashboard", "progress", "upload"},
    "refresh": {"refresh", "refresh cookie"},
    "reset": {"reset"},
    "pending": set[str](),  # without a second factor and its code it leads nowhere
    "share": {"share", "share page"},
    "invitation": {"join"},
}


@pytest.fixture
def house(api: TestClient, completed_fit: CompletedFit) -> House:
    return build_house(completed_fit)


def _tokens(house: House) -> dict[str, str]:
    admin = house.people["admin"]
    return {
        "access": admin.access,
        "refresh": admin.refresh,
        "reset": recovery.link_for(admin.principal.email).partition("token=")[2],
        "pending": tokens.pending_token(admin.principal.user_id),
        "share": house.things["share_token"],
        "invitation": house.things["token"],
    }


def _opened(api: TestClient, house: House, token: str, places: dict[str, Place] = PLACES) -> set[str]:
    """The places where a token opens something."""
    found: set[str] = set()
    for name, ask in places.items():
        lift_limits()
        api.cookies.clear()
        api.follow_redirects = False
        answer = ask(api, token, house)
        assert answer.status_code < 500, (name, answer.text)
        if _lets_in(name, answer):
            found.add(name)
    return found


def _lets_in(place: str, answer: httpx.Response) -> bool:
    """The small upload is read and found too short; a form leads on, not back with an error or to the sign-in page."""
    if answer.status_code == 303:
        target = answer.headers["location"]
        return "error=" not in target and not target.startswith("/login")
    return answer.is_success or (place == "upload" and answer.status_code == 400)


@pytest.mark.parametrize("kind", OPENS)
def test_a_token_opens_its_own_place_alone(api: TestClient, house: House, kind: str) -> None:
    """The places are tried one by one: a refresh ends what it used."""
    opened = set[str]()
    for name, ask in PLACES.items():
        token = _tokens(house)[kind]
        if _opened(api, house, token, {name: ask}):
            opened.add(name)
            house = House(house.people | {"admin": _again(house)}, house.things)
    assert opened == OPENS[kind]


def _again(house: House) -> Resident:
    with db.system_transaction() as session:
        user = session.get(User, house.people["admin"].principal.user_id)
    assert user is not None
    return sign_in(user)


def _forgeries(token: str) -> dict[str, str]:
    """Changed copies of an access token; none may count."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    secret = settings().auth.jwt_secret_key
    head, body, signature = token.split(".")
    past = datetime.now(UTC) - timedelta(seconds=1)
    return {
        "unsigned": jwt.encode(claims, "", "none"),
        "another key": jwt.encode(claims, "another-secret-of-sufficient-length-0001", "HS256"),
        "another algorithm": jwt.encode(claims, secret, "HS512"),
        "expired": jwt.encode(claims | {"exp": past}, secret, "HS256"),
        "swapped type": jwt.encode(claims | {"type": "refresh"}, secret, "HS256"),
        "no type": jwt.encode({k: v for k, v in claims.items() if k != "type"}, secret, "HS256"),
        "no end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, secret, "HS256"),
        "another's sign-in": jwt.encode(claims | {"sub": str(uuid4())}, secret, "HS256"),
        "a sign-in that is not": jwt.encode(claims | {"sid": str(uuid4())}, secret, "HS256"),
        "list of types": jwt.encode(claims | {"type": ["access"]}, secret, "HS256"),
        "cut": f"{head}.{body}.{signature[:-4]}",
        "no signature": f"{head}.{body}.",
        "another body": f"{head}.{_flipped(body)}.{signature}",
        "long": token + "A" * 10_000,
    }


def _flipped(body: str) -> str:
    return body[:10] + ("A" if body[10] != "A" else "B") + body[11:]


def test_a_forged_token_opens_nothing(api: TestClient, house: House) -> None:
    access = house.people["admin"].access
    assert "bearer" in _opened(api, house, access, {"bearer": PLACES["bearer"]}), "the original does"
    for how, forged in _forgeries(access).items():
        places = {name: PLACES[name] for name in ("bearer", "access cookie", "progress", "refresh", "dashboard")}
        assert not _opened(api, house, forged, places), how


def test_the_workspace_of_a_token_is_not_believed(api: TestClient, house: House) -> None:
    """Where someone belongs is looked up; the claim is for readers of the token."""
    claims = jwt.decode(house.people["stranger"].access, options={"verify_signature": False})
    claims["workspace_id"] = str(house.people["admin"].principal.workspace_id)
    token = jwt.encode(claims, settings().auth.jwt_secret_key, "HS256")
    answer = api.get(f"/api/models/{house.things['run_id']}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
