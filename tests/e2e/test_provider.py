"""Signing in by a provider, as people see it: the way there and back, an account that exists, and the account page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.conftest import Console
from tests.e2e.product import PASSWORD, Product
from tests.oidc_provider import Provider

PHONE = {"width": 375, "height": 740}


def _continue(page: Page) -> None:
    page.get_by_role("link", name="Continue with Harbour ID").click()
    expect(page).to_have_title("Harbour ID")
    page.get_by_role("button", name="Allow MixModel").click()


def test_someone_new_comes_in_by_the_provider_and_goes_on_where_they_were(
    guest_page: Page, product: Product, provider: Provider, console: Console
) -> None:
    provider.reset()
    console.expect(f"asked another host: {provider.issuer}/authorize")
    page = guest_page
    page.goto("/runs?x=1&y=a b")
    expect(page).to_have_url(re.compile("/login"))
    _continue(page)
    expect(page).to_have_url(re.compile(r"/runs\?x=1&y=a(%20|\+)b$"))
    page.goto("/account")
    expect(page.get_by_text("Harbour ID knows you as eve@example.com")).to_be_visible()
    expect(page.get_by_text("It is your only way to sign in")).to_be_visible()
    expect(page.get_by_text("You have no password.")).to_be_visible()
    expect(page.get_by_label("Current password")).to_have_count(0)
    page.get_by_role("button", name="Ask for a link").click()
    expect(page.get_by_text("If there is an account with this email")).to_be_visible()
    page.goto("/login")
    provider.person |= {"email_verified": False, "sub": "another"}
    _continue(page)
    expect(page.get_by_role("alert")).to_contain_text("The provider has not verified your email")


def test_an_account_that_exists_is_connected_by_its_password(
    guest_page: Page, product: Product, provider: Provider, console: Console
) -> None:
    person = product.new_person()
    provider.reset()
    console.expect(f"asked another host: {provider.issuer}/authorize")
    provider.person |= {"sub": person.email, "email": person.email}
    page = guest_page
    page.goto("/login?next=/datasets")
    _continue(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect your account")
    expect(page.get_by_text(f"There is a MixModel account {person.email}")).to_be_visible()
    page.get_by_label("Password").fill("Wrong-horse-7")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("The password is wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Connect").click()
    expect(page).to_have_url(f"{product.url}/datasets")
    page.goto("/account")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Not connected.")).to_be_visible()
    page.get_by_role("link", name="Connect Harbour ID").click()
    page.get_by_role("button", name="Allow MixModel").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Connected. From now on you can sign in with it.")).to_be_visible()
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_the_button_can_be_read_and_pressed_by_everyone(open_context: Callable[..., BrowserContext], path: str) -> None:
    tab = open_context(viewport=PHONE, color_scheme="light", bypass_csp=True, reduced_motion="reduce").new_page()
    tab.goto(path)
    button = tab.get_by_role("link", name="Continue with Harbour ID")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 32
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert not serious_in_both_themes(tab)
