"""Files that are no tables: the page says so in words, and nothing of them is kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.product import Person, Product
from tests.tables import ONE_COLUMN, PNG, weekly_csv

ALERT = "main [aria-live=assertive] .mm-notice-error"

FILES: list[tuple[str, str, bytes, str]] = [
    ("image named .csv", "picture.csv", PNG, "PNG picture"),
    ("one column", "one.csv", ONE_COLUMN, "column"),
    ("empty", "empty.csv", b"", "empty"),
    ("header only", "header.csv", b"date,revenue,tv_spend\n", "row"),
    ("text named .xlsx", "table.xlsx", weekly_csv(), "not an Excel workbook"),
]


@pytest.mark.parametrize(("filename", "content", "word"), [f[1:] for f in FILES], ids=[f[0] for f in FILES])
def test_a_file_that_is_no_table_is_explained(
    page: Page, person: Person, product: Product, filename: str, content: bytes, word: str
) -> None:
    page.goto("/datasets/new")
    file: FilePayload = {"name": filename, "mimeType": "text/csv", "buffer": content}
    page.locator("#dataset_file input[type=file]").set_input_files(file)
    alert = page.locator(ALERT)
    expect(alert).to_contain_text(word, ignore_case=True)
    assert "Traceback" not in alert.inner_text()
    _nothing_is_kept(person, product)
    expect(page.locator("#dataset_file")).to_be_visible()


def test_another_kind_of_file_is_refused_in_the_drop_zone(page: Page, person: Person, product: Product) -> None:
    page.goto("/datasets/new")
    page.locator("#dataset_file input[type=file]").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(page.get_by_role("alert")).to_contain_text("CSV or XLSX")
    _nothing_is_kept(person, product)


def test_a_good_file_is_taken_after_a_bad_one(page: Page, person: Person) -> None:
    page.goto("/datasets/new")
    chooser = page.locator("#dataset_file input[type=file]")
    chooser.set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    expect(page.locator(ALERT)).to_be_visible()
    chooser.set_input_files({"name": "weekly.csv", "mimeType": "text/csv", "buffer": weekly_csv()})
    page.wait_for_url("**/columns")
    assert [row["filename"] for row in person.get("/api/datasets")] == ["weekly.csv"]


def test_errors_in_the_data_block_the_run_and_say_where(page: Page, broken_csv: Callable[[], bytes]) -> None:
    page.goto("/datasets/new")
    page.locator("#dataset_file input[type=file]").set_input_files(
        {"name": "broken.csv", "mimeType": "text/csv", "buffer": broken_csv()}
    )
    page.wait_for_url("**/columns")
    page.get_by_role("button", name="Confirm and check the data").click()
    page.wait_for_url("**/check")
    errors = page.locator("article.mm-finding[data-severity=error]")
    expect(errors.first).to_contain_text("tv_spend")
    expect(errors.first).to_contain_text("Rows: 5")
    expect(page.get_by_role("button", name="Set up a run")).to_be_disabled()
    expect(page.get_by_text("Disabled while there are errors.")).to_be_visible()


@pytest.fixture
def broken_csv() -> Callable[[], bytes]:
    from tests.tables import changed_csv

    def negative(rows: list[dict[str, object]]) -> None:
        rows[3]["tv_spend"] = -500

    return lambda: changed_csv(negative)


def _nothing_is_kept(person: Person, product: Product) -> None:
    assert person.get("/api/datasets") == []
    folder = product.home / "objects" / "workspaces" / person.user["workspace_id"]
    assert [path for path in folder.rglob("*") if path.is_file()] == []
