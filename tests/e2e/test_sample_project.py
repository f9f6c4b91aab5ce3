"""The first minute of a new account: the sample project, finished and at hand."""

from playwright.sync_api import Page, expect

from tests.e2e.product import Person


def test_the_sample_opens_as_finished_results_with_one_click(page: Page, person: Person, sample_run: str) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("See what your marketing returns")
    expect(page.locator("main button.rt-variant-solid, main a.rt-variant-solid")).to_have_count(1)
    page.get_by_role("button", name="Try with sample data").click()
    page.wait_for_url("**/results/*")
    expect(page.locator(".mm-headline")).not_to_be_empty()
    expect(page.get_by_text("Sample data")).to_be_visible()
    own = person.get("/api/models")
    assert [run["status"] for run in own] == ["completed"]
    assert own[0]["id"] != sample_run, "everyone works on a copy of their own"
    assert page.url.endswith(own[0]["id"])


def test_the_sample_can_be_deleted_after_a_question(page: Page, person: Person, sample_run: str) -> None:
    page.goto("/")
    page.get_by_role("button", name="Try with sample data").click()
    page.wait_for_url("**/results/*")
    page.goto("/")
    page.get_by_role("button", name="Delete sample").click()
    page.get_by_role("button", name="Keep it").click()
    assert len(person.get("/api/datasets")) == 1
    page.get_by_role("button", name="Delete sample").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete sample").click()
    expect(page.get_by_role("button", name="Try with sample data")).to_be_visible()
    assert person.get("/api/datasets") == []
    assert person.get("/api/models") == []
