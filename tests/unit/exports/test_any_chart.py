"""Charts that nobody has written yet: whatever a table holds and a figure shows, every report is made and says it."""

import io
from dataclasses import replace
from datetime import date, timedelta

import plotly.graph_objects as go
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pptx import Presentation

from mixmodel_app.charts.base import CHARTS, ChartTable, ChartView, Column, all_charts
from mixmodel_app.exports.drawing.figure import drawing
from mixmodel_app.exports.drawing.svg import svg
from mixmodel_app.exports.native import native_charts
from mixmodel_app.exports.report import ReportData
from mixmodel_app.services.reports import ReportFormat
from mixmodel_app.wording.numbers import Format, looking
from tests.factories import CHANNEL_NAMES, make_results, without_audit
from tests.reports import make_report
from tests.unit.exports.packages import faults

TWENTY = (*CHANNEL_NAMES, *(f"Channel <b>&{number}" for number in range(8)))
SWEEP = {
    "one channel": lambda: make_results(1),
    "two channels, nothing spent": lambda: make_results(2, 26, no_spend=(0, 1)),
    "eight channels": lambda: make_results(8),
    "twenty channels": lambda: make_results(names=TWENTY),
    "eight channels of an older version": lambda: without_audit(make_results(8)),
}
REPORT = make_report(make_results(2))

numbers = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1e-300, -1e-12, 1e15, 1e300, float("nan"), "not estimated"]),
)
texts = st.sampled_from(["TV", "<b>&", "=1+1", "", "Total", "Łódź", "搜索", "\x07", "a" * 300, "94 % from"])
days = st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(str)
formats = st.sampled_from([style for style in Format if style not in (Format.TEXT, Format.DATE)])
labels = st.sampled_from(["Value", "Actual", "94 % from", "94 % to", "50 % from", "SD", "Prior 3 %", "<b>&", ""])


@st.composite
def tables(draw) -> ChartTable:
    """Some leading texts or dates or none, then numbers, in rows of no special order."""
    leads = draw(st.lists(st.sampled_from([Format.TEXT, Format.DATE]), max_size=2))
    columns = [Column(draw(labels), style) for style in leads]
    columns += [Column(draw(labels), draw(formats)) for _ in range(draw(st.integers(0 if leads else 1, 5)))]
    kinds = {Format.TEXT: texts, Format.DATE: st.one_of(days, st.none())}
    row = st.tuples(*(kinds.get(column.style, numbers) for column in columns))
    rows = draw(st.lists(row, max_size=30))
    if draw(st.booleans()):
        rows.sort(key=str)
    return ChartTable(tuple(columns), tuple(rows))


values = st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12), st.just(float("nan"))), max_size=12)
places = st.one_of(
    values,
    st.integers(0, 12).map(lambda n: [str(date(2026, 1, 5) + timedelta(7 * week)) for week in range(n)]),
    st.lists(texts, max_size=12),
)
traces = st.one_of(
    st.builds(go.Scatter, x=st.one_of(st.none(), places), y=values, mode=st.sampled_from(["lines", "markers", None])),
    st.builds(go.Scatter, x=places, y=values, fill=st.sampled_from(["tozeroy", "toself", "tonexty"])),
    st.builds(go.Scatter, x=places, y=values, stackgroup=st.just("one")),
    st.builds(go.Bar, x=places, y=values),
    st.builds(go.Bar, x=values, y=places, orientation=st.just("h")),
    st.builds(go.Pie, labels=st.lists(texts, max_size=5), values=st.lists(st.floats(0, 1e9), max_size=5)),
    st.builds(go.Heatmap, z=st.lists(st.lists(st.one_of(st.none(), st.floats(-1, 1)), max_size=4), max_size=4)),
    st.builds(go.Histogram, x=values),
    st.builds(go.Violin, x=values, y0=st.just(0), orientation=st.just("h"), width=st.just(1.0)),
    st.builds(go.Box, y=values),
)
layouts = st.fixed_dictionaries(
    {},
    optional={
        "showlegend": st.booleans(),
        "yaxis": st.sampled_from([{"type": "log"}, {"range": [0, 1]}, {"autorange": "reversed"}, {"visible": False}]),
        "annotations": st.sampled_from([[{"text": "here", "x": 1, "y": 1}], [{"text": "there", "xref": "x3", "x": 1}]]),
        "shapes": st.sampled_from([[{"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 1}], [{"type": "circle"}]]),
    },
)
figures = st.builds(go.Figure, data=st.lists(traces, max_size=3), layout=layouts)


def chart_of(table: ChartTable, figure: go.Figure) -> ChartView:
    return ChartView("a chart/of: mine?", "What & <why>?", "Unit", figure, "It says <b>.", table, 240)


def only(view: ChartView) -> ReportData:
    """A report of this chart alone, which has a place in every file."""
    return replace(REPORT, charts=(view,), for_slides=(view,), for_brief=(view,))


@pytest.mark.parametrize("name", list(SWEEP))
def test_every_file_is_made_of_every_result(name):
    with looking(currency="€"):
        report = make_report(SWEEP[name]())
        assert {view.key for view in report.charts} == {chart.key for chart in all_charts()}
        for kind in ReportFormat:
            content = kind.write(report)
            assert content
            assert kind in (ReportFormat.PDF, ReportFormat.HTML) or faults(content) == []


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), figure=figures)
def test_no_chart_can_keep_a_report_from_being_made(table, figure):
    report = only(chart_of(table, figure))
    for kind in (ReportFormat.PPTX, ReportFormat.XLSX):
        assert faults(kind.write(report)) == []
    for kind in (ReportFormat.PDF, ReportFormat.HTML):
        assert kind.write(report)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(figure=figures)
def test_a_figure_is_drawn_within_its_frame_or_not_at_all(figure):
    scene = drawing(figure, 400, 240)
    if scene is not None:
        assert "nan" not in svg(scene, "a picture")
        assert "inf" not in svg(scene, "a picture")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_an_office_chart_has_something_to_show_and_shows_it_where_it_stands(table):
    for chart in native_charts(chart_of(table, go.Figure()), REPORT.styles):
        first, last = chart.rows
        assert chart.series
        for series in chart.series:
            assert any(value is not None for value in series.values)
            assert len(series.values) == len(chart.categories) == last - first + 1
            cells = [row[series.column] for row in table.rows[first : last + 1]]
            assert [cell for cell in cells if isinstance(cell, int | float) and abs(cell) < float("inf")] == [
                value for value in series.values if value is not None
            ]


def test_what_office_programs_cannot_show_is_a_table_on_its_slide():
    table = ChartTable((Column("What"), Column("Why")), (("Price", "was cut"), ("TV", "began")))
    slides = Presentation(io.BytesIO(ReportFormat.PPTX.write(only(chart_of(table, go.Figure()))))).slides
    slide = next(one for one in slides if one.shapes.title.text == "What & <why>?")
    (shown,) = (shape.table for shape in slide.shapes if shape.has_table)
    assert [cell.text for cell in shown.rows[1].cells] == ["Price", "was cut"]


def test_what_cannot_be_drawn_shows_its_table_in_the_html_page():
    table = ChartTable((Column("Lag", Format.COUNT), Column("Value", Format.NUMBER)), ((1, 0.25), (2, 0.5)))
    page = ReportFormat.HTML.write(only(chart_of(table, go.Figure(go.Box(y=[1, 2]))))).decode()
    article = page[page.index("<article") : page.index("</article")]
    assert "<svg" not in article
    assert "<details open>" in article
    assert "0.25" in article


def test_a_chart_that_fails_is_named_and_the_others_are_there(monkeypatch, capsys):
    def fails(results, options):
        raise KeyError("a column that is not there")

    charts = {chart.key: chart for chart in all_charts()}
    monkeypatch.setitem(CHARTS._items, "headroom", replace(charts["headroom"], build=fails))
    report = make_report(make_results(2))
    failed = next(view for view in report.charts if view.key == "headroom")
    assert failed.title == "The chart “headroom” could not be made"
    assert len(report.charts) == len(charts)
    assert failed not in report.for_slides
    assert failed.title in ReportFormat.HTML.write(report).decode()
    assert load_workbook(io.BytesIO(ReportFormat.XLSX.write(report)))["Headroom"].max_row == 1
    said = capsys.readouterr()
    assert "chart_failed" in said.out + said.err


@pytest.mark.parametrize(
    ("rows", "error"),
    [((("TV", 1.0, 2.0),), ValueError), ((("TV", object()),), TypeError), ((("TV",),), ValueError)],
)
def test_a_table_that_cannot_be_written_is_refused_where_it_is_made(rows, error):
    with pytest.raises(error):
        ChartTable((Column("Channel"), Column("Spend", Format.MONEY)), rows)
    with pytest.raises(ValueError, match="isoformat"):
        ChartTable((Column("Day", Format.DATE),), (("soon",),))


def test_a_slide_that_leaves_names_out_says_how_many():
    rows = tuple((f"Name {number}", float(number)) for number in range(40))
    view = chart_of(ChartTable((Column("Name"), Column("Value", Format.NUMBER)), rows), go.Figure())
    slides = Presentation(io.BytesIO(ReportFormat.PPTX.write(only(view)))).slides
    slide = next(one for one in slides if one.shapes.title.text == view.title)
    assert any("16 more" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
