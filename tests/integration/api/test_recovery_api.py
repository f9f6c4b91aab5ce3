"""New passwords: by the old one, and by links that work once."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app import cli, config
from mixmodel_app.config import settings
from mixmodel_app.domain.account import Client
from mixmodel_app.domain.errors import LinkEnded
from mixmodel_app.logging import configure_logging
from mixmodel_app.services import accounts, mail, recovery
from mixmodel_app.storage import db
from tests.integration.conftest import PASSWORD
from tests.integration.letters import Postbox, postbox
from tests.integration.scenes import Account, lift_limits

NEW = "Another-horse-8"


@pytest.fixture
def post(stores: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """An installation with a mail server."""
    with postbox() as box:
        monkeypatch.setenv("SMTP_URL", box.url)
        monkeypatch.setenv("SMTP_FROM", "MixModel <mix@example.com>")
        config.settings.cache_clear()
        yield box
        _background_done()
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """What goes on after an answer ends with its test."""
    yield
    _background_done()


@pytest.fixture
def own_log() -> Iterator[None]:
    """Logging as the web has it, for one test."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging(settings(), "web")
    yield
    root.handlers[:], root.level = before


def _background_done() -> None:
    mail._background().shutdown(wait=True)
    mail._background.cache_clear()


def _token(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def _password_works(password: str) -> bool:
    lift_limits()
    try:
        return bool(accounts.login("ann@example.com", password, Client("198.51.100.1")))
    except accounts.WrongCredentials:
        return False


def _change(account: Account, old: str, new: str) -> int:
    lift_limits()
    body = {"current_password": old, "new_password": new}
    return account.call("PUT", "/api/auth/password", json=body).status_code


def test_a_change_asks_for_the_old_password_and_ends_other_sessions(api: TestClient, ann: Account) -> None:
    other = accounts.login("ann@example.com", PASSWORD)
    assert _change(ann, "Wrong-horse-7", NEW) == 401
    assert _change(ann, PASSWORD, "short") == 422
    assert _change(ann, PASSWORD, PASSWORD) == 422
    assert _change(ann, PASSWORD, NEW) == 204
    assert (_password_works(PASSWORD), _password_works(NEW)) == (False, True)
    assert ann.get("/api/auth/me").status_code == 200
    with pytest.raises(accounts.NotAuthenticated):
        accounts.principal_from_access(other.access_token)


def test_the_form_of_the_browser_changes_it_too_but_not_for_another_site(api: TestClient, ann: Account) -> None:
    pair = accounts.login("ann@example.com", PASSWORD)
    form = {"current_password": PASSWORD, "new_password": NEW}
    cookie = {"cookie": f"mm_access={pair.access_token}"}
    foreign = api.post(
        "/api/session/password", data=form, headers=cookie | {"origin": "https://evil.example"}, follow_redirects=False
    )
    assert "error=not_allowed" in foreign.headers["location"]
    nobody = api.post("/api/session/password", data=form, follow_redirects=False)
    assert "error=not_authenticated" in nobody.headers["location"]
    assert _password_works(PASSWORD)
    own = api.post("/api/session/password", data=form, headers=cookie, follow_redirects=False)
    assert own.headers["location"] == "/account?done=password"
    assert _password_works(NEW)


def test_a_link_works_once_and_ends_every_session(api: TestClient, ann: Account) -> None:
    token = _token(recovery.link_for("ann@example.com"))
    weak = api.post("/api/auth/password/reset", json={"token": token, "password": "weak"})
    assert weak.status_code == 422
    assert api.post("/api/auth/password/reset", json={"token": token, "password": NEW}).status_code == 204
    assert ann.get("/api/auth/me").status_code == 401
    again = api.post("/api/auth/password/reset", json={"token": token, "password": "Third-horse-9"})
    assert (again.status_code, again.json()["code"]) == (410, "link_ended")
    assert _password_works(NEW)


def test_of_two_uses_at_once_one_counts(ann: Account) -> None:
    token = _token(recovery.link_for("ann@example.com"))

    def use(number: int) -> bool:
        try:
            return bool(recovery.reset(token, f"Racing-horse-{number}"))
        except LinkEnded:
            return False

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(use, range(6)))
    assert won.count(True) == 1
    assert _password_works(f"Racing-horse-{won.index(True)}")


def test_links_end_by_time_by_a_newer_one_and_by_a_changed_password(ann: Account) -> None:
    first = recovery.link_for("ann@example.com")
    second = recovery.link_for("ann@example.com")
    with pytest.raises(LinkEnded):
        recovery.reset(_token(first), NEW)
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE password_resets SET expires_at = now()"))
    with pytest.raises(LinkEnded):
        recovery.reset(_token(second), NEW)
    third = recovery.link_for("ann@example.com")
    assert _change(ann, PASSWORD, NEW) == 204
    with pytest.raises(LinkEnded):
        recovery.reset(_token(third), "Third-horse-9")


def test_forged_links_and_other_tokens_are_no_links(ann: Account) -> None:
    token = _token(recovery.link_for("ann@example.com"))
    claims = jwt.decode(token, options={"verify_signature": False})
    expired = claims | {"exp": datetime.now(UTC) - timedelta(seconds=1)}
    pair = accounts.login("ann@example.com", PASSWORD)
    forged = (
        jwt.encode(claims, "another-secret-of-sufficient-length-0001", "HS256"),
        jwt.encode(claims, "", "none"),
        jwt.encode(expired, settings().auth.jwt_secret_key, "HS256"),
        pair.access_token,
        pair.refresh_token or "",
        "",
    )
    for wrong in forged:
        with pytest.raises(LinkEnded):
            recovery.reset(wrong, NEW)
    with pytest.raises(accounts.NotAuthenticated):
        accounts.principal_from_access(token)


def test_whoever_asks_is_sent_a_link_by_mail(api: TestClient, ann: Account, post: Postbox) -> None:
    known = api.post("/api/auth/password/forgot", json={"email": "ANN@example.com"})
    unknown = api.post("/api/auth/password/forgot", json={"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content == b""
    [letter] = post.wait_for(1)
    assert (letter["To"], letter["From"]) == ("ann@example.com", "MixModel <mix@example.com>")
    link = next(line for line in letter.get_payload(decode=True).decode().split() if "/reset?token=" in line)  # pyright: ignore[reportAttributeAccessIssue]
    assert recovery.reset(_token(link), NEW) == "ann@example.com"
    _background_done()
    assert len(post.letters) == 1, "nothing went to the unknown one"


def test_nothing_is_done_for_an_account_before_the_answer(
    api: TestClient, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is only looked up in the background, so an answer can tell nothing by its time."""
    waiting: list[tuple[object, ...]] = []
    monkeypatch.setattr(mail, "after_answer", lambda *work: waiting.append(work))
    for email in ("ann@example.com", "nobody@example.com"):
        assert api.post("/api/auth/password/forgot", json={"email": email}).status_code == 202
    assert [work[1] for work in waiting] == ["ann@example.com", "nobody@example.com"]
    with db.engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM password_resets")).scalar_one() == 0


def test_a_person_is_not_flooded_with_letters(ann: Account, post: Postbox) -> None:
    for _ in range(5):
        recovery._answer("ann@example.com", Client("203.0.113.9"))
    assert len(post.wait_for(3)) == 3


def test_without_a_mail_server_the_log_says_what_to_do(
    ann: Account, own_log: None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    recovery._answer("ann@example.com", Client("203.0.113.9"))
    said = caplog.text
    assert "mixmodel reset-password ann@example.com" in said
    assert "token" not in said
    assert cli.main(["reset-password", "ann@example.com"]) == 0
    link = capsys.readouterr().out.strip().splitlines()[-1]
    assert recovery.reset(_token(link), NEW) == "ann@example.com"
    assert cli.main(["reset-password", "nobody@example.com"]) == cli.WRONG


def test_the_form_leads_to_sign_in_or_back_with_the_reason(api: TestClient, ann: Account) -> None:
    token = _token(recovery.link_for("ann@example.com"))
    short = api.post("/api/session/reset", data={"token": token, "password": "x"}, follow_redirects=False)
    assert short.headers["location"].startswith("/reset?error=invalid_input&token=")
    done = api.post("/api/session/reset", data={"token": token, "password": NEW}, follow_redirects=False)
    assert done.headers["location"] == "/login?done=reset&email=ann%40example.com"
    over = api.post("/api/session/reset", data={"token": token, "password": NEW}, follow_redirects=False)
    assert over.headers["location"].startswith("/reset?error=link_ended")


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_the_form_that_asks_says_the_same_to_everyone(api: TestClient, ann: Account, email: str) -> None:
    answer = api.post("/api/session/forgot", data={"email": email}, follow_redirects=False)
    assert answer.headers["location"] == "/forgot?done=asked"


def test_asking_is_limited(api: TestClient, register: Callable[..., object]) -> None:
    codes = [api.post("/api/auth/password/forgot", json={"email": "x@example.com"}).status_code for _ in range(6)]
    assert codes == [202] * 5 + [429]
