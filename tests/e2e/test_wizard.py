"""The three steps of the upload: questions about the file, repairs, new versions, and the keyboard alone."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person
from tests.tables import Row, changed_csv, weekly_csv

PHONE = {"width": 390, "height": 844}


def _with_faults(rows: list[Row]) -> None:
    """Empty spend, a column of the same figure, and one large week."""
    for position in (4, 9, 14):
        rows[position]["tv_spend"] = ""
    for row in rows:
        row["competitor"] = 7
    rows[30]["search_spend"] = 60_000


FAULTY = changed_csv(_with_faults, weeks=104)
AMBIGUOUS = b"date,revenue,tv_spend\n" + b"\n".join(
    f"{day:02d}/{month:02d}/2024,{1000 + 13 * day},{100 + 7 * month}".encode()
    for month, day in [(3, 4), (5, 9), (1, 2), (7, 8), (11, 12), (2, 6)]
)


def _drop(page: Page, content: bytes, name: str = "weekly.csv") -> str:
    page.goto("/datasets/new")
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.locator("#dataset_file input[type=file]").set_input_files(file)
    page.wait_for_url("**/columns")
    return page.url.split("/")[-2]


def _checked(page: Page) -> None:
    page.get_by_role("button", name="Confirm and check the data").click()
    page.wait_for_url("**/check")
    expect(page.get_by_text("Can this data answer it?")).to_be_visible()


def _finding(page: Page, title: str) -> Locator:
    return page.locator("article.mm-finding").filter(has_text=title)


def test_a_repair_is_counted_made_listed_and_taken_back(page: Page, person: Person) -> None:
    dataset_id = _drop(page, FAULTY)
    _checked(page)
    card = page.locator("article.mm-finding").filter(has=page.get_by_role("button", name="Write 0 into")).first
    expect(card).to_contain_text("Changes 3 cells")
    card.get_by_role("button", name="Show rows").click()
    expect(card.locator("tbody tr")).to_have_count(3)
    expect(card.locator("td.mm-cell-marked")).to_have_count(3)
    card.get_by_role("button", name="Write 0 into").click()
    expect(page.locator(".mm-said")).to_have_text("Filled 3 empty cells of tv_spend with 0.")
    log = page.locator(".mm-changes")
    expect(log).to_contain_text("Changes 3 cells")
    assert len(person.get(f"/api/datasets/{dataset_id}/fixes")) == 1
    page.reload()
    expect(log.locator("li")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Table with its story").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert any("Filled 3 empty cells" in str(row[1]) for row in book["How it was made"].values)
    page.get_by_role("button", name="Undo the last").click()
    expect(page.locator(".mm-said")).to_contain_text("Taken back")
    expect(log).to_have_count(0)
    assert person.get(f"/api/datasets/{dataset_id}/fixes") == []


def test_a_question_about_the_file_must_be_answered(page: Page) -> None:
    _drop(page, AMBIGUOUS, "days.csv")
    question = page.locator(".mm-question")
    expect(question).to_contain_text("come first")
    page.get_by_role("button", name="Confirm and check the data").click()
    expect(page.get_by_role("alert")).to_contain_text("Answer the question")
    question.get_by_role("button", name="The day comes first").click()
    expect(question).to_have_count(0)
    expect(page.get_by_role("table", name="First rows of the file")).to_contain_text("2024-03-04")


def test_the_same_source_again_is_a_version_with_what_changed(page: Page, person: Person) -> None:
    first = _drop(page, FAULTY)
    _checked(page)
    page.get_by_role("button", name="Write 0 into").first.click()
    expect(page.locator(".mm-changes li")).to_have_count(1)

    def newer(rows: list[Row]) -> None:
        _with_faults(rows)
        rows[2]["revenue"] = 99_999
        del rows[-1]

    second = _drop(page, changed_csv(newer, weeks=104), "weekly_new.csv")
    expect(page.get_by_text("version 2 of its source")).to_be_visible()
    _checked(page)
    changes = page.locator(".mm-card").filter(has_text="Since the last version")
    expect(changes).to_contain_text("1 week fewer")
    expect(changes).to_contain_text("revenue has 1 other figure")
    changes.get_by_role("button", name="Make its repairs again").click()
    expect(page.locator(".mm-changes li")).to_have_count(1)
    assert person.get(f"/api/datasets/{second}")["previous_id"] == first


def test_roles_tell_at_once_what_the_checks_would_find(page: Page) -> None:
    _drop(page, weekly_csv(weeks=104))
    expect(page.locator(".mm-outlook")).to_contain_text("104 weeks")
    expect(page.locator(".mm-outlook")).to_contain_text("0 errors")
    role = page.get_by_label("Role of price")
    role.focus()
    role.select_option("ignored")
    expect(page.get_by_text("Not used by the model")).to_contain_text("price")
    expect(role).to_be_focused()


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.on("filechooser", lambda _chooser: None)  # asked for at the last moment, the browser may open it unheard
    page.goto("/datasets/new")
    zone = page.locator("#dataset_file")
    expect(zone).to_be_visible()
    _tab_to(page, zone)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    file: FilePayload = {"name": "weekly.csv", "mimeType": "text/csv", "buffer": FAULTY}
    chooser.value.set_files(file)
    page.wait_for_url("**/columns")
    confirm = page.get_by_role("button", name="Confirm and check the data")
    _tab_to(page, confirm)
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    repair = page.get_by_role("button", name="Write 0 into").first
    expect(repair).to_be_visible()
    _tab_to(page, repair)
    page.keyboard.press("Enter")
    expect(page.locator(".mm-changes li")).to_have_count(1)
    undo = page.get_by_role("button", name="Undo the last")
    _tab_to(page, undo)
    page.keyboard.press("Enter")
    expect(page.locator(".mm-changes")).to_have_count(0)
    go_on = page.get_by_role("link", name="Continue anyway")
    _tab_to(page, go_on)
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/new?dataset=*")


def _tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, from the top of the page."""
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    for _ in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("(one) => one === document.activeElement"):
            return
    pytest.fail("Tab never reached the control.")


def test_the_steps_are_accessible_and_fit_a_phone(open_context: Callable[..., BrowserContext], person: Person) -> None:
    tab = open_context(
        person, color_scheme="light", bypass_csp=True, reduced_motion="reduce", viewport=PHONE
    ).new_page()
    _drop(tab, AMBIGUOUS, "days.csv")
    assert not (found := serious_in_both_themes(tab)), found
    _drop(tab, FAULTY)
    _checked(tab)
    tab.get_by_role("button", name="Write 0 into").first.click()
    expect(tab.locator(".mm-changes li")).to_have_count(1)
    tab.get_by_role("button", name="Show rows").first.click()
    expect(tab.locator("td.mm-cell-marked").first).to_be_visible()
    assert not (found := serious_in_both_themes(tab)), found
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_nothing_is_lost_on_reload_back_and_forward(page: Page) -> None:
    _drop(page, weekly_csv(weeks=104))
    page.get_by_label("Role of price").select_option("ignored")
    channel = page.locator("#channel-tv_spend")
    channel.fill("Television")
    channel.blur()
    expect(page.get_by_text("Not used by the model")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Role of price")).to_have_value("ignored")
    expect(channel).to_have_value("Television")
    _checked(page)
    expect(page.get_by_role("table", name="Spend by channel")).to_contain_text("Television")
    page.go_back()
    expect(page.get_by_label("Role of price")).to_have_value("ignored")
    expect(channel).to_have_value("Television")
    page.go_forward()
    expect(page.get_by_role("table", name="Spend by channel")).to_contain_text("Television")
