"""Personal tokens: made, handed to a script and revoked, on a phone, by keyboard and in both themes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mixmodel import ApiError, Client
from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person, Product

PHONE = {"width": 390, "height": 844}


def _works(product: Product, token: str) -> bool:
    """Whether a script gets as far as being told that there is no such run."""
    with Client(product.url, token) as client, pytest.raises(ApiError) as refused:
        client.get_run("0198f7d2-0000-7000-8000-000000000001")
    assert refused.value.status in (401, 404)
    return refused.value.status == 404


def _make(tab: Page) -> str:
    tab.locator("summary").filter(has_text="Make a token").press("Enter")
    tab.get_by_label("Name", exact=True).fill("Nightly job")
    tab.get_by_label("It may").select_option("Read and write")
    tab.get_by_label("It works for").select_option("30 days")
    tab.get_by_role("button", name="Make token").click()
    shown = tab.locator("#personal-token")
    expect(shown).to_contain_text("mm_pat_")
    return shown.inner_text()


def _revoke_by_keyboard(tab: Page) -> None:
    tab.get_by_role("button", name="Revoke Nightly job").press("Enter")
    dialog = tab.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Scripts that use it stop working at once.")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")


def test_a_token_is_made_used_and_revoked(
    open_context: Callable[..., BrowserContext], person: Person, product: Product
) -> None:
    context = open_context(
        person, viewport=PHONE, color_scheme="light", bypass_csp=True, reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    tab = context.new_page()
    tab.goto("/account")
    expect(tab.get_by_text("You have no tokens.")).to_be_visible()
    token = _make(tab)
    tab.get_by_role("button", name="Copy the token").click()
    expect(tab.locator("#personal-token-status")).to_have_text("Copied")
    assert tab.evaluate("navigator.clipboard.readText()") == token
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not serious_in_both_themes(tab)
    table = tab.get_by_role("region", name="Personal tokens")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Read and write")
    expect(table.get_by_role("row").nth(1).get_by_text("Never")).to_be_visible()
    tab.get_by_role("button", name="Done").click()
    expect(tab.locator("#personal-token")).to_have_count(0)
    assert token not in tab.content()
    assert _works(product, token)
    tab.reload()
    expect(table.get_by_role("row").nth(1)).to_contain_text("127.0.0.1")
    assert token not in tab.content(), "it is shown once"
    _revoke_by_keyboard(tab)
    expect(tab.get_by_text("You have no tokens.")).to_be_visible()
    assert not _works(product, token)
    logs = "".join(log.read_text(errors="replace") for log in (product.home / "logs").glob("*"))
    assert "mm_pat_" not in logs
