"""The second factor, as a person sets it up, signs in with it, and switches it off."""

from collections.abc import Callable

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person, Product


def _set_up(page: Page, password: str) -> list[str]:
    """Through the whole setup; gives the recovery codes."""
    page.goto("/account")
    page.get_by_text("It is off").click()
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    secret = page.locator(".mm-key").inner_text().replace(" ", "")
    code = page.get_by_label("Code from the app")
    code.fill(pyotp.TOTP(secret).now())
    code.blur()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Keep these recovery codes")).to_be_visible()
    assert secret not in page.content()
    return page.locator("#recovery-codes").inner_text().split()


def test_it_is_set_up_asked_for_and_switched_off(
    page: Page, guest_page: Page, person: Person, product: Product
) -> None:
    codes = _set_up(page, person.password)
    assert len(codes) == 10
    product.lift_limits()
    guest_page.goto("/login?next=/datasets")
    guest_page.get_by_label("Email").fill(person.email)
    guest_page.get_by_label("Password").fill(person.password)
    guest_page.get_by_role("button", name="Sign in").click()
    expect(guest_page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    guest_page.get_by_label("Code").fill("000000")
    guest_page.get_by_role("button", name="Sign in").click()
    expect(guest_page.get_by_role("alert")).to_contain_text("The code is wrong or was used before")
    guest_page.get_by_label("Code").fill(codes[0])
    guest_page.get_by_role("button", name="Sign in").click()
    expect(guest_page).to_have_url(f"{product.url}/datasets")
    page.reload()
    expect(page.get_by_text("9 recovery codes left.")).to_be_visible()
    assert codes[1] not in page.content(), "the codes are told once"
    page.get_by_text("It is on").click()
    page.get_by_label("Your password").fill(person.password)
    page.get_by_label("Code", exact=True).fill(codes[1])
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("The second factor is off.")).to_be_visible()
    assert person.get("/api/auth/second-factor")["enabled"] is False


def test_the_setup_can_be_read_by_everyone(
    open_context: Callable[..., BrowserContext], person: Person, product: Product
) -> None:
    product.lift_limits()
    tab = open_context(person, color_scheme="light", bypass_csp=True, reduced_motion="reduce").new_page()
    tab.goto("/account")
    tab.get_by_text("It is off").click()
    tab.get_by_label("Your password").fill(person.password)
    tab.get_by_role("button", name="Set up").click()
    expect(tab.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    assert not serious_in_both_themes(tab)
