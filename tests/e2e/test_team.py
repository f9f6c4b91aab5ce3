"""What a team does with results: comments on them, and fitting newer data."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import Person
from tests.tables import Row, changed_csv, weekly_csv

pytestmark = pytest.mark.fit


@pytest.fixture
def run_id(person: Person) -> str:
    """A finished run on 104 weeks."""
    found = person.start_run(person.ready_dataset(weekly_csv(weeks=104)), "Spring", mode="quick", random_seed=1)
    person.until(found, "completed")
    return found


def test_a_comment_is_written_kept_and_deleted(page: Page, person: Person, run_id: str) -> None:
    page.goto(f"/results/{run_id}")
    field = page.get_by_label("Your comment")
    field.fill("TV <b>looks</b> high.\nCheck the invoices.")
    page.get_by_role("button", name="Comment").click()
    comment = page.locator(".mm-comment-text")
    expect(comment).to_have_text("TV <b>looks</b> high.\nCheck the invoices.")
    expect(field).to_have_value("")
    page.reload()
    expect(comment).to_have_count(1)
    assert person.get(f"/api/models/{run_id}/comments")[0]["author"] == "Ann Example"
    page.locator(".mm-comments").get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete comment").click()
    expect(comment).to_have_count(0)


def test_newer_data_are_offered_and_fitted(page: Page, person: Person, run_id: str) -> None:
    def restated(rows: list[Row]) -> None:
        rows[3]["tv_spend"] = 4_321

    page.goto(f"/results/{run_id}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("There are newer data")).to_have_count(0)
    person.ready_dataset(changed_csv(restated, weeks=104), "newer.csv")
    page.reload()
    expect(page.get_by_text("There are newer data: newer.csv, version 2.")).to_be_visible()
    page.get_by_role("button", name="Fit the newer data").click()
    page.wait_for_url(lambda url: "/runs/" in url or ("/results/" in url and run_id not in url))
    assert person.get("/api/models")[0]["name"] == "Spring, refreshed"
    page.wait_for_url(lambda url: "/results/" in url and run_id not in url)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_text("tv_spend has 1 other figure")).to_be_visible()
