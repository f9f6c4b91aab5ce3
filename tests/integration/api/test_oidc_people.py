"""Accounts of people whom the sign-in provider knows: made, found again, connected, disconnected, never taken over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.api.renewal import SessionRenewal
from mixmodel_app.domain.account import Client, Role
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.services import accounts, identities, invitations, passwords, recovery, second_factor
from mixmodel_app.services.provider import Known
from mixmodel_app.storage import db
from tests.integration.scenes import Account, count, lift_limits
from tests.integration.signing_in import Browser, actions, asked, error_of, way_back
from tests.oidc_provider import Provider

PASSWORD = "Correct-horse-7"
Change = Callable[[str, str], None]
Register = Callable[..., dict[str, str]]


def _hash_of(email: str) -> str:
    with db.engine().connect() as connection:
        return connection.execute(text("SELECT hashed_password FROM users WHERE email = :e"), {"e": email}).scalar_one()


def _connect(browser: Browser, password: str = PASSWORD, code: str = "", next: str = "/") -> Any:
    return browser.post("/api/session/connect", password=password, code=code, next=next)


def _second_factor(person: Account) -> pyotp.TOTP:
    """Switch it on; gives what the phone has."""
    lift_limits()
    totp = pyotp.TOTP(second_factor.begin(person.principal, PASSWORD).secret)
    second_factor.confirm(person.principal, totp.now())
    return totp


def test_someone_new_gets_a_workspace_of_their_own(browser: Browser) -> None:
    browser.sign_in()
    person = browser.person
    assert (person.email, person.full_name, person.role) == ("eve@example.com", "Eve Example", Role.ADMIN)
    assert browser.get("/api/workspace").json()["name"] == "Eve Example's workspace"
    assert actions("eve@example.com") == ["registered Harbour ID: eve@example.com", "signed_in by Harbour ID"]


def test_no_password_fits_an_account_without_one(browser: Browser) -> None:
    browser.sign_in()
    for typed in ("", "!", PASSWORD, passwords.NONE):
        lift_limits()
        answer = browser.api.post("/api/auth/login", json={"email": "eve@example.com", "password": typed})
        assert answer.status_code == 401


def test_people_are_known_by_the_subject_and_not_by_the_email(browser: Browser, provider: Provider) -> None:
    browser.sign_in()
    first = browser.person.user_id
    browser.leave()
    provider.person |= {"email": "eve@married.example", "email_verified": False}
    browser.sign_in()
    assert browser.person.user_id == first
    browser.leave()
    provider.person |= {"sub": "not-eve", "email": "eve@example.com", "email_verified": True}
    answer = browser.sign_in()
    assert answer.headers["location"].startswith("/connect")
    assert not browser.is_signed_in
    assert count("users") == 1


def test_two_tabs_at_once_make_one_account(browser: Browser, provider: Provider) -> None:
    known = Known(provider.issuer, "eve-1", "eve@example.com", True, "Eve")
    with ThreadPoolExecutor(6) as pool:
        people = list(pool.map(lambda _: identities.arrive(known)[0].id, range(6)))
    assert len(set(people)) == 1
    assert count("users") == count("workspaces") == count("identities") == 1


@pytest.mark.parametrize("said", [False, None, "false", 0, 1, "yes"])
def test_an_email_that_is_not_verified_is_nobodys(browser: Browser, provider: Provider, said: object) -> None:
    provider.person |= {"email_verified": said}
    assert error_of(browser.sign_in()) == "email_not_verified"
    assert count("users") == 0


@pytest.mark.parametrize("email", [None, "", 7])
def test_without_an_email_there_is_no_account(browser: Browser, provider: Provider, email: object) -> None:
    provider.person |= {"email": email}
    assert error_of(browser.sign_in()) == "email_not_verified"


def test_a_provider_that_never_says_so_can_be_trusted(browser: Browser, provider: Provider, setting: Change) -> None:
    setting("OIDC_TRUST_EMAIL", "1")
    provider.person |= {"email_verified": False}
    assert error_of(browser.sign_in()) == "email_not_verified", "it says that it is not"
    del provider.person["email_verified"]
    browser.sign_in()
    assert browser.is_signed_in


@pytest.mark.parametrize("email", ["eve@evil.example", "eve@sub.example.com", "eve@example.com.evil.example"])
def test_emails_of_other_domains_stay_outside(
    browser: Browser, provider: Provider, setting: Change, email: str
) -> None:
    browser.sign_in()
    browser.leave()
    setting("OIDC_DOMAINS", "@Example.com, other.example")
    browser.sign_in()
    assert browser.is_signed_in
    browser.leave()
    provider.person |= {"email": email}
    assert error_of(browser.sign_in()) == "email_not_allowed", "who was there before included"
    provider.person |= {"sub": "somebody-new"}
    assert error_of(browser.sign_in()) == "email_not_allowed"
    assert count("users") == 1


def test_names_that_are_none_do_no_harm(browser: Browser, provider: Provider) -> None:
    provider.person |= {"name": "\0 " * 200 + "x" * 400, "email": "EVE@Example.com"}
    browser.sign_in()
    assert browser.person.email == "eve@example.com"
    provider.person = {"sub": "odd", "email": "odd@example.com", "email_verified": True, "name": ["a", "list"]}
    browser.leave()
    browser.sign_in()
    assert browser.person.full_name == "odd"


def test_an_account_with_a_password_is_connected_by_it_only(
    browser: Browser, provider: Provider, register: Register
) -> None:
    owner = Account(browser.api, register("eve@example.com"))
    answer = browser.sign_in("/runs")
    assert answer.headers["location"] == "/connect?next=%2Fruns"
    assert not browser.is_signed_in
    assert error_of(_connect(browser, "Wrong-horse-7")) == "wrong_credentials"
    assert count("identities") == 0
    answer = _connect(browser, next="/runs")
    assert answer.headers["location"] == "/runs"
    assert browser.person.user_id == owner.principal.user_id
    browser.leave()
    browser.sign_in()
    assert browser.person.user_id == owner.principal.user_id
    said = actions("eve@example.com")
    assert "identity_connected Harbour ID: eve@example.com" in said
    assert "sign_in_failed" in said


def test_whoever_registered_an_email_first_does_not_get_its_owner(browser: Browser, register: Register) -> None:
    """The account may be a trap: its maker knows the password, and would see what the owner does there."""
    register("eve@example.com", full_name="Mallory")
    browser.sign_in()
    for password in ("", "Any-horse-1"):
        _connect(browser, password)
    assert not browser.is_signed_in
    assert count("identities") == 0


def test_wrong_passwords_are_counted_there_too(browser: Browser, register: Register) -> None:
    register("eve@example.com")
    browser.sign_in()
    codes = [error_of(browser.api.post("/api/session/connect", data={"password": "x"}, follow_redirects=False))
             for _ in range(6)]  # fmt: skip
    assert codes == ["wrong_credentials"] * 5 + ["rate_limited"]


@pytest.mark.parametrize("kind", ["none", "old", "of a flow"])
def test_a_proof_is_ours_and_fresh(browser: Browser, register: Register, kind: str) -> None:
    from mixmodel_app.services import tokens

    owner = Account(browser.api, register("eve@example.com"))
    claims = {"issuer": "i", "subject": "s", "email": "e", "user": str(owner.principal.user_id), "account": "a"}
    made = {"none": "", "old": tokens.note("proof", claims, -1), "of a flow": tokens.note("flow", claims, 60)}[kind]
    answer = browser.api.post(
        "/api/session/connect",
        data={"password": PASSWORD},
        headers={"cookie": f"mm_proof={made}"},
        follow_redirects=False,
    )
    assert error_of(answer) == "sign_in_interrupted"
    assert count("identities") == 0


def test_another_sites_form_connects_nothing(browser: Browser, register: Register) -> None:
    register("eve@example.com")
    browser.sign_in()
    answer = browser.api.post(
        "/api/session/connect",
        data={"password": PASSWORD},
        headers={"origin": "https://evil.example"},
        follow_redirects=False,
    )
    assert error_of(answer) == "not_allowed"
    assert count("identities") == 0


def test_the_second_factor_is_asked_for_after_the_provider_too(browser: Browser, register: Register) -> None:
    owner = Account(browser.api, register("eve@example.com"))
    totp = _second_factor(owner)
    browser.sign_in()
    assert error_of(_connect(browser)) == "second_factor_required"
    assert error_of(_connect(browser, code="000000")) == "wrong_code"
    _next_code(owner)
    assert _connect(browser, code=totp.now()).headers["location"] == "/"
    browser.leave()
    assert browser.sign_in("/runs").headers["location"] == "/login/code?next=%2Fruns"
    assert not browser.is_signed_in
    _next_code(owner)
    assert browser.post("/api/session/code", code=totp.now(), next="/runs").headers["location"] == "/runs"
    assert browser.person.user_id == owner.principal.user_id
    assert actions("eve@example.com")[-1] == "signed_in by Harbour ID"


def _next_code(owner: Account) -> None:
    """As if thirty seconds had passed: codes work once."""
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE second_factors SET last_step = 0"))


def test_an_account_is_connected_from_inside_with_another_email(
    browser: Browser, provider: Provider, ann: Account
) -> None:
    lift_limits()
    browser.post("/api/session/login", email="ann@example.com", password=PASSWORD)
    provider.person |= {"email": "a.example@corp.example", "email_verified": False}
    answer = browser.sign_in(connect="true")
    assert answer.headers["location"] == "/connect?next=%2Faccount%3Fdone%3Dconnected"
    session = browser.person.session_id
    assert _connect(browser, next="/account?done=connected").headers["location"] == "/account?done=connected"
    assert browser.person.session_id == session
    assert identities.status(ann.principal)["connected"]["email"] == "", "an email that nobody verified is not kept"
    browser.leave()
    browser.sign_in()
    assert browser.person.user_id == ann.principal.user_id


def test_only_who_is_signed_in_sets_out_to_connect(browser: Browser) -> None:
    answer = browser.get("/auth/oidc/start", connect="true")
    assert answer.headers["location"] == "/account?error=not_authenticated&about=provider"


def test_an_identity_has_one_account_and_the_other_way_round(
    browser: Browser, provider: Provider, ann: Account
) -> None:
    browser.sign_in()
    browser.leave()
    browser.post("/api/session/login", email="ann@example.com", password=PASSWORD)
    assert error_of(browser.sign_in(connect="true")) == "identity_taken"
    for subject, code in (("ann-1", ""), ("ann-2", "identity_taken")):
        provider.person |= {"sub": subject}
        browser.sign_in(connect="true")
        assert error_of(_connect(browser)) == code


def test_it_is_disconnected_only_where_a_password_is_left(
    browser: Browser, provider: Provider, setting: Change
) -> None:
    browser.sign_in()
    person = browser.person
    assert identities.status(person) | {"connected": None} == {
        "provider": "Harbour ID", "connected": None, "has_password": False, "can_disconnect": False,
    }  # fmt: skip
    with pytest.raises(Conflict):
        identities.disconnect(person)
    recovery.reset(asked(recovery.link_for(person.email))["token"], "Another-horse-8")
    status = identities.status(person)
    assert (status["has_password"], status["can_disconnect"]) == (True, True)
    assert status["connected"]["email"] == "eve@example.com", "a password of one's own leaves the provider connected"
    setting("OIDC_ONLY", "1")
    with pytest.raises(Conflict):
        identities.disconnect(person)
    setting("OIDC_ONLY", "0")
    identities.disconnect(person)
    assert count("identities") == 0
    browser.leave()
    assert browser.sign_in().headers["location"].startswith("/connect")


def test_a_reset_throws_out_what_an_intruder_has_connected(browser: Browser, provider: Provider, ann: Account) -> None:
    browser.post("/api/session/login", email="ann@example.com", password=PASSWORD)
    provider.person |= {"sub": "mallory", "email": "mallory@example.com"}
    browser.sign_in(connect="true")
    _connect(browser)
    assert count("identities") == 1
    recovery.reset(asked(recovery.link_for("ann@example.com"))["token"], "Another-horse-8")
    assert count("identities") == 0


def _invitation(ann: Account, email: str | None = None) -> str:
    return invitations.create(ann.principal, Role.VIEWER, email)["token"]


def test_an_invitation_in_flight_is_accepted(browser: Browser, ann: Account) -> None:
    token = _invitation(ann, "eve@example.com")
    assert browser.sign_in(f"/join?token={token}").headers["location"] == "/"
    assert browser.person.workspace_id == ann.principal.workspace_id
    assert browser.person.role is Role.VIEWER
    assert actions("eve@example.com")[0] == "joined Harbour ID: eve@example.com"


def test_an_invitation_for_another_email_or_none_makes_no_account(browser: Browser, ann: Account) -> None:
    token = _invitation(ann, "other@example.com")
    answer = browser.sign_in(f"/join?token={token}")
    assert answer.headers["location"] == f"/join?error=not_allowed&token={token}"
    assert error_of(browser.sign_in("/join?token=of-nobody")) == "invitation_expired"
    assert count("users") == 1


def test_who_has_an_account_decides_on_the_page_of_the_invitation(browser: Browser, ann: Account) -> None:
    browser.sign_in()
    own = browser.person.workspace_id
    browser.leave()
    token = _invitation(ann)
    assert browser.sign_in(f"/join?token={token}").headers["location"] == f"/join?token={token}"
    assert browser.person.workspace_id == own


def test_passwords_can_be_switched_off(browser: Browser, setting: Change, ann: Account) -> None:
    setting("OIDC_ONLY", "1")
    form = {"email": "ann@example.com", "password": PASSWORD, "full_name": "New"}
    assert error_of(browser.post("/api/session/login", **form)) == "passwords_off"
    assert error_of(browser.post("/api/session/register", **form)) == "passwords_off"
    for path in ("/api/auth/login", "/api/auth/register"):
        answer = browser.api.post(path, json=form)
        assert (answer.status_code, answer.json()["code"]) == (403, "passwords_off")
    browser.sign_in()
    assert browser.is_signed_in
    accounts.register("admin@example.com", PASSWORD, "The operator's command still works")


def test_a_session_that_has_run_out_does_not_overwrite_the_new_one(browser: Browser, register: Register) -> None:
    """The layer that renews sessions would send its cookies after those of the sign-in."""
    register("old@example.com")
    browser.post("/api/session/login", email="old@example.com", password=PASSWORD)
    address = way_back(browser.leave_for_provider())
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE login_sessions SET access_expires_at = now() - interval '1 minute'"))
    layered = TestClient(SessionRenewal(browser.api.app, ["/"]), follow_redirects=False)
    kept = {cookie.name: cookie.value or "" for cookie in browser.api.cookies.jar if cookie.name != "mm_access"}
    header = "; ".join(f"{name}={value}" for name, value in kept.items())
    answer = layered.get(address, headers={"cookie": header, "accept": "text/html", "sec-fetch-mode": "navigate"})
    set_cookies = [value for value in answer.headers.get_list("set-cookie") if value.startswith("mm_access")]
    assert len(set_cookies) == 1
    token = set_cookies[0].partition("=")[2].partition(";")[0]
    assert accounts.principal_from_access(token).email == "eve@example.com"


def test_who_comes_from_where_is_noted(browser: Browser) -> None:
    known = Known("i", "s", "far@example.com", True, "Far")
    identities.arrive(known, client=Client("203.0.113.9"))
    with db.engine().connect() as connection:
        assert connection.execute(text("SELECT address FROM audit_events")).scalar_one() == "203.0.113.9"
    assert _hash_of("far@example.com") == passwords.NONE
