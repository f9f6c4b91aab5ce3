"""Markup in every text that a person can type: it is shown as text on every page, and nothing of it runs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.product import Person, Product
from tests.tables import weekly_csv

pytestmark = pytest.mark.fit

MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>'--"


@pytest.fixture
def mallory(product: Product) -> tuple[Person, str, str]:
    """Someone whose every name is markup, with their dataset and their finished run."""
    person = product.new_person(f"Mallory {MARKUP}", workspace=MARKUP)
    answer = person.api.post(
        "/api/datasets/upload", files={"file": (f"{MARKUP.replace('/', '')}.csv", weekly_csv())}
    ).json()
    media = {"tv_spend": {"channel_name": MARKUP}, "search_spend": {"channel_name": "<b>Search</b>"}}
    mapping = {"date_column": "date", "target_column": "revenue", "media_columns": media, "control_columns": []}
    dataset_id = answer["dataset_id"]
    assert person.api.put(f"/api/datasets/{dataset_id}/mapping", json={"column_mapping": mapping}).is_success
    person.post(f"/api/datasets/{dataset_id}/validate")
    run_id = person.start_run(dataset_id, MARKUP, mode="custom", n_samples=100, tune_steps=200, n_chains=1)
    person.until(run_id, "completed")
    person.post(f"/api/models/{run_id}/comments", {"text": MARKUP})
    plan = {"run_id": run_id, "name": MARKUP, "allocation": {MARKUP: 1e4, "<b>Search</b>": 5e3}, "weeks": 4}
    person.post("/api/scenarios", plan)
    return person, dataset_id, run_id


def test_markup_is_text_on_every_page(
    product: Product, mallory: tuple[Person, str, str], open_context: Callable[..., BrowserContext]
) -> None:
    person, dataset_id, run_id = mallory
    page = open_context(person).new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    pages = ["/", "/datasets", f"/datasets/{dataset_id}/columns", f"/datasets/{dataset_id}/check", "/runs"]
    pages += [f"/results/{run_id}", f"/results/{run_id}?view=manager", f"/results/{run_id}?view=analyst"]
    pages += [f"/budget/{run_id}", "/account", "/settings", "/settings/members", "/settings/audit"]
    shown = 0
    for path in pages:
        product.lift_limits()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shown += "alert(1)" in page.locator("body").inner_text()
        assert not _made_of_markup(page), path
    assert shown > 6, "the names are on the pages"
    assert not dialogs


def _made_of_markup(page: Page) -> int:
    """Elements that only the markup could have made."""
    return page.locator("img[src='x'], [onerror], [onload], script:has-text('alert(1)')").count()
