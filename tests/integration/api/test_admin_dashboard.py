"""The queue dashboard: for admins with a session, and nobody else."""

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.config import Settings
from mixmodel_app.storage import db
from tests.integration.patients import setting

__all__ = ["setting"]

FORM = {"email": "ann@example.com", "password": "Correct-horse-7", "full_name": "Ann Example"}


@pytest.fixture
def cookie(api: TestClient) -> str:
    answer = api.post("/api/session/register", data=FORM, follow_redirects=False)
    api.cookies.clear()
    jar: SimpleCookie = SimpleCookie()
    for value in answer.headers.get_list("set-cookie"):
        jar.load(value)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def test_visitors_are_led_to_sign_in(api: TestClient) -> None:
    answer = api.get("/admin/rq/", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/admin/rq/"


def test_a_token_is_not_enough(api: TestClient, register: Callable[..., dict[str, str]]) -> None:
    assert api.get("/admin/rq/", headers=register(), follow_redirects=False).status_code == 303


def test_admins_see_it_with_a_policy_of_its_own(api: TestClient, cookie: str) -> None:
    assert api.get("/admin/rq", headers={"cookie": cookie}, follow_redirects=False).headers["location"] == "/admin/rq/"
    answer = api.get("/admin/rq/", headers={"cookie": cookie})
    assert answer.status_code == 200
    assert "RQ" in answer.text
    assert answer.headers["content-security-policy"].count("unsafe-eval") == 1
    assert "queues" in api.get("/admin/rq/0/data/queues.json", headers={"cookie": cookie}).json()


def test_members_are_refused(api: TestClient, cookie: str) -> None:
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE users SET role = 'member'"))
    assert api.get("/admin/rq/", headers={"cookie": cookie}).status_code == 403


def test_where_operators_are_named_other_admins_are_refused(
    setting: Callable[..., Settings], api: TestClient, cookie: str
) -> None:
    setting(OPERATORS="ops@example.com")
    answer = api.get("/admin/rq/", headers={"cookie": cookie})
    assert answer.status_code == 403
    assert "OPERATORS" in answer.text
    setting(OPERATORS="ops@example.com,ann@example.com")
    assert api.get("/admin/rq/", headers={"cookie": cookie}).status_code == 200


def test_changes_come_from_our_own_pages_only(api: TestClient, cookie: str) -> None:
    foreign = {"cookie": cookie, "origin": "https://evil.example"}
    assert api.post("/admin/rq/queue/fits/failed/empty", headers=foreign).status_code == 403
    assert api.get("/admin/rq/requeue/fits", headers={"cookie": cookie}).status_code == 405
