"""A team: invited, joined, given roles, looked up in the audit log, and gone."""

import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Console
from tests.e2e.product import PASSWORD, Person, Product


@pytest.fixture
def link(page: Page, product: Product) -> str:
    """An invitation that Ann has made on the page, for anyone, as a viewer."""
    product.lift_limits()
    page.goto("/settings/members")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Make invitation").click()
    expect(page.get_by_text("Invitation for anyone with the link, as viewer.")).to_be_visible()
    return page.locator("#handover-link").inner_text().removeprefix(product.url)


def test_a_new_person_joins_and_sees_what_a_viewer_may(
    page: Page, person: Person, link: str, open_context: Callable[..., BrowserContext]
) -> None:
    guest = open_context().new_page()
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text("Join Ann Example Ltd")
    guest.get_by_label("Your name").fill("Cay Guest")
    guest.get_by_label("Email").fill(f"cay-{person.email}")
    guest.get_by_label("Password").fill("short")
    guest.get_by_label("Password").evaluate("field => field.removeAttribute('minlength')")
    guest.get_by_role("button", name="Create account and join").click()
    expect(guest.get_by_role("alert")).to_contain_text("needs at least 8 characters")
    expect(guest.get_by_label("Your name")).to_have_value("Cay Guest")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Create account and join").click()
    expect(guest.get_by_text("Cay Guest").first).to_be_visible()
    expect(guest.get_by_role("link", name="Settings")).to_have_count(0)
    guest.goto("/settings/members")
    expect(guest.get_by_text("This needs the role admin; yours is viewer.")).to_be_visible()
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text("This invitation is over")
    page.reload()
    page.get_by_role("combobox", name="Role of Cay Guest").select_option("member")
    expect(page.get_by_role("combobox", name="Role of Cay Guest")).to_have_value("member")
    roles = {one["full_name"]: one["role"] for one in person.get("/api/workspace/members")}
    assert roles == {"Ann Example": "admin", "Cay Guest": "member"}
    guest.goto("/")
    page.get_by_role("row", name="Cay Guest").get_by_role("button", name="Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove member").click()
    expect(page.get_by_role("row", name="Cay Guest")).to_have_count(0)


def test_the_last_admin_is_told_why_they_stay_one(page: Page, link: str) -> None:
    role = page.get_by_role("combobox", name="Role of Ann Example")
    role.select_option("viewer")
    expect(page.locator("main [aria-live=assertive]")).to_contain_text("This is the last admin of the workspace.")
    expect(role).to_have_value("admin")


def test_someone_with_an_account_moves_over_and_nothing_of_the_old_one_stays_on_screen(
    link: str, product: Product, open_context: Callable[..., BrowserContext]
) -> None:
    bob = product.new_person("Bob Other", workspace="Bobs Boats")
    context = open_context(bob)
    other = context.new_page()
    other.goto("/settings")
    expect(other.get_by_label("Name of the workspace")).to_have_value("Bobs Boats")
    tab = context.new_page()
    tab.goto(link)
    tab.get_by_role("button", name="Join").click()
    expect(tab).to_have_url(f"{product.url}/")
    assert bob.get("/api/workspace")["name"] == "Ann Example Ltd"
    other.get_by_role("link", name="Runs").first.click()
    expect(other.get_by_role("heading", level=1)).to_have_text("No run yet")
    assert "Bobs Boats" not in other.content()
    expect(other.get_by_role("link", name="Settings")).to_have_count(0)


def test_an_invitation_is_revoked_on_the_page(page: Page, link: str, guest_page: Page) -> None:
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", name="Waiting invitations")).to_have_count(0)
    guest_page.goto(link)
    expect(guest_page.get_by_role("heading", level=1)).to_have_text("This invitation is over")


def test_the_audit_log_is_searched_and_taken_away(page: Page, link: str, person: Person) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="Audit log").click()
    table = page.get_by_role("region", name="Audit log")
    expect(table).to_contain_text("anyone with the link as viewer")
    page.get_by_label("What").select_option("signed_in")
    expect(table).to_contain_text("Signed in")
    expect(table).not_to_contain_text("Invited")
    page.get_by_label("From day").fill("2020-01-01")
    page.get_by_label("To day").fill("2020-01-31")
    expect(page.get_by_text("Nothing like this has happened.")).to_be_visible()
    page.get_by_label("To day").fill("")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "created_at,actor,action,subject,address"
    assert len(lines) > 1
    assert all(",signed_in," in line for line in lines[1:])


def test_a_workspace_is_taken_away_and_deleted(page: Page, person: Person, product: Product, console: Console) -> None:
    product.lift_limits()
    page.goto("/settings/data")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "workspace.json" in archive.namelist()
    page.get_by_label("Name of the workspace").fill("Something else")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("alert")).to_contain_text("must be Ann Example Ltd")
    page.get_by_label("Name of the workspace").fill("Ann Example Ltd")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_text("The workspace and everything in it is deleted.")).to_be_visible()
    assert person.api.get("/api/auth/me").status_code == 401
    assert page.context.cookies() == []
