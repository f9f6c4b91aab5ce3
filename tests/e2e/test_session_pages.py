"""Signing in and out, and staying signed in, as a browser lives through it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from tests.e2e.conftest import Console, put_cookies
from tests.e2e.product import Person, Product

OURS = ("mm_access", "mm_refresh")
RENEWAL_REFUSED = "401 (Unauthorized)"
"""The browser notes the refused renewal in its console; no page can keep it from doing so."""


def _sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def _expire_token(product: Product, context: BrowserContext) -> None:
    """Put the same access token back into the browser, only that it has run out an hour ago."""
    claims = jwt.decode(_values(context)["mm_access"], options={"verify_signature": False})
    claims["exp"] = datetime.now(UTC) - timedelta(hours=1)
    forged = jwt.encode(claims, product.env["JWT_SECRET_KEY"], "HS256")
    context.add_cookies([{"name": "mm_access", "value": forged, "url": product.url, "httpOnly": True}])


def _expire(product: Product, person: Person, context: BrowserContext) -> None:
    """Age the browser's session past its access token's end, as a night does."""
    _expire_token(product, context)
    _change_sessions(product, person, "access_expires_at = now() - interval '1 hour'")


def _change_sessions(product: Product, person: Person, change: str) -> None:
    with product.database.begin() as connection:
        connection.execute(
            text(f"UPDATE login_sessions SET {change} WHERE user_id = :user"), {"user": person.user["id"]}
        )


def _values(context: BrowserContext) -> dict[str, str]:
    found = {cookie.get("name", ""): cookie.get("value", "") for cookie in context.cookies()}
    return {name: found[name] for name in OURS if name in found}


def test_a_wrong_password_is_said_and_the_email_is_kept(guest_page: Page, person: Person) -> None:
    guest_page.goto("/login")
    _sign_in(guest_page, person.email, "Wrong-horse-7")
    expect(guest_page.get_by_role("alert")).to_contain_text("Email and password do not match")
    expect(guest_page.get_by_label("Email")).to_have_value(person.email)
    expect(guest_page.get_by_label("Password")).to_have_value("")


def test_signing_in_leads_back_to_where_one_was_going(guest_page: Page, person: Person, product: Product) -> None:
    guest_page.goto("/datasets?from=mail")
    assert urlsplit(guest_page.url).path == "/login"
    assert parse_qs(urlsplit(guest_page.url).query)["next"] == ["/datasets?from=mail"]
    _sign_in(guest_page, person.email, person.password)
    expect(guest_page).to_have_url(f"{product.url}/datasets?from=mail")
    expect(guest_page.get_by_role("heading", level=1)).to_have_text("No data yet")


def test_nobody_is_led_to_another_site(guest_page: Page, person: Person, product: Product) -> None:
    guest_page.goto("/login?next=//evil.example/")
    _sign_in(guest_page, person.email, person.password)
    expect(guest_page).to_have_url(f"{product.url}/")


def test_signing_out_ends_the_session_here_and_in_other_tabs(page: Page, product: Product, console: Console) -> None:
    console.expect(RENEWAL_REFUSED)
    page.goto("/")
    other = page.context.new_page()
    other.goto("/runs")
    expect(other.get_by_role("heading", level=1)).to_have_text("No run yet")
    before = _values(page.context)
    page.bring_to_front()
    page.get_by_role("button", name="Account and theme").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{product.url}/login")
    assert _values(page.context) == {}
    old = product.http.get("/api/auth/me", headers={"Authorization": f"Bearer {before['mm_access']}"})
    assert old.status_code == 401
    other.get_by_role("link", name="Datasets").first.click()
    expect(other.get_by_label("Password")).to_be_visible()
    assert parse_qs(urlsplit(other.url).query)["next"] == ["/datasets"]


def test_scripts_cannot_read_our_cookies(guest_page: Page, person: Person) -> None:
    page = guest_page
    page.goto("/login")
    _sign_in(page, person.email, person.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("See what your marketing returns")
    readable = page.evaluate("() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert set(_values(page.context)) == set(OURS)
    for name, value in _values(page.context).items():
        assert name not in readable
        assert value not in readable


def test_a_lost_access_cookie_is_renewed_on_the_next_page(page: Page, product: Product) -> None:
    page.goto("/")
    page.context.clear_cookies(name="mm_access")
    page.goto("/runs")
    expect(page.get_by_role("heading", level=1)).to_have_text("No run yet")
    assert page.url == f"{product.url}/runs"
    assert set(_values(page.context)) == set(OURS)


def test_an_expired_access_is_renewed_on_the_next_page(page: Page, person: Person, product: Product) -> None:
    page.goto("/")
    _expire(product, person, page.context)
    expired = _values(page.context)
    page.goto("/runs")
    expect(page.get_by_role("heading", level=1)).to_have_text("No run yet")
    renewed = _values(page.context)
    assert renewed["mm_access"] != expired["mm_access"]
    assert renewed["mm_refresh"] != expired["mm_refresh"], "refresh tokens rotate"


def test_an_access_that_expires_under_an_open_page_is_renewed_without_a_word(
    page: Page, person: Person, product: Product
) -> None:
    page.goto("/")
    _expire_token(product, page.context)
    page.goto("/runs")  # the sign-in is still renewed elsewhere: this socket keeps the old token and is let in
    expect(page.get_by_role("heading", level=1)).to_have_text("No run yet")
    expired = _values(page.context)["mm_access"]
    _change_sessions(product, person, "access_expires_at = now() - interval '1 hour'")
    page.get_by_role("link", name="Datasets").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No data yet")
    assert page.url == f"{product.url}/datasets"
    assert _values(page.context)["mm_access"] != expired


@pytest.mark.parametrize("how", ["open page", "address"])
def test_an_ended_session_leads_to_login_and_back(
    page: Page, person: Person, product: Product, console: Console, how: str
) -> None:
    console.expect(RENEWAL_REFUSED)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _change_sessions(product, person, "revoked_at = now()")
    if how == "address":
        page.goto("/datasets")
    else:
        page.get_by_role("link", name="Datasets").first.click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/login")
    assert parse_qs(urlsplit(page.url).query)["next"] == ["/datasets"]
    _sign_in(page, person.email, person.password)
    expect(page).to_have_url(f"{product.url}/datasets")
    expect(page.get_by_role("heading", level=1)).to_have_text("No data yet")


def test_another_person_in_the_same_tab_sees_nothing_of_the_first(
    open_context: Callable[..., BrowserContext], product: Product
) -> None:
    ann = product.new_person("Ann Example", workspace="Secret Shoes")
    bob = product.new_person("Bob Other")
    tab = open_context(ann).new_page()
    tab.goto("/datasets")
    expect(tab.get_by_text("Ann Example").first).to_be_visible()
    tab.context.clear_cookies()
    put_cookies(tab.context, product, bob)
    tab.goto("/datasets")
    expect(tab.get_by_text("Bob Other").first).to_be_visible()
    content = tab.content()
    assert "Ann Example" not in content
    assert ann.email not in content


def test_an_admin_renames_the_workspace(page: Page, person: Person) -> None:
    page.goto("/settings")
    name = page.get_by_label("Name of the workspace")
    name.fill("  Harbour  & Sons ")
    name.blur()
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(name).to_have_value("Harbour & Sons")
    assert person.get("/api/workspace")["name"] == "Harbour & Sons"
    name.fill("")
    name.blur()
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("main [aria-live=assertive]")).to_contain_text("1 to 255 characters")
