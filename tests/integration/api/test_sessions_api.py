"""Where one is signed in, ending it, and what guards a password against guessing."""

import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.domain.account import Client
from mixmodel_app.domain.errors import NotAuthenticated, TooManyFailures, WrongCredentials
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.tokens import read
from mixmodel_app.storage import db
from mixmodel_app.storage.models import LoginSession
from tests.integration.conftest import PASSWORD
from tests.integration.scenes import Account, lift_limits

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _sign_in(api: TestClient, user_agent: str = FIREFOX, password: str = PASSWORD) -> httpx.Response:
    lift_limits()
    body = {"email": "ann@example.com", "password": password}
    return api.post("/api/auth/login", json=body, headers={"User-Agent": user_agent})


def _account(api: TestClient, answer: httpx.Response) -> Account:
    assert answer.status_code == 200, answer.text
    return Account(api, {"Authorization": f"Bearer {answer.json()['access_token']}"})


def _actions() -> list[tuple[str, str, str]]:
    with db.engine().connect() as connection:
        rows = connection.execute(text("SELECT action, actor, address FROM audit_events ORDER BY id")).all()
    return [(row[0], row[1], row[2]) for row in rows]


def test_sessions_are_listed_in_words_and_ended_one_by_one(api: TestClient, ann: Account) -> None:
    other = _account(api, _sign_in(api))
    listed = ann.get("/api/auth/sessions").json()
    assert [row["is_current"] for row in listed] == [True, False]
    assert [row["device"] for row in listed] == ["Program (testclient)", "Firefox on Windows"]
    assert {row["address"] for row in listed} == {"testclient"}
    assert ann.call("DELETE", f"/api/auth/sessions/{listed[1]['id']}").status_code == 204
    assert other.get("/api/auth/me").status_code == 401
    assert len(ann.get("/api/auth/sessions").json()) == 1


def test_the_last_use_is_kept_to_the_minute(api: TestClient, ann: Account) -> None:
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE login_sessions SET last_used_at = now() - interval '1 day', address = 'old'"))
    ann.get("/api/auth/me")
    [first] = ann.get("/api/auth/sessions").json()
    assert first["address"] == "testclient"
    assert first["last_used_at"] > first["created_at"]
    ann.get("/api/auth/me")
    assert ann.get("/api/auth/sessions").json() == [first], "the next request within the minute writes nothing"


def test_all_others_end_at_once(api: TestClient, ann: Account) -> None:
    others = [_account(api, _sign_in(api)) for _ in range(2)]
    assert ann.call("DELETE", "/api/auth/sessions").status_code == 204
    assert [other.get("/api/auth/me").status_code for other in others] == [401, 401]
    assert ann.get("/api/auth/me").status_code == 200


def test_the_sessions_of_others_do_not_exist(ann: Account, bob: Account) -> None:
    [his] = bob.get("/api/auth/sessions").json()
    assert ann.call("DELETE", f"/api/auth/sessions/{his['id']}").status_code == 404
    assert bob.get("/api/auth/me").status_code == 200


def test_a_name_can_be_changed(ann: Account) -> None:
    assert ann.call("PUT", "/api/auth/me", json={"full_name": " Ann  Other "}).json()["full_name"] == "Ann Other"
    assert ann.get("/api/auth/me").json()["full_name"] == "Ann Other"
    assert ann.call("PUT", "/api/auth/me", json={"full_name": " "}).status_code == 422


def test_a_known_and_an_unknown_email_cost_the_same_work(
    real_hashes: None, api: TestClient, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one check of a hash of the same cost, and one row in the log."""
    _sign_in(api, password="Wrong-horse-7")
    costs: list[str] = []
    check = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        costs.append(hashed.decode()[:7])
        return check(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    work = []
    for email in ("ann@example.com", "nobody@example.com"):
        costs.clear()
        before = len(_actions())
        lift_limits()
        answer = api.post("/api/auth/login", json={"email": email, "password": "Wrong-horse-7"})
        assert answer.status_code == 401
        work.append((costs.copy(), len(_actions()) - before))
    assert work[0] == work[1] == (["$2b$12$"], 1)


def test_what_was_typed_for_an_unknown_email_is_kept_nowhere(api: TestClient, ann: Account) -> None:
    api.post("/api/auth/login", json={"email": "Secret-horse-7", "password": "x"})
    assert _actions()[-1] == ("sign_in_failed", "", "testclient")


def test_wrong_passwords_lock_one_account_for_one_address_only(ann: Account) -> None:
    attacker, owner = Client("203.0.113.9"), Client("198.51.100.7")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            accounts.login("ann@example.com", "Wrong-horse-7", attacker)
    with pytest.raises(TooManyFailures) as refused:
        accounts.login("ann@example.com", PASSWORD, attacker)
    assert 1 <= refused.value.retry_after <= 15 * 60 + 1
    with pytest.raises(WrongCredentials):
        accounts.login("bob@example.com", PASSWORD, attacker)
    assert accounts.login("ann@example.com", PASSWORD, owner).user["email"] == "ann@example.com"


def test_accounts_that_do_not_exist_lock_in_the_same_way(clean: None) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            accounts.login("nobody@example.com", "Wrong-horse-7", Client("203.0.113.9"))
    with pytest.raises(TooManyFailures):
        accounts.login("nobody@example.com", "Wrong-horse-7", Client("203.0.113.9"))


def test_the_right_password_forgets_the_wrong_ones(ann: Account) -> None:
    here = Client("198.51.100.7")
    for _ in range(2):
        for _ in range(9):
            limits.count_failure("ann@example.com", here.address)
        assert accounts.login("ann@example.com", PASSWORD, here)


def test_the_lockout_over_http_says_how_long(api: TestClient, ann: Account) -> None:
    for _ in range(10):
        limits.count_failure("ann@example.com", "testclient")
    answer = api.post("/api/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_failures"
    assert int(answer.headers["retry-after"]) > 60


def test_many_tabs_that_renew_at_the_same_moment_all_stay(api: TestClient, ann: Account) -> None:
    """Each comes with the same token, and all wait in a row for the sign-in before any of them is answered."""
    cookie = _sign_in(api).json()["refresh_token"]
    session_id = read(cookie, "refresh").session_id
    with ThreadPoolExecutor(8) as pool:
        with db.engine().begin() as holder:
            holder.execute(text("SELECT 1 FROM login_sessions WHERE id = :id FOR UPDATE"), {"id": session_id})
            waiting = [pool.submit(accounts.renew, cookie) for _ in range(8)]
            _until_blocked(8)
        pairs = [found.result() for found in waiting]
    fresh = [pair.refresh_token for pair in pairs if pair.refresh_token]
    assert len(fresh) == 1, "one rotated, the others were told that the browser has a newer one"
    assert accounts.renew(fresh[0]).refresh_token


def _until_blocked(count: int) -> None:
    """Wait until so many transactions stand before a lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 10
    with db.engine().connect() as connection:
        while connection.execute(query).scalar_one() < count:
            assert time.monotonic() < deadline
            connection.rollback()
            time.sleep(0.01)


def test_an_old_refresh_token_ends_the_family_and_is_noted(api: TestClient, ann: Account) -> None:
    body = _sign_in(api).json()
    second = accounts.renew(body["refresh_token"])
    session_id = read(body["refresh_token"], "refresh").session_id
    with db.system_transaction() as session:
        row = session.get(LoginSession, session_id)
        assert row is not None
        row.rotated_at = row.rotated_at - 2 * accounts.RENEWAL_GRACE
        session.add(row)
    for stale in (body["refresh_token"], second.refresh_token):
        with pytest.raises(NotAuthenticated):
            accounts.renew(stale or "")
    assert _account(api, _sign_in(api)).get("/api/auth/me").status_code == 200
    assert [action for action, actor, _ in _actions() if actor == "ann@example.com"].count("token_reused") == 1
