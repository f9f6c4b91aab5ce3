import json

import pytest
import reflex as rx
from reflex.components.component import Component

from mixmodel_app.components import buttons, crash, drop_zone, forms, layout, run_progress, stat, states
from mixmodel_app.components.data_table import Column, data_table, plain_table
from mixmodel_app.components.learned_badge import learned_badge
from mixmodel_app.components.live_fit import ChainRow, provisional_returns, sampler_detail
from mixmodel_app.components.range_bars import RangeBars, range_bars
from mixmodel_app.components.status_badge import LOOKS, status_badge
from mixmodel_app.domain.dataset import DatasetStatus
from mixmodel_app.domain.findings import Severity
from mixmodel_app.domain.results import HealthStatus, LearnedFrom
from mixmodel_app.domain.run import RunStatus, Stage


def drawn(component: Component) -> str:
    """The whole tree as text, as the compiler sees it."""
    return json.dumps(component.render(), default=str)


class Rows(rx.State):
    """A state to build tables over."""

    rows: list[dict[str, str]] = []  # noqa: RUF012
    texts: list[str] = []  # noqa: RUF012
    grid: list[list[str]] = []  # noqa: RUF012
    bars: RangeBars = RangeBars()
    chains: list[ChainRow] = []  # noqa: RUF012
    source: str = ""


@pytest.mark.parametrize("values", [RunStatus, DatasetStatus, HealthStatus, Severity])
def test_every_status_of_the_domain_has_a_look(values: type):
    assert {value.value for value in values} <= set(LOOKS)  # pyright: ignore[reportGeneralTypeIssues]


@pytest.mark.parametrize("status", [name for name, look in LOOKS.items() if look.colour in ("green", "amber")])
def test_green_and_amber_are_set_in_high_contrast(status: str):
    assert "highContrast:true" in drawn(status_badge(status))


def test_a_status_that_nobody_knows_shows_its_own_text():
    assert "paused" in drawn(status_badge("paused"))


def test_only_the_announced_sentence_of_a_run_is_in_a_live_region():
    text = drawn(run_progress.run_progress(40, Stage.SAMPLING.value, "Draw 812 of 2,000", announced="Sampling"))
    assert text.count('role:\\"status\\"') == 1
    live = next(part for part in _elements(text) if 'role:"status"' in part["props"])
    assert "Sampling" in json.dumps(live)
    assert "Draw 812" not in json.dumps(live)


def test_moving_ranges_are_a_quiet_table_with_texts():
    text = drawn(range_bars(Rows.bars, caption="Returns", look="provisional"))
    for part in ('role:\\"table\\"', 'role:\\"rowheader\\"', 'aria-label\\":\\"Returns', "spread", "median"):
        assert part in text
    assert "aria-live" not in text
    assert 'role:\\"status\\"' not in text
    assert "css:" not in text, "a class for every position would fill the page's style sheet"


def test_provisional_returns_say_so_and_cannot_be_taken_away():
    text = drawn(provisional_returns(Rows.bars, "Provisional – from 60 draws per chain", "R-hat 1.01"))
    assert text.count("Provisional") >= 2
    for way in ('"a"', "download", "button", "clipboard"):
        assert way not in text


def test_what_the_sampler_does_is_behind_a_fold():
    text = drawn(sampler_detail(Rows.chains))
    assert json.dumps('"details"') in text
    assert "open:true" not in text


@pytest.mark.parametrize("source", list(LearnedFrom))
def test_where_a_return_comes_from_is_a_word_an_icon_and_a_colour(source: LearnedFrom):
    text = drawn(learned_badge(source.value, "The evidence."))
    for part in (source.label, "highContrast:true", "The evidence.", "aria-hidden"):
        assert part in text


def test_results_that_do_not_say_where_a_return_comes_from_show_nothing():
    text = drawn(learned_badge(Rows.source))
    assert text.count("highContrast:true") == len(LearnedFrom), "one badge for each source and none besides"


def test_a_list_of_problems_is_read_out_when_it_appears():
    text = drawn(forms.error_list(Rows.texts))
    assert 'role:\\"alert\\"' in text
    assert json.dumps('"ul"') in text


def test_a_fold_keeps_its_title_and_is_closed_at_first():
    text = drawn(layout.fold("Events", rx.el.p("inside"), note="Optional"))
    assert "Events" in text
    assert "open:false" in text


def test_a_queued_run_has_no_stage_under_way():
    queued = drawn(run_progress.run_progress(0, Stage.QUEUED.value, "Waiting"))
    loading = drawn(run_progress.run_progress(0, Stage.LOADING.value, "Loading"))
    assert queued != loading


def test_files_and_parts_of_a_page_do_not_go_to_the_router():
    for link in (buttons.download_link("Model", "/api/x"), buttons.plain_link("Skip", href="#main")):
        assert "ReactRouterLink" not in drawn(link)
    assert "ReactRouterLink" in drawn(buttons.link_button("Runs", "/runs"))


def test_the_way_on_after_a_crash_needs_no_script_and_the_crash_is_reported():
    text = drawn(crash.boundary(rx.el.p("content")))
    assert "ErrorBoundary" in text
    assert crash.RELOAD in text
    assert text.count("handle_frontend_exception") == 1
    assert "ReactRouterLink" not in text


def test_the_file_input_of_a_drop_zone_has_a_name_too():
    zone = drop_zone.drop_zone(rx.el.p("Drop"), id="file", label="Choose a CSV file", on_drop=rx.noop())
    assert drawn(zone).count("Choose a CSV file") == 2


def test_a_field_is_tied_to_its_hint_and_error():
    control = forms.text_input("email", hint=True, error="Not an address")
    text = drawn(forms.field("Email", control, name="email", hint="At work", error="Not an address"))
    for part in ("field-email-hint field-email-error", 'aria-invalid\\":', "htmlFor", 'id:\\"field-email-error\\"'):
        assert part in text


def test_a_table_names_its_rows_and_columns_and_scrolls_by_keyboard():
    table = data_table((Column("name", "Run"), Column("took", "Took", numeric=True)), Rows.rows, caption="Runs")
    text = drawn(table)
    for part in ('scope:\\"col\\"', 'scope:\\"row\\"', "mm-number mm-right", "tabIndex:0", 'aria-label\\":\\"Runs'):
        assert part in text


def test_only_columns_of_sentences_wrap():
    columns = (Column("title", "Check"), Column("state", "Status"), Column("evidence", "Evidence", wraps=True))
    assert drawn(data_table(columns, Rows.rows, caption="Checks")).count("mm-wrap") == 2  # its head and its cells


def test_a_table_of_texts_has_its_caption():
    assert "First rows" in drawn(plain_table(Rows.texts, Rows.grid, caption="First rows"))


@pytest.mark.parametrize(("level", "tag"), [(1, '"h1"'), (2, '"h2"')])
def test_an_empty_page_has_an_h1_and_an_empty_list_an_h2(level: int, tag: str):
    state = states.empty_state("Nothing yet", "What belongs here.", level=level)  # pyright: ignore[reportArgumentType]
    assert json.dumps(tag) in drawn(state)


def test_words_are_smaller_than_a_headline_number():
    assert "mm-stat-words" in drawn(stat.stat("Chance", "9 in 10", words=True))
    assert "mm-stat-words" not in drawn(stat.stat("Return", "2.06"))


def test_moves_are_an_ordered_list():
    assert json.dumps('"ol"') in drawn(layout.numbered(Rows.texts))


@pytest.mark.parametrize("skeleton", ["page_skeleton", "list_skeleton", "wizard_skeleton", "results_skeleton"])
def test_a_skeleton_says_that_it_loads_and_hides_its_boxes(skeleton: str):
    text = drawn(getattr(states, skeleton)())
    assert "Loading" in text
    assert 'aria-hidden\\":' in text


def _elements(text: str):
    """Every element of a drawn tree."""
    stack = [json.loads(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "props" in node:
                yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
