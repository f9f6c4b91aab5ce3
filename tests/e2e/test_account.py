"""One's own account: where one is signed in, a new password, and the way back in when it is forgotten."""

import os
import subprocess
import sys
from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Console
from tests.e2e.product import ROOT, Person, Product

NEW = "Another-horse-8"


def _sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def _works(person: Person) -> bool:
    return person.api.get("/api/auth/me").status_code == 200


def test_a_session_elsewhere_is_recognised_and_ended(page: Page, person: Person) -> None:
    page.goto("/")
    page.get_by_role("button", name="Account and theme").first.click()
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    table = page.get_by_role("region", name="Sessions")
    expect(table.get_by_role("row").nth(1)).to_contain_text("This one")
    other = table.get_by_role("row", name="Program (python-httpx)").filter(has=page.get_by_role("button", name="End"))
    assert _works(person)
    other.get_by_role("button", name="End").click()
    expect(table.get_by_role("row")).to_have_count(2)
    assert not _works(person)


def test_a_new_name_is_shown_everywhere(page: Page, person: Person) -> None:
    page.goto("/account")
    name = page.get_by_label("Your name")
    name.fill("  Ann   Other ")
    name.blur()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".mm-person-name").first).to_have_text("Ann Other")
    assert person.get("/api/auth/me")["full_name"] == "Ann Other"


def test_a_password_is_changed_and_everyone_else_is_out(page: Page, person: Person, product: Product) -> None:
    page.goto("/account")
    page.get_by_label("Current password").fill("Wrong-horse-7")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("The current password is wrong")
    page.get_by_label("Current password").fill(person.password)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    assert "horse" not in page.url
    assert not _works(person)
    assert product.person(person.email, NEW).user["id"] == person.user["id"]


def test_a_forgotten_password_is_replaced_by_the_link_of_the_console(
    guest_page: Page, person: Person, product: Product
) -> None:
    page = guest_page
    page.goto("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("If there is an account with this email")).to_be_visible()
    command = [sys.executable, "-m", "mixmodel_app.cli", "reset-password", person.email]
    env = os.environ | {"MIXMODEL_HOME": str(product.home), "MIXMODEL_PORT": str(product.port)}
    link = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.strip()
    token = link.split("token=")[1]
    page.goto(f"/reset?token={token}")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your new password is set")).to_be_visible()
    _sign_in(page, person.email, NEW)
    expect(page.get_by_role("heading", level=1)).to_have_text("See what your marketing returns")
    assert not _works(person)
    again = httpx.post(f"{product.url}/api/auth/password/reset", json={"token": token, "password": NEW})
    assert again.status_code == 410
    logs = "".join(log.read_text(errors="replace") for log in (product.home / "logs").glob("*"))
    assert token not in logs


def test_an_open_tab_of_an_ended_session_leads_to_sign_in(
    open_context: Callable[..., BrowserContext], console: Console, person: Person, product: Product
) -> None:
    console.expect("401 (Unauthorized)")
    tab = open_context(person).new_page()
    tab.goto("/account")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Account")
    assert person.api.delete("/api/auth/sessions").status_code == 204
    tab.get_by_role("link", name="Runs").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Sign in")
