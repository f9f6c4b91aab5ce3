"""The people of a workspace: invitations, roles, removal, leaving, and the last admin, who stays."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app import config
from mixmodel_app.domain.account import Role
from mixmodel_app.domain.errors import Conflict, EmailTaken, InvitationExpired, MixModelError, NotAllowed
from mixmodel_app.logging import redact
from mixmodel_app.services import accounts, members
from mixmodel_app.storage import db
from tests.integration.conftest import PASSWORD
from tests.integration.letters import postbox
from tests.integration.scenes import Account, count, lift_limits

type Joiner = Callable[..., Account]


@pytest.fixture
def joined(api: TestClient, ann: Account) -> Joiner:
    """Makes someone who joined Ann's workspace by an invitation."""

    def make(email: str, role: str = "member") -> Account:
        token = _invite(ann, role=role, email=email)["token"]
        return Account(api, _register(api, email, token))

    return make


def _invite(account: Account, **body: Any) -> dict[str, Any]:
    lift_limits()
    answer = account.post("/api/workspace/invite", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _register(api: TestClient, email: str, token: str) -> dict[str, str]:
    lift_limits()
    body = {"email": email, "password": PASSWORD, "full_name": "Cay Guest", "invite_token": token}
    answer = api.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _me(account: Account) -> dict[str, Any]:
    return account.get("/api/auth/me").json()


def _role(account: Account, member: Account, role: str) -> int:
    return account.call("PUT", f"/api/workspace/members/{_me(member)['id']}/role", json={"role": role}).status_code


def test_an_invitation_brings_a_new_person_in_with_its_role(api: TestClient, ann: Account) -> None:
    invitation = _invite(ann, role="viewer", email="Cay@Example.com")
    assert invitation["link"].endswith(f"/join?token={invitation['token']}")
    assert (invitation["email"], invitation["sent"]) == ("cay@example.com", False)
    cay = Account(api, _register(api, "cay@example.com", invitation["token"]))
    assert _me(cay)["role"] == "viewer"
    assert _me(cay)["workspace_id"] == _me(ann)["workspace_id"]
    assert cay.get("/api/workspace").json()["name"] == "Quiet Harbour"
    assert [person["email"] for person in ann.get("/api/workspace/members").json()] == [
        "ann@example.com",
        "cay@example.com",
    ]
    assert ann.get("/api/workspace/invitations").json() == []


def test_a_token_is_told_once_and_kept_nowhere(ann: Account) -> None:
    token = _invite(ann)["token"]
    assert token not in ann.get("/api/workspace/invitations").text
    with db.engine().connect() as connection:
        row = connection.execute(text("SELECT * FROM invitations")).mappings().one()
    assert token not in str(dict(row))
    assert token not in redact(f"POST /api/workspace/invite/{token}/accept")


@pytest.mark.parametrize("how", ["revoked", "expired", "used", "unknown"])
def test_an_invitation_that_is_over_is_gone(api: TestClient, ann: Account, bob: Account, how: str) -> None:
    invitation = _invite(ann)
    if how == "revoked":
        assert ann.call("DELETE", f"/api/workspace/invitations/{invitation['id']}").status_code == 204
    elif how == "expired":
        with db.engine().begin() as connection:
            connection.execute(text("UPDATE invitations SET expires_at = now()"))
    elif how == "used":
        _register(api, "cay@example.com", invitation["token"])
    token = "nothing" if how == "unknown" else invitation["token"]
    body = {"email": "dan@example.com", "password": PASSWORD, "full_name": "Dan", "invite_token": token}
    lift_limits()
    new = api.post("/api/auth/register", json=body)
    existing = bob.post(f"/api/workspace/invite/{token}/accept")
    assert new.status_code == existing.status_code == 410
    assert new.json()["code"] == "invitation_expired"


def test_of_many_who_use_it_at_once_one_gets_in(ann: Account) -> None:
    token = _invite(ann)["token"]

    def use(number: int) -> bool:
        try:
            return bool(accounts.register(f"p{number}@example.com", PASSWORD, "P", invite_token=token))
        except InvitationExpired:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))).count(True) == 1
    assert len(ann.get("/api/workspace/members").json()) == 2


def test_fifty_registrations_of_one_email_make_one_account(clean: None) -> None:
    def register(number: int) -> bool:
        try:
            return bool(accounts.register("race@example.com", PASSWORD, f"Racer {number}"))
        except EmailTaken:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(register, range(50))).count(True) == 1
    assert (count("users"), count("workspaces")) == (1, 1)


def test_an_invitation_for_an_email_is_for_nobody_else(api: TestClient, ann: Account, bob: Account) -> None:
    token = _invite(ann, email="cay@example.com")["token"]
    assert bob.post(f"/api/workspace/invite/{token}/accept").status_code == 403
    with pytest.raises(NotAllowed):
        accounts.register("dan@example.com", PASSWORD, "Dan", invite_token=token)
    assert Account(api, _register(api, "cay@example.com", token)).get("/api/auth/me").status_code == 200


def test_someone_with_an_account_moves_and_leaves_nothing_behind(ann: Account, bob: Account) -> None:
    token = _invite(ann, role="admin")["token"]
    answer = bob.post(f"/api/workspace/invite/{token}/accept")
    assert answer.json()["name"] == "Quiet Harbour"
    assert _me(bob)["role"] == "admin"
    assert count("workspaces") == 1, "his empty one is gone"
    again = _invite(ann)["token"]
    assert bob.post(f"/api/workspace/invite/{again}/accept").status_code == 409
    assert len(ann.get("/api/workspace/invitations").json()) == 1, "a refused one can still be used"


def test_nobody_leaves_data_without_anyone(ann: Account, bob: Account) -> None:
    bob.ready_dataset()
    token = _invite(ann)["token"]
    assert bob.post(f"/api/workspace/invite/{token}/accept").status_code == 409
    assert len(bob.get("/api/datasets").json()) == 1


def test_roles_change_at_once(ann: Account, joined: Joiner) -> None:
    cay = joined("cay@example.com", "member")
    assert _role(ann, cay, "viewer") == 200
    assert cay.upload(b"a,b\n1,2\n").status_code == 403
    assert _role(ann, cay, "admin") == 200
    assert cay.call("PUT", "/api/workspace", json={"name": "Ours"}).status_code == 200
    assert _role(ann, cay, "owner") == 422


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_only_admins_manage_people(ann: Account, joined: Joiner, role: str) -> None:
    cay = joined("cay@example.com", role)
    me, hers = _me(cay)["id"], _me(ann)["id"]
    waiting = _invite(ann)
    refused = [
        cay.call("PUT", f"/api/workspace/members/{me}/role", json={"role": "admin"}),
        cay.call("DELETE", f"/api/workspace/members/{hers}"),
        cay.post(f"/api/workspace/members/{hers}/reset-link"),
        cay.post("/api/workspace/invite", {"role": "admin"}),
        cay.get("/api/workspace/invitations"),
        cay.call("DELETE", f"/api/workspace/invitations/{waiting['id']}"),
        cay.get("/api/workspace/audit"),
        cay.get("/api/workspace/audit.csv"),
        cay.get("/api/workspace/export"),
        cay.call("DELETE", "/api/workspace", params={"name": "Quiet Harbour"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert "last_seen_at" not in cay.get("/api/workspace/members").json()[0]
    assert ann.get("/api/workspace/members").json()[0]["last_seen_at"]


def test_people_of_other_workspaces_do_not_exist(ann: Account, bob: Account) -> None:
    hers, waiting = _me(ann)["id"], _invite(ann)
    answers = [
        bob.call("PUT", f"/api/workspace/members/{hers}/role", json={"role": "viewer"}),
        bob.call("DELETE", f"/api/workspace/members/{hers}"),
        bob.post(f"/api/workspace/members/{hers}/reset-link"),
        bob.call("DELETE", f"/api/workspace/invitations/{waiting['id']}"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert _me(ann)["role"] == "admin"
    assert [event["actor"] for event in bob.get("/api/workspace/audit").json()] == ["bob@example.com"]


def test_who_is_removed_loses_everything_here_at_once(api: TestClient, ann: Account, joined: Joiner) -> None:
    cay = joined("cay@example.com", "admin")
    dataset_id, invited = ann.ready_dataset(), _invite(cay)["token"]
    assert ann.call("DELETE", f"/api/workspace/members/{_me(cay)['id']}").status_code == 204
    assert cay.get("/api/auth/me").status_code == 401
    pair = accounts.login("cay@example.com", PASSWORD)
    again = Account(api, {"Authorization": f"Bearer {pair.access_token}"})
    assert again.get(f"/api/datasets/{dataset_id}").status_code == 404
    assert again.get("/api/workspace").json()["name"] == "Cay Guest's workspace"
    with pytest.raises(InvitationExpired):
        accounts.register("dan@example.com", PASSWORD, "Dan", invite_token=invited)


def test_the_last_admin_stays(ann: Account, joined: Joiner) -> None:
    assert ann.call("DELETE", f"/api/workspace/members/{_me(ann)['id']}").status_code == 409
    cay = joined("cay@example.com", "member")
    assert _role(ann, ann, "member") == 409
    assert ann.call("DELETE", f"/api/workspace/members/{_me(ann)['id']}").status_code == 409
    assert _role(ann, cay, "admin") == 200
    assert _role(ann, ann, "member") == 200
    assert _role(cay, cay, "viewer") == 409


@pytest.mark.parametrize("how", ["demote each other", "step down", "remove each other", "leave"])
def test_two_admins_who_go_at_the_same_moment_do_not_both_go(ann: Account, joined: Joiner, how: str) -> None:
    cay = joined("cay@example.com", "admin")
    joined("dan@example.com", "member")
    pair = (ann.principal, cay.principal)
    start = threading.Barrier(2)

    def go(number: int) -> bool:
        me, other = pair[number], pair[1 - number]
        start.wait()
        try:
            if how == "leave":
                members.leave(me)
            elif how == "remove each other":
                members.remove(me, other.user_id)
            else:
                members.set_role(me, me.user_id if how == "step down" else other.user_id, Role.MEMBER)
        except MixModelError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(go, range(2)))
    assert done.count(True) == 1, done
    with db.engine().connect() as connection:
        query = text("SELECT count(*) FROM users WHERE role = 'admin' AND workspace_id = :id")
        assert connection.execute(query, {"id": pair[0].workspace_id}).scalar_one() == 1


def test_leaving_gives_an_empty_workspace_of_ones_own(ann: Account, joined: Joiner) -> None:
    cay = joined("cay@example.com")
    ann.ready_dataset()
    assert cay.call("DELETE", f"/api/workspace/members/{_me(cay)['id']}").status_code == 204
    assert _me(cay)["role"] == "admin"
    assert cay.get("/api/datasets").json() == []
    with pytest.raises(Conflict):
        members.leave(cay.principal)


def test_an_admin_makes_a_link_for_a_members_password_but_not_for_their_own(
    api: TestClient, ann: Account, joined: Joiner
) -> None:
    cay = joined("cay@example.com")
    answer = ann.post(f"/api/workspace/members/{_me(cay)['id']}/reset-link")
    assert answer.status_code == 201
    token = answer.json()["link"].split("token=")[1]
    assert api.post("/api/auth/password/reset", json={"token": token, "password": "Fresh-horse-1"}).status_code == 204
    assert accounts.login("cay@example.com", "Fresh-horse-1")
    assert ann.post(f"/api/workspace/members/{_me(ann)['id']}/reset-link").status_code == 422


def test_an_invitation_is_sent_where_there_is_a_mail_server(ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with postbox() as box:
        monkeypatch.setenv("SMTP_URL", box.url)
        monkeypatch.setenv("SMTP_FROM", "mix@example.com")
        config.settings.cache_clear()
        invitation = _invite(ann, email="cay@example.com", role="viewer")
    monkeypatch.undo()
    config.settings.cache_clear()
    assert invitation["sent"]
    [letter] = box.letters
    words = letter.get_payload(decode=True).decode()  # pyright: ignore[reportAttributeAccessIssue]
    assert letter["To"] == "cay@example.com"
    assert invitation["link"] in words
    assert "Quiet Harbour" in words


def test_a_mail_server_that_fails_does_not_stop_an_invitation(ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("SMTP_FROM", "mix@example.com")
    config.settings.cache_clear()
    assert not _invite(ann, email="cay@example.com")["sent"]
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.mark.parametrize("body", [{"role": "owner"}, {"email": "nobody"}, {"email": "a@b.c\nBcc: x@y.z"}])
def test_a_wrong_invitation_is_refused(ann: Account, body: dict[str, str]) -> None:
    assert ann.post("/api/workspace/invite", body).status_code == 422


def test_the_forms_of_the_browser_are_refused_from_other_sites(api: TestClient, ann: Account, bob: Account) -> None:
    token = _invite(ann)["token"]
    access = bob.headers["Authorization"].removeprefix("Bearer ")
    foreign = {"cookie": f"mm_access={access}", "origin": "https://evil.example"}
    for path, form in (
        ("join", {"token": token}),
        ("leave", {}),
        ("delete-workspace", {"name": bob.get("/api/workspace").json()["name"]}),
    ):
        answer = api.post(f"/api/session/{path}", data=form, headers=foreign, follow_redirects=False)
        assert "error=not_allowed" in answer.headers["location"], path
    assert bob.get("/api/workspace").json()["name"] == "Bob Other's workspace"
    own = {"cookie": f"mm_access={access}"}
    joined = api.post("/api/session/join", data={"token": token}, headers=own, follow_redirects=False)
    assert joined.headers["location"] == "/"
    assert bob.get("/api/workspace").json()["name"] == "Quiet Harbour"
