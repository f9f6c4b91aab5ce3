"""The browser's session: cookies that scripts cannot read, renewed without anyone noticing."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import jwt
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from starlette.types import Receive, Scope, Send

from mixmodel_app.api.renewal import SessionRenewal
from mixmodel_app.api.session import safe_path
from mixmodel_app.config import settings
from mixmodel_app.domain.errors import NotAuthenticated
from mixmodel_app.services import accounts

PASSWORD = "Correct-horse-7"
FORM = {"email": "ann@example.com", "password": PASSWORD, "full_name": "Ann Example"}
NAVIGATE = {"accept": "text/html", "sec-fetch-mode": "navigate"}


def _cookies(answer: Response) -> SimpleCookie:
    jar: SimpleCookie = SimpleCookie()
    for value in answer.headers.get_list("set-cookie"):
        jar.load(value)
    return jar


def _header(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def _expired(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(
        claims | {"exp": datetime.now(UTC) - timedelta(minutes=1)}, settings().auth.jwt_secret_key, "HS256"
    )


@pytest.fixture
def signed_in(api: TestClient) -> SimpleCookie:
    answer = api.post("/api/session/register", data=FORM, follow_redirects=False)
    assert answer.status_code == 303
    api.cookies.clear()
    return _cookies(answer)


def test_cookies_are_out_of_reach_for_scripts(signed_in: SimpleCookie) -> None:
    assert set(signed_in) == {"mm_access", "mm_refresh"}
    for morsel in signed_in.values():
        assert morsel["httponly"]
        assert morsel["samesite"] == "lax"
        assert morsel["path"] == "/"


def test_a_wrong_password_leads_back_to_the_form(api: TestClient, signed_in: SimpleCookie) -> None:
    wrong = {"email": "ann@example.com", "password": "Wrong-horse-7", "next": "/runs?x=1"}
    answer = api.post("/api/session/login", data=wrong, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?error=wrong_credentials&next=%2Fruns%3Fx%3D1")
    assert "Wrong-horse" not in answer.headers["location"]
    assert not answer.headers.get_list("set-cookie")


def test_login_goes_where_the_person_was(api: TestClient, signed_in: SimpleCookie) -> None:
    form = {"email": "ann@example.com", "password": PASSWORD, "next": "/results/1?view=analyst"}
    answer = api.post("/api/session/login", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/results/1?view=analyst"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/api/x", "", "/a\nb"],
)
def test_nobody_is_sent_to_another_site(target: str) -> None:
    assert safe_path(target) == "/"


def test_another_sites_form_is_refused(api: TestClient) -> None:
    answer = api.post(
        "/api/session/register", data=FORM, headers={"origin": "https://evil.example"}, follow_redirects=False
    )
    assert "error=not_allowed" in answer.headers["location"]
    assert not answer.headers.get_list("set-cookie")


def test_cookies_read_but_never_change(api: TestClient, signed_in: SimpleCookie) -> None:
    headers = {"cookie": _header(signed_in)}
    assert api.get("/api/datasets", headers=headers).status_code == 200
    assert api.put("/api/workspace", json={"name": "Stolen"}, headers=headers).status_code == 401


def test_renewal_answers_new_cookies(api: TestClient, signed_in: SimpleCookie) -> None:
    answer = api.post("/api/session/renew", headers={"cookie": _header(signed_in)})
    assert answer.status_code == 204
    assert _cookies(answer)["mm_refresh"].value != signed_in["mm_refresh"].value


def test_two_tabs_that_renew_at_once_both_stay_signed_in(api: TestClient, signed_in: SimpleCookie) -> None:
    first = api.post("/api/session/renew", headers={"cookie": _header(signed_in)})
    second = api.post("/api/session/renew", headers={"cookie": _header(signed_in)})
    assert first.status_code == second.status_code == 204
    assert "mm_refresh" not in _cookies(second)
    newest = _cookies(first)["mm_refresh"].value
    assert api.post("/api/session/renew", headers={"cookie": f"mm_refresh={newest}"}).status_code == 204


def test_renewal_without_a_session_is_refused(api: TestClient, clean: None) -> None:
    assert api.post("/api/session/renew").status_code == 401


def test_a_socket_outlives_its_access_token_while_the_browser_renews(signed_in: SimpleCookie, api: TestClient) -> None:
    frozen = f"mm_access={_expired(signed_in['mm_access'].value)}; mm_refresh={signed_in['mm_refresh'].value}"
    assert accounts.principal_from_cookies(frozen).email == "ann@example.com"
    without_refresh = frozen.split(";")[0]
    with pytest.raises(NotAuthenticated):
        accounts.principal_from_cookies(without_refresh)
    api.post("/api/session/logout", headers={"cookie": _header(signed_in)})
    with pytest.raises(NotAuthenticated):
        accounts.principal_from_cookies(frozen)


def test_logout_forgets_the_cookies_and_ends_the_session(api: TestClient, signed_in: SimpleCookie) -> None:
    answer = api.post("/api/session/logout", headers={"cookie": _header(signed_in)}, follow_redirects=False)
    assert answer.headers["location"] == "/login"
    assert all(morsel["max-age"] == "0" for morsel in _cookies(answer).values())
    assert api.post("/api/session/renew", headers={"cookie": _header(signed_in)}).status_code == 401


async def _page(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers with the cookies that it was given."""
    cookie = dict(scope["headers"]).get(b"cookie", b"")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": cookie})


@pytest.fixture
def pages(clean: None) -> TestClient:
    return TestClient(SessionRenewal(_page, ["/", "/runs/[run_id]"]), follow_redirects=False)


def test_a_page_renews_an_expired_session_before_it_loads(pages: TestClient, signed_in: SimpleCookie) -> None:
    stale = (
        f"theme=dark; mm_access={_expired(signed_in['mm_access'].value)}; mm_refresh={signed_in['mm_refresh'].value}"
    )
    with_old_session = _age_session(stale)
    answer = pages.get("/runs/1", headers=NAVIGATE | {"cookie": with_old_session})
    assert answer.status_code == 200
    assert set(_cookies(answer)) == {"mm_access", "mm_refresh"}
    assert _cookies(answer)["mm_access"].value in answer.text
    assert "theme=dark" in answer.text


def test_a_page_without_a_session_leads_to_login_and_back(pages: TestClient) -> None:
    answer = pages.get("/runs/1?tab=2", headers=NAVIGATE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/runs/1%3Ftab%3D2"
    assert pages.get("/public", headers=NAVIGATE).status_code == 200
    assert pages.get("/runs/1", headers={"accept": "*/*"}).status_code == 200


def _age_session(cookie: str) -> str:
    """Let the sign-in's newest access token have run out as well."""
    from sqlalchemy import text

    from mixmodel_app.storage import db

    with db.engine().begin() as connection:
        connection.execute(text("UPDATE login_sessions SET access_expires_at = now() - interval '1 minute'"))
    return cookie
