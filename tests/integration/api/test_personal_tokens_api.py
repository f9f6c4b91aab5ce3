"""Personal tokens: what scripts may do with one, and when it stops working."""

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from mixmodel_app.api import problems
from mixmodel_app.api.app import create_api
from mixmodel_app.api.dependencies import Caller, caller
from mixmodel_app.domain import permissions
from mixmodel_app.domain.account import TokenScope
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.services import personal_tokens, recovery
from mixmodel_app.services.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from mixmodel_app.storage import db
from mixmodel_app.storage.models import now
from tests.architecture.app_parts import dependencies_of, routes_of
from tests.integration.conftest import PASSWORD
from tests.integration.scenes import Account, count, lift_limits
from tests.tables import weekly_csv
from workers.janitor import tidy
from workers.watch import Watch

ANY_ID = "0198f7d2-0000-7000-8000-000000000001"
FOR_PEOPLE = sorted(
    (method, route.path)
    for route in routes_of(create_api())[0]
    if caller in dependencies_of(route.dependant)
    for method in route.methods
)
type Maker = Callable[..., Account]


def _made(account: Account, **body: Any) -> dict[str, Any]:
    lift_limits()
    answer = account.post("/api/auth/tokens", {"name": "Nightly job"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _script(account: Account, scope: str = "write", **body: Any) -> Account:
    """A script with a new token of this person."""
    return _with(account.api, _made(account, scope=scope, **body)["token"])


def _with(api: TestClient, token: str) -> Account:
    return Account(api, {"Authorization": f"Bearer {token}"})


def _joined(ann: Account, email: str, role: str) -> Account:
    lift_limits()
    token = ann.post("/api/workspace/invite", {"role": role, "email": email}).json()["token"]
    body = {"email": email, "password": PASSWORD, "full_name": "Cay Guest", "invite_token": token}
    return _with(ann.api, ann.api.post("/api/auth/register", json=body).json()["access_token"])


def _sql(statement: str, **values: Any) -> list[dict[str, Any]]:
    with db.engine().begin() as connection:
        found = connection.execute(text(statement), values)
        return [dict(row) for row in found.mappings()] if found.returns_rows else []


def _works(script: Account) -> bool:
    answer = script.get("/api/datasets")
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def test_a_script_goes_from_a_file_to_a_run(ann: Account) -> None:
    script = _script(ann)
    dataset = script.ready_dataset()
    run = script.start(dataset)
    assert script.post(f"/api/models/{run}/comments", {"text": "From the script"}).status_code == 201
    assert [found["id"] for found in ann.get("/api/models").json()] == [run]
    assert script.get("/api/auth/me").json() == ann.get("/api/auth/me").json()
    assert script.call("DELETE", f"/api/datasets/{dataset}").status_code == 204


def test_a_token_to_read_changes_nothing(ann: Account) -> None:
    dataset = ann.ready_dataset()
    script = _script(ann, "read")
    assert script.get(f"/api/datasets/{dataset}").status_code == 200
    assert script.get("/api/workspace/stats").status_code == 200
    refused = [
        script.upload(weekly_csv()),
        script.call("DELETE", f"/api/datasets/{dataset}"),
        script.post("/api/models/run", {"dataset_id": dataset}),
        script.post(f"/api/models/{ANY_ID}/cancel"),
        script.call("PUT", f"/api/datasets/{dataset}/mapping", json={"column_mapping": {}}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "insufficient_scope")] * 5
    assert {answer.headers["www-authenticate"] for answer in refused} == {'Bearer error="insufficient_scope"'}
    assert len(ann.get("/api/datasets").json()) == 1


def test_there_are_routes_for_people_only() -> None:
    assert len(FOR_PEOPLE) > 25


def test_accounts_people_and_the_workspace_are_for_people(ann: Account) -> None:
    """The strongest token there is: an admin's, to write."""
    script = _script(ann)
    for method, path in FOR_PEOPLE:
        lift_limits()
        answer = script.call(method, re.sub(r"\{\w+\}", ANY_ID, path), json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "token_refused"), f"{method} {path}"
    assert (count("users"), count("workspaces"), count("personal_tokens")) == (1, 1, 1)


def test_a_new_route_is_for_people_until_it_says_otherwise(ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(permissions.ROUTES, "GET /api/new", permissions.VIEWER)
    app = FastAPI()
    problems.install(app)

    @app.get("/api/new")
    def new(principal: Caller) -> str:
        return principal.email

    script = _script(ann)
    fresh = TestClient(app)
    assert fresh.get("/api/new", headers=ann.headers).status_code == 200
    assert fresh.get("/api/new", headers=script.headers).json()["code"] == "token_refused"


def test_the_token_is_told_once_and_only_its_hash_is_kept(ann: Account) -> None:
    made = _made(ann, name="  For   the warehouse ", scope="read")
    assert re.fullmatch(r"mm_pat_[0-9a-f]{64}", made["token"])
    assert made["name"] == "For the warehouse"
    listed = ann.get("/api/auth/tokens")
    assert listed.json() == [{key: value for key, value in made.items() if key != "token"}]
    [row] = _sql("SELECT * FROM personal_tokens")
    assert made["token"] not in str(row)
    assert row["token_hash"] == hashlib.sha256(made["token"].encode()).hexdigest()
    assert made["token"] not in str(_sql("SELECT * FROM audit_events"))
    ends = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert abs(ends - timedelta(days=90)) < timedelta(minutes=1)


def test_the_database_is_asked_for_the_hash_alone(ann: Account) -> None:
    """How long the look-up takes tells nothing of the token: what is compared is not what was sent."""
    token = _made(ann)["token"]
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(f"{arguments[2]} {arguments[3]}")

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        assert _works(_with(ann.api, token))
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    assert any(hashlib.sha256(token.encode()).hexdigest() in statement for statement in asked)
    assert not any(token in statement or token.removeprefix("mm_pat_") in statement for statement in asked)


def test_what_is_almost_a_token_is_none(ann: Account, bob: Account) -> None:
    token = _made(ann)["token"]
    other = _made(bob)["token"]
    secret = token.removeprefix("mm_pat_")
    row = _sql("SELECT id, token_hash FROM personal_tokens LIMIT 1")[0]
    tampered = token[:-1] + ("0" if token[-1] != "0" else "1")
    wrong = [tampered, token[:-1], token + "0", token.upper(), secret, "mm_pat_", "mm_pat_" + "0" * 64]
    wrong += [f"mm_pat_{row['token_hash']}", f"mm_pat_{row['id']}", token[:40] + other[40:], f"{token}%00"]
    for presented in wrong:
        answer = _with(ann.api, presented).get("/api/auth/me")
        assert answer.status_code == 401, presented
        assert answer.headers["www-authenticate"] == "Bearer"
    assert ann.api.get("/api/auth/me", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_no_cookie_is_a_token_and_no_token_a_session(ann: Account) -> None:
    token = _made(ann)["token"]
    for cookies in ({ACCESS_COOKIE: token}, {ACCESS_COOKIE: token, REFRESH_COOKIE: token}):
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        assert ann.api.get("/api/auth/me", headers={"Cookie": header}).status_code == 401
        assert ann.api.post("/api/session/renew", headers={"Cookie": header}).status_code == 401
        page = ann.api.post("/api/session/leave", headers={"Cookie": header}, follow_redirects=False)
        assert "error=not_authenticated" in page.headers["location"]
        admin = ann.api.get("/admin/rq/", headers={"Cookie": header}, follow_redirects=False)
        assert admin.headers["location"].startswith("/login")
    assert ann.api.post("/api/auth/refresh", json={"refresh_token": token}).status_code == 401
    reset = ann.api.post("/api/auth/password/reset", json={"token": token, "password": PASSWORD})
    assert reset.status_code == 410
    access = ann.headers["Authorization"].removeprefix("Bearer ")
    assert _with(ann.api, f"mm_pat_{access}").get("/api/auth/me").status_code == 401


def test_progress_takes_a_token_in_the_address_too(ann: Account) -> None:
    run = ann.start(ann.ready_dataset())
    ann.post(f"/api/models/{run}/cancel")
    token = _made(ann, scope="read")["token"]
    path = f"/api/models/{run}/progress"
    assert '"cancelled"' in ann.api.get(path, params={"token": token}).text
    assert _with(ann.api, token).get(path).status_code == 200
    assert ann.api.get(path, params={"token": token[:-1]}).status_code == 401
    assert ann.api.get(f"/api/models/{run}", params={"token": token}).status_code == 401


def test_an_expired_token_does_not_work_and_says_so_in_the_list(ann: Account) -> None:
    script = _script(ann, days=1)
    assert _works(script)
    _sql("UPDATE personal_tokens SET expires_at = now()")
    assert not _works(script)
    assert script.upload(weekly_csv()).status_code == 401
    [row] = ann.get("/api/auth/tokens").json()
    assert row["is_expired"]


def test_a_token_without_an_end_lasts(ann: Account) -> None:
    script = _script(ann, days=None)
    assert _works(script)
    [row] = ann.get("/api/auth/tokens").json()
    assert (row["expires_at"], row["is_expired"]) == (None, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": -1}, "days"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"scope": "admin"}, "scope"),
    ],
)
def test_a_token_that_cannot_be(ann: Account, body: dict[str, Any], field: str) -> None:
    answer = ann.post("/api/auth/tokens", {"name": "Job"} | body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert count("personal_tokens") == 0


def test_a_revoked_token_ends_at_once(ann: Account, bob: Account) -> None:
    first, second = _made(ann), _made(ann)
    path = f"/api/auth/tokens/{first['id']}"
    assert bob.call("DELETE", path).status_code == 404
    assert _with(ann.api, second["token"]).call("DELETE", path).status_code == 403
    assert _works(_with(ann.api, first["token"]))
    assert ann.call("DELETE", path).status_code == 204
    assert not _works(_with(ann.api, first["token"]))
    assert _works(_with(ann.api, second["token"]))
    assert ann.call("DELETE", path).status_code == 404
    assert ann.call("DELETE", "/api/auth/tokens").status_code == 204
    assert not _works(_with(ann.api, second["token"]))


def test_the_tokens_of_others_are_not_listed_and_not_ended(ann: Account, bob: Account) -> None:
    his = _script(bob)
    assert ann.get("/api/auth/tokens").json() == []
    assert ann.call("DELETE", "/api/auth/tokens").status_code == 204
    assert _works(his)


def test_a_token_sees_one_workspace(ann: Account, bob: Account) -> None:
    dataset = ann.ready_dataset()
    script = _script(bob)
    assert script.get("/api/datasets").json() == []
    assert script.get(f"/api/datasets/{dataset}").status_code == 404
    assert script.call("DELETE", f"/api/datasets/{dataset}").status_code == 404
    assert script.post("/api/models/run", {"dataset_id": dataset}).status_code == 404


def test_a_token_has_the_role_that_its_owner_has_now(ann: Account) -> None:
    cay = _joined(ann, "cay@example.com", "member")
    script = _script(cay)
    dataset = script.ready_dataset()
    member = f"/api/workspace/members/{cay.get('/api/auth/me').json()['id']}/role"
    assert ann.call("PUT", member, json={"role": "viewer"}).status_code == 200
    assert script.get(f"/api/datasets/{dataset}").status_code == 200
    for refused in (script.upload(weekly_csv()), script.call("DELETE", f"/api/datasets/{dataset}")):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert ann.call("PUT", member, json={"role": "member"}).status_code == 200
    assert script.call("DELETE", f"/api/datasets/{dataset}").status_code == 204


@pytest.mark.parametrize("how", ["removed", "left", "moved"])
def test_a_token_ends_when_its_owner_leaves_the_workspace(ann: Account, bob: Account, how: str) -> None:
    cay = _joined(ann, "cay@example.com", "member")
    script = _script(cay)
    assert _works(script)
    me = cay.get("/api/auth/me").json()["id"]
    lift_limits()
    if how == "removed":
        assert ann.call("DELETE", f"/api/workspace/members/{me}").status_code == 204
    elif how == "left":
        assert cay.call("DELETE", f"/api/workspace/members/{me}").status_code == 204
    else:
        invitation = bob.post("/api/workspace/invite", {}).json()["token"]
        assert cay.post(f"/api/workspace/invite/{invitation}/accept").status_code == 200
    assert not _works(script)
    assert count("personal_tokens") == 0, "it does not come back with its owner"


def test_a_token_of_another_workspace_does_not_work_even_if_it_is_still_there(ann: Account, bob: Account) -> None:
    script = _script(ann)
    _sql("UPDATE personal_tokens SET workspace_id = :other", other=bob.principal.workspace_id)
    assert not _works(script)


def test_a_deleted_workspace_takes_the_tokens_along(ann: Account) -> None:
    script = _script(ann)
    assert ann.call("DELETE", "/api/workspace", params={"name": "Quiet Harbour"}).status_code == 204
    assert not _works(script)


def test_a_reset_ends_tokens_and_a_change_or_signing_out_does_not(ann: Account) -> None:
    script = _script(ann)
    change = {"current_password": PASSWORD, "new_password": "Another-horse-8"}
    assert ann.call("PUT", "/api/auth/password", json=change).status_code == 204
    assert ann.call("POST", "/api/auth/logout", params={"all": True}).status_code == 204
    assert ann.get("/api/auth/me").status_code == 401
    assert _works(script)
    link = recovery.link_for("ann@example.com")
    recovery.reset(link.split("token=")[1], PASSWORD)
    assert not _works(script)
    assert count("personal_tokens") == 0


def test_the_last_use_is_kept_to_the_minute_with_the_address(ann: Account) -> None:
    script = _script(ann)
    [unused] = ann.get("/api/auth/tokens").json()
    assert (unused["last_used_at"], unused["last_address"]) == (None, "")
    _works(script)
    [first] = ann.get("/api/auth/tokens").json()
    assert now() - datetime.fromisoformat(first["last_used_at"]) < timedelta(minutes=1)
    assert first["last_address"] == "testclient"
    _works(script)
    assert ann.get("/api/auth/tokens").json() == [first], "the next request within the minute writes nothing"
    _sql("UPDATE personal_tokens SET last_used_at = now() - interval '1 day', last_address = 'old'")
    script.upload(b"")
    [again] = ann.get("/api/auth/tokens").json()
    assert again["last_address"] == "testclient"
    assert again["last_used_at"] > first["last_used_at"]


def test_the_log_tells_of_tokens_and_what_they_did(ann: Account) -> None:
    made = _made(ann, name="Nightly job", scope="write", days=None)
    script = _with(ann.api, made["token"])
    dataset = script.ready_dataset()
    script.call("DELETE", f"/api/datasets/{dataset}")
    ann.call("DELETE", f"/api/auth/tokens/{made['id']}")
    _made(ann)
    ann.call("DELETE", "/api/auth/tokens")
    told = [(row["action"], row["subject"]) for row in ann.get("/api/workspace/audit").json()][::-1]
    assert told[1] == ("token_made", "Nightly job, scope write, without an end")
    assert told[2][0] == "dataset_deleted"
    assert told[2][1].endswith("(by the token Nightly job)")
    assert told[3] == ("token_revoked", "Nightly job")
    assert told[-1] == ("token_revoked", "all")


def test_limits_count_the_person_and_not_the_token(ann: Account) -> None:
    dataset = ann.ready_dataset()
    scripts = [_script(ann) for _ in range(3)]
    lift_limits()
    path = f"/api/datasets/{dataset}/validate"
    asked = [script.post(path).status_code for script in scripts * 7]
    assert asked == [200] * 20 + [429]
    assert ann.post(path).status_code == 429


def test_nobody_has_more_than_twenty_even_at_once(ann: Account) -> None:
    principal = ann.principal

    def make(number: int) -> bool:
        try:
            return bool(personal_tokens.create(principal, f"Job {number}", TokenScope.READ))
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(make, range(26))).count(True) == 20
    assert ann.post("/api/auth/tokens", {"name": "One more"}).status_code == 409
    _sql("UPDATE personal_tokens SET expires_at = now() WHERE name = 'Job 3'")
    assert ann.post("/api/auth/tokens", {"name": "One more"}).status_code == 201


def test_the_janitor_forgets_what_expired_long_ago(ann: Account) -> None:
    for name in ("Living", "Yesterday", "Long ago", "Endless"):
        _made(ann, name=name, days=None if name == "Endless" else 90)
    for name, days in (("Yesterday", 1), ("Long ago", 31)):
        _sql("UPDATE personal_tokens SET expires_at = now() - :days * interval '1 day' WHERE name = :name",
             days=days, name=name)  # fmt: skip
    assert tidy(Watch(longest_gap_s=5), sweep=True)
    assert [row["name"] for row in ann.get("/api/auth/tokens").json()] == ["Endless", "Yesterday", "Living"]
