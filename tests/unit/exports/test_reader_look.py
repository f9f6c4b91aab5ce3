"""One look in every chart, table and file: the currency, the separators and the level that the workspace chose."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mixmodel_app.charts.base import ChartOptions, all_charts, plan_charts
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.preferences import LEVELS, NumberFormat
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.exports.report import return_texts
from mixmodel_app.pages._result_rows import channel_rows
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.recommendations import recommendations
from mixmodel_app.wording.stored import as_read
from tests.factories import make_plan, make_results, with_learning, without_audit
from tests.reports import make_report
from tests.unit.charts.test_every_chart import figure_json, strings
from tests.unit.exports.test_report_files import book_of, html_page, pdf_text, slide_text, slides_of

POINT_DECIMAL = re.compile(r"(?<![\w.])\d+\.(?!\d{3}(?!\d))\d+(?![\w.]*[a-z])")
COMMA_THOUSANDS = re.compile(r"CHF [\d.]*,\d{3}")
PAYBACK = re.compile(r"break-even|pays? back|paying back|profit", re.IGNORECASE)
OPTIONS = ChartOptions()


@pytest.fixture
def swiss() -> Iterator[None]:
    with numbers.looking(currency="CHF", number_format=NumberFormat.COMMA, interval=0.8):
        yield


def results_at(level: float, **changes: object) -> ModelResults:
    return as_read(replace(with_learning(make_results(4), "TV"), **changes).at(level))  # pyright: ignore[reportArgumentType]


def shown(views) -> list[str]:
    """Everything that people read of charts; colours and fonts are no text."""
    texts: list[str] = []
    for view in views:
        figure = figure_json(view)
        figure["layout"].pop("template", None)
        texts += [view.title, view.subtitle, view.takeaway, *view.table.header]
        texts += [cell for row in view.table.formatted() for cell in row]
        texts += [text for text in strings(figure) if not text.startswith(("rgba", "#", "2024", "2025"))]
    return texts


@pytest.mark.usefixtures("swiss")
def test_no_chart_keeps_another_level_or_separator() -> None:
    found = results_at(0.8)
    views = [chart.build(found, OPTIONS) for chart in all_charts()]
    views += [chart.build(replace(make_plan(found), level=0.8), found, OPTIONS) for chart in plan_charts()]
    for text in shown(views):
        assert "94 %" not in text
        assert not POINT_DECIMAL.search(text), text
        assert not COMMA_THOUSANDS.search(text), text


@pytest.mark.usefixtures("swiss")
def test_the_same_figure_stands_in_page_chart_and_every_file() -> None:
    found = results_at(0.8)
    report = make_report(found)
    row, line = channel_rows(found, 1.0)[0], report.channels[0]
    assert (row.spend, row.contribution, row.returned, row.range) == (
        *(line.spend, line.contribution, line.returned, line.returned_range),
    )
    assert return_texts(found.blended_roas) == (report.numbers[0].text, report.numbers[0].range_text)
    chart = next(view for view in report.charts if view.key == "roas")
    table = {cells[0]: cells for cells in chart.table.formatted()}[row.name]
    assert table[1] == row.returned
    assert f"{table[4]}{numbers.EN_DASH}{table[5].removeprefix('CHF ')}" == row.range
    assert any(f"{row.returned} (likely range {row.range}, 80 % range" in text for text in strings(figure_json(chart)))
    files = {
        "pdf": " ".join(pdf_text(report)),
        "html": " ".join(html_page(report).parts),
        "pptx": " ".join(slide_text(slide) for slide in slides_of(report)),
    }
    for kind, text in files.items():
        assert row.returned in text, kind
        assert row.range in text, kind
        assert report.numbers[1].text in text, kind
        assert "80 % range" in text, kind
        assert "94 %" not in text, kind
        assert not COMMA_THOUSANDS.search(text), kind
    book = book_of(report)
    assert [cell.value for cell in book["Channels"][1]][3:5] == ["80 % from", "80 % to"]
    assert book["Channels"]["C2"].number_format.startswith('[>=100]"CHF "')
    roas = found.channels[0].roas
    assert roas is not None
    assert book["Channels"]["C4"].value == pytest.approx(roas.median)
    assert not any("94 %" in str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_named_and_inside_the_wider_one(level: float) -> None:
    plain, found = make_results(3), make_results(3).at(level)
    assert found.level == level
    widest, estimate = plain.channels[0].roas, found.channels[0].roas
    assert widest is not None
    assert estimate is not None
    assert estimate.hi - estimate.lo <= widest.hi - widest.lo
    assert estimate.median == widest.median
    view = next(chart for chart in all_charts() if chart.key == "roas").build(found, OPTIONS)
    assert view.subtitle.endswith(f"{numbers.percent(level)} range")
    labels = [label for label in view.table.header if label.endswith(" from")]
    assert labels == (
        [f"{numbers.percent(level)} from"] if level == 0.5 else ["50 % from", f"{numbers.percent(level)} from"]
    )


def test_results_that_lack_a_level_keep_theirs_and_say_so() -> None:
    """As an older version stored them: parameters by their quantiles, no ranges of 80 and 90 %."""
    raw = make_results(2).to_json()
    later = {f"{end}{level}" for end in ("lo", "hi") for level in (80, 90)} | {"level"}

    def aged(value: object) -> object:
        if isinstance(value, dict):
            return {name: aged(inner) for name, inner in value.items() if name not in later | {"outcome"}}
        return [aged(inner) for inner in value] if isinstance(value, list) else value

    old: dict = aged(raw) | {"version": 3}  # pyright: ignore[reportOperatorIssue, reportAssignmentType]
    for parameter in old["parameters"]:
        parameter["hdi_3"], parameter["hdi_97"] = parameter.pop("lo"), parameter.pop("hi")
        del parameter["lo50"], parameter["hi50"]
    found = ModelResults.from_json(old)
    assert found.at(0.8) is found
    assert (found.level, found.outcome) == (0.94, OutcomeKind.MONEY)
    with numbers.looking(interval=0.8):
        assert "94 % range" in insights.headline(found.at(0.8))
    assert found.parameters[0].lo == make_results(2).parameters[0].lo


def test_a_count_has_no_currency_and_no_break_even_until_it_has_a_worth() -> None:
    found = make_results(3, target="orders", outcome=OutcomeKind.COUNT)
    plan = make_plan(found)
    with numbers.looking(currency="€", outcome=OutcomeKind.COUNT, target="orders"):
        views = [chart.build(found, ChartOptions(worth=None)) for chart in all_charts() if chart.key != "headroom"]
        views += [chart.build(plan, found, ChartOptions(worth=None)) for chart in plan_charts()]
        texts = [*shown(views), insights.headline(found, None), insights.payback_summary(found, None)]
        texts += [item.sentence + item.reason for item in recommendations(found, plan, None)]
        texts += [item.sentence + item.reason for item in recommendations(found, None, None)]
        assert [text for text in texts if PAYBACK.search(text)] == []
        waterfall = next(view for view in views if view.key == "waterfall")
        assert "€" not in " ".join([waterfall.takeaway, *(cell for row in waterfall.table.formatted() for cell in row)])
        assert " orders per €1, €" in insights.headline(found, None)
        worth = ChartOptions(worth=40)
        roas = next(chart for chart in all_charts() if chart.key == "roas").build(found, worth)
        assert any("break-even 0.025 at €40 per order" in text for text in strings(figure_json(roas)))


def test_older_results_without_an_audit_are_drawn_at_their_level() -> None:
    found = without_audit(make_results(2)).at(0.8)
    assert found.level == 0.8
    assert all(chart.build(found, OPTIONS).title for chart in all_charts())
