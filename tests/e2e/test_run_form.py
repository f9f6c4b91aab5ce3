"""The run form: what is typed becomes the run's settings, is kept, and is looked at before it is fitted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.product import Person
from tests.tables import weekly_csv

PHONE = {"width": 390, "height": 844}
LOW = "a return so low that a lower one would surprise you"
LIKELY = "the return that you think most likely"
HIGH = "a return so high that a higher one would surprise you"


def _open(page: Page, person: Person) -> list[str]:
    """A form for a new dataset, all folds open; gives the channels' names."""
    dataset_id = person.ready_dataset(weekly_csv())
    page.goto(f"/runs/new?dataset={dataset_id}")
    expect(page.get_by_role("radio", name="Quick")).to_be_checked()
    for summary in page.locator(".mm-fold > summary").all():
        summary.click()
    media = person.get(f"/api/datasets/{dataset_id}")["column_mapping"]["media_columns"]
    return [entry["channel_name"] for entry in media.values()]


def _expect(page: Page, channel: str, low: str, likely: str, high: str) -> None:
    for question, text in ((LOW, low), (LIKELY, likely), (HIGH, high)):
        page.get_by_label(f"For every 1 spent on {channel}: {question}").fill(text)


def _fill(page: Page, group: str, **fields: str) -> None:
    row = page.get_by_role("group", name=group)
    for label, text in fields.items():
        row.get_by_label(label.replace("_", " "), exact=True).fill(text)


@pytest.mark.fit
def test_what_is_known_of_the_market_becomes_the_runs_settings(page: Page, person: Person, sample_run: str) -> None:
    channel = _open(page, person)[0]
    _expect(page, channel, "0.5", "2", "5")
    page.get_by_role("button", name="Add an event").click()
    _fill(page, "Event 1", Name="Warehouse fire", First_day="2023-05-01", Last_day="2023-05-14")
    page.get_by_role("button", name="Add an experiment").click()
    page.get_by_role("group", name="Experiment 1").get_by_label("Channel").select_option(channel)
    _fill(page, "Experiment 1", First_day="2023-09-04", Last_day="2023-09-24", Extra_spend="3,000")
    _fill(page, "Experiment 1", Extra_outcome="6,000", **{"± error of that": "1500"})
    page.get_by_label("Carryover (adstock)").select_option("delayed")
    page.get_by_label("Effect of price").select_option("negative")
    page.get_by_label("If your runs have to wait").select_option("high")
    page.get_by_role("button", name="Start the fit").click()
    page.wait_for_url(lambda url: "/runs/" in url and "/runs/new" not in url)
    run_id = page.url.split("/")[-1]
    run = person.get(f"/api/models/{run_id}")
    config = run["config"]
    assert run["priority"] == "high"
    assert (config["mode"], config["adstock_type"], config["control_signs"]) == (
        "quick",
        "delayed",
        {"price": "negative"},
    )
    assert config["expected_returns"] == {channel: {"low": 0.5, "likely": 2.0, "high": 5.0}}
    assert config["events"] == [{"name": "Warehouse fire", "start": "2023-05-01", "end": "2023-05-14"}]
    (test,) = config["lift_tests"]
    assert (test["channel"], test["extra_spend"], test["extra_outcome"], test["error"]) == (channel, 3000, 6000, 1500)
    assert (test["start"], test["end"], test["measured_to"]) == ("2023-09-04", "2023-09-24", "2023-09-24")
    page.wait_for_url(f"**/results/{run_id}", timeout=120_000)


@pytest.mark.fit
def test_a_finished_run_with_the_same_settings_is_offered(page: Page, person: Person, sample_run: str) -> None:
    dataset_id = person.ready_dataset(weekly_csv())
    run_id = person.start_run(dataset_id, name="The first one")
    person.until(run_id, "completed")
    page.goto(f"/runs/new?dataset={dataset_id}")
    expect(page.get_by_text("An identical run has finished: The first one")).to_be_visible()
    expect(page.get_by_role("button", name="Run again anyway")).to_be_visible()
    page.get_by_role("radio", name="Full").click()
    expect(page.get_by_role("button", name="Start the fit")).to_be_visible()
    page.get_by_role("radio", name="Quick").click()
    page.get_by_role("link", name="Open it").click()
    page.wait_for_url(f"**/results/{run_id}")


def test_the_model_says_what_it_thinks_before_it_sees_the_data(page: Page, person: Person) -> None:
    channel, other = _open(page, person)
    ask = page.get_by_role("button", name="What does the model think before seeing the data?")
    _expect(page, channel, "1", "2", "4")
    ask.click()
    returns = page.get_by_role("table", name="Returns before seeing the data")
    expect(returns.get_by_role("row", name=channel)).to_contain_text("2.0")
    expect(returns.get_by_role("row", name=other)).to_be_visible()
    expect(page.get_by_text("of the outcome (94 % range)")).to_be_visible()
    expect(page.get_by_text("Changed since")).to_be_hidden()
    _expect(page, channel, "1.99", "2", "2.01")
    page.get_by_label("Name", exact=False).first.focus()
    expect(page.get_by_text("Changed since")).to_be_visible()
    ask.click()
    expect(page.get_by_text("the data will hardly change it")).to_be_visible()
    expect(page.get_by_text("Changed since")).to_be_hidden()


def test_mistakes_are_named_in_the_words_of_the_form(page: Page, person: Person) -> None:
    channel = _open(page, person)[0]
    page.get_by_label(f"For every 1 spent on {channel}: {LOW}").fill("0.5")
    page.get_by_label("Draws per chain").fill("many")
    page.get_by_role("button", name="Add an event").click()
    page.get_by_role("button", name="Add an event").click()
    _fill(page, "Event 2", Name="Fire", First_day="2023-05-01", Last_day="2023-04-01")
    page.get_by_role("button", name="Start the fit").click()
    problems = page.get_by_role("alert").filter(has_text="Please check")
    for sentence in (
        "Draws per chain: must be a whole number from 50 to 10000.",
        f"Expected return of {channel}, most likely: must be a number.",
        "Event 1, last day: must not be before the start.",  # the row that was never filled in is gone
    ):
        expect(problems).to_contain_text(sentence)
    expect(page.get_by_label("Draws per chain")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label(f"For every 1 spent on {channel}: {HIGH}")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Remove Event 1").click()
    expect(problems).to_be_hidden()


def test_a_preset_is_one_press_away_and_what_is_known_stays(page: Page, person: Person) -> None:
    channel = _open(page, person)[0]
    _expect(page, channel, "0.5", "2", "5")
    page.get_by_label("Draws per chain").fill("800")
    page.keyboard.press("Tab")
    page.get_by_label("Trend of the baseline").select_option("none")
    expect(page.get_by_text("Draws per chain: 800, not 500")).to_be_visible()
    expect(page.get_by_text("Trend of the baseline: None, not Smooth")).to_be_visible()
    expect(page.get_by_role("radio", name="Custom")).to_be_checked()
    page.reload()
    expect(page.get_by_label("Draws per chain")).to_have_value("800")
    page.locator(".mm-fold > summary").last.click()
    page.get_by_role("button", name="Reset to Quick").click()
    expect(page.get_by_label("Draws per chain")).to_have_value("500")
    expect(page.get_by_role("radio", name="Quick")).to_be_checked()
    expect(page.get_by_label(f"For every 1 spent on {channel}: {HIGH}")).to_have_value("5")


def test_fast_typing_loses_no_letter(page: Page, person: Person, sample_person: Person) -> None:
    _open(page, person)
    name = page.locator("#field-name")
    name.click()
    page.keyboard.type("The quick brown fox jumps over the lazy dog")
    expect(name).to_have_value("The quick brown fox jumps over the lazy dog")
    page.get_by_label("Draws per chain").focus()
    page.reload()
    expect(name).to_have_value("The quick brown fox jumps over the lazy dog")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_open_form_is_accessible_and_fits(
    open_context: Callable[..., BrowserContext], person: Person, width: int
) -> None:
    viewport = PHONE | {"width": width}
    tab = open_context(
        person, viewport=viewport, color_scheme="light", bypass_csp=True, reduced_motion="reduce"
    ).new_page()
    channel = _open(tab, person)[0]
    tab.get_by_role("button", name="Add an event").click()
    tab.get_by_role("button", name="Add an experiment").click()
    _expect(tab, channel, "1", "2", "4")
    tab.get_by_role("button", name="What does the model think").click()
    expect(tab.locator(".mm-range-bar").first).to_be_visible()
    tab.get_by_role("button", name="Add an event").click()
    tab.get_by_role("button", name="Add an experiment").click()
    found = serious_in_both_themes(tab)
    assert not found, "\n".join(found)
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
