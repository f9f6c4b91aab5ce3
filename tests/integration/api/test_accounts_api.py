"""Accounts over HTTP, as API.md words them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi.testclient import TestClient

from mixmodel_app.config import settings
from mixmodel_app.storage import redis

PASSWORD = "Correct-horse-7"
ANN = {"email": "Ann@Example.com", "password": PASSWORD, "full_name": "Ann Example", "workspace_name": "Shoes"}


def _register(api: TestClient, **changes: str) -> dict:
    answer = api.post("/api/auth/register", json=ANN | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _reset_limits() -> None:
    for key in redis.client().scan_iter("limits*"):
        redis.client().delete(key)


def test_register_answers_tokens_and_the_user(api: TestClient) -> None:
    body = _register(api)
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    assert body["user"]["email"] == "ann@example.com"
    assert body["user"]["role"] == "admin"
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["type"] == "access"
    assert claims["sub"] == body["user"]["id"]
    assert claims["workspace_id"] == body["user"]["workspace_id"]
    me = api.get("/api/auth/me", headers=_signed(body["access_token"]))
    assert me.json() == body["user"]
    assert set(me.json()) == {"id", "email", "full_name", "role", "workspace_id", "created_at"}


def test_an_email_registers_once_whatever_its_case(api: TestClient) -> None:
    _register(api)
    again = api.post("/api/auth/register", json=ANN | {"email": "ANN@example.COM"})
    assert again.status_code == 409
    assert again.json()["code"] == "email_taken"
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"password": "short1A"}, "password"),
        ({"password": "nouppercase1"}, "password"),
        ({"password": "NoDigitsHere"}, "password"),
        ({"password": "Aa1" + "ü" * 40}, "password"),
        ({"full_name": "  "}, "full_name"),
    ],
)
def test_register_names_the_wrong_field(api: TestClient, change: dict[str, str], field: str) -> None:
    answer = api.post("/api/auth/register", json=ANN | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_role_cannot_be_chosen(api: TestClient) -> None:
    body = _register(api, role="owner", workspace_id="11111111-1111-4111-8111-111111111111")
    assert body["user"]["role"] == "admin"
    assert body["user"]["workspace_id"] != "11111111-1111-4111-8111-111111111111"


def test_login_says_the_same_for_a_wrong_password_and_an_unknown_email(api: TestClient) -> None:
    _register(api)
    wrong = api.post("/api/auth/login", json={"email": "ann@example.com", "password": "Wrong-horse-7"})
    unknown = api.post("/api/auth/login", json={"email": "bob@example.com", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]
    right = api.post("/api/auth/login", json={"email": " ANN@example.com ", "password": PASSWORD})
    assert right.status_code == 200
    assert right.json()["user"]["email"] == "ann@example.com"


def test_a_refresh_token_rotates_and_its_reuse_ends_the_sign_in(api: TestClient) -> None:
    first = _register(api)
    second = api.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert api.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]}).status_code == 401
    newest = second.json()
    assert api.post("/api/auth/refresh", json={"refresh_token": newest["refresh_token"]}).status_code == 401
    assert api.get("/api/auth/me", headers=_signed(newest["access_token"])).status_code == 401


def test_each_kind_of_token_works_in_its_own_place_only(api: TestClient) -> None:
    body = _register(api)
    assert api.get("/api/auth/me", headers=_signed(body["refresh_token"])).status_code == 401
    assert api.post("/api/auth/refresh", json={"refresh_token": body["access_token"]}).status_code == 401


def test_forged_and_expired_tokens_are_refused(api: TestClient) -> None:
    body = _register(api)
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    secret = settings().auth.jwt_secret_key
    expired = jwt.encode(claims | {"exp": datetime.now(UTC) - timedelta(seconds=1)}, secret, "HS256")
    stranger = jwt.encode(claims, "another-secret-of-sufficient-length-0001", "HS256")
    unsigned = jwt.encode(claims, "", "none")
    listed = jwt.encode(claims | {"sid": ["x"]}, secret, "HS256")
    for token in (expired, stranger, unsigned, listed, "nonsense", ""):
        assert api.get("/api/auth/me", headers=_signed(token)).status_code == 401, token


def test_logout_ends_this_sign_in_and_all_ends_every_one(api: TestClient) -> None:
    first = _register(api)
    other = api.post("/api/auth/login", json={"email": "ann@example.com", "password": PASSWORD}).json()
    assert api.post("/api/auth/logout", headers=_signed(first["access_token"])).status_code == 204
    assert api.get("/api/auth/me", headers=_signed(first["access_token"])).status_code == 401
    assert api.get("/api/auth/me", headers=_signed(other["access_token"])).status_code == 200
    third = api.post("/api/auth/login", json={"email": "ann@example.com", "password": PASSWORD}).json()
    ended = api.post("/api/auth/logout", json={"all": True}, headers=_signed(third["access_token"]))
    assert ended.status_code == 204
    assert api.get("/api/auth/me", headers=_signed(other["access_token"])).status_code == 401
    assert api.post("/api/auth/refresh", json={"refresh_token": other["refresh_token"]}).status_code == 401


def test_the_sixth_login_in_a_minute_waits(api: TestClient) -> None:
    attempt = {"email": "ann@example.com", "password": PASSWORD}
    answers = [api.post("/api/auth/login", json=attempt) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert answers[-1].json()["code"] == "rate_limited"


def test_without_a_token_nothing_answers(api: TestClient) -> None:
    for method, path in (("GET", "/api/datasets"), ("POST", "/api/models/run"), ("GET", "/api/workspace/stats")):
        answer = api.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_workspace_can_be_renamed(api: TestClient, register: Callable[..., dict[str, str]]) -> None:
    headers = register()
    assert api.put("/api/workspace", json={"name": "  Boots   & Co "}, headers=headers).json()["name"] == "Boots & Co"
    assert api.get("/api/workspace", headers=headers).json()["name"] == "Boots & Co"
    assert api.put("/api/workspace", json={"name": " "}, headers=headers).status_code == 422
