"""A link for people without an account: made, opened by someone else, ended."""

from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.product import Person, Product


def test_a_link_is_made_opened_and_ended(
    open_context: Callable[..., BrowserContext],
    browser: Browser,
    product: Product,
    sample_person: Person,
    sample_run: str,
) -> None:
    page = open_context(sample_person).new_page()
    page.goto(f"/results/{sample_run}")
    headline = page.locator(".mm-headline").inner_text()
    page.get_by_label("View", exact=True).select_option("manager")
    page.get_by_label("Works", exact=True).select_option("7")
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("#share-address")
    expect(address).to_contain_text(f"{product.url}/shared/")
    link = address.inner_text()

    stranger = browser.new_context(color_scheme="dark").new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Channels")).to_be_visible()
    expect(stranger.locator(".headline")).to_have_text(headline)
    expect(stranger.locator("footer")).to_contain_text("this link works until")
    assert stranger.context.cookies() == []

    _end(page)
    expect(address).to_be_hidden()
    stranger.reload()
    expect(stranger.get_by_text("This link does not exist or has ended.")).to_be_visible()
    stranger.context.close()


def _end(page: Page) -> None:
    links = page.get_by_role("table", name="Links that work")
    expect(links.get_by_role("row").nth(1)).to_contain_text("Manager view")
    links.get_by_role("button", name="End").first.click()
    page.get_by_role("alertdialog").get_by_role("button", name="End link").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
