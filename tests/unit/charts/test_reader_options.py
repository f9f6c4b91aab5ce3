"""What a reader asks for changes the charts: the margin moves break-even, a period renames today's spend."""

import json
from dataclasses import replace

import pytest

from mixmodel_app.charts import decomposition_donut, headroom, marginal_roas, roas, saturation_curves, waterfall
from mixmodel_app.charts.base import ChartOptions, charts_for
from tests.factories import make_results, with_learning, without_audit

RESULTS = make_results(5)
AT_40 = ChartOptions(worth=0.4)


def vertical_lines(figure) -> list[float]:
    return [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1]


@pytest.mark.parametrize("chart", [roas, marginal_roas])
def test_break_even_is_one_by_the_margin(chart) -> None:
    assert vertical_lines(chart.build(RESULTS, ChartOptions()).figure) == [1.0]
    view = chart.build(RESULTS, AT_40)
    assert vertical_lines(view.figure) == [2.5]
    assert "break-even 2.50 at 40 % margin" in json.dumps(json.loads(view.figure.to_json()), ensure_ascii=False)
    low, high = view.figure.layout.xaxis.range
    assert low < 2.5 < high


def test_what_pays_back_at_full_margin_need_not_at_a_smaller_one() -> None:
    assert marginal_roas.build(RESULTS, ChartOptions()).takeaway.endswith("it pays back.")
    assert marginal_roas.build(RESULTS, ChartOptions(worth=0.1)).takeaway.endswith("it does not pay back.")


def test_the_marginal_return_says_where_it_comes_from() -> None:
    view = marginal_roas.build(with_learning(RESULTS, "TV"), ChartOptions())
    assert view.table.header[-1] == "Where it comes from"
    assert {row[0]: row[-1] for row in view.table.rows}["TV"] == "Mostly assumption"
    assert "TV *" in view.figure.layout.yaxis.ticktext


def test_headroom_is_sorted_flagged_and_complete() -> None:
    view = headroom.build(make_results(5, no_spend=(2,)), ChartOptions())
    assert [row[0] for row in view.table.rows][-1] == "Social"
    assert view.table.rows[-1][2] == "not estimated"
    medians = [row[2] for row in view.table.rows[:-1]]
    assert medians == sorted(medians, reverse=True)
    assert {row[-1] for row in view.table.rows} == {"observed", "outside observed spend", "not estimated"}
    assert any(label.endswith(" *") for label in view.figure.layout.yaxis.ticktext)
    assert headroom.build(without_audit(RESULTS), ChartOptions()).table.rows[0][2] == "not estimated"


def test_without_room_the_title_does_not_promise_any() -> None:
    past = [
        replace(channel, headroom=replace(channel.headroom, room=replace(channel.headroom.room, median=-5, hi=high)))
        for channel, high in zip(RESULTS.channels, (-1, -1, 3, -1, -1), strict=True)
        if channel.headroom
    ]
    doubtful = replace(RESULTS, channels=past)
    assert headroom.build(doubtful, ChartOptions()).title.startswith("Hardly any channel has room")
    sure = replace(RESULTS, channels=[channel for channel in past if channel.headroom and channel.headroom.room.hi < 0])
    assert headroom.build(sure, ChartOptions()).title.startswith("No channel has room")


def test_the_mark_on_a_curve_is_called_what_it_is() -> None:
    assert "mark = today's spend" in saturation_curves.build(RESULTS, ChartOptions()).subtitle
    part = saturation_curves.build(RESULTS, ChartOptions(is_part=True))
    assert "mark = mean spend of the period" in part.subtitle
    assert "today" not in part.takeaway


@pytest.mark.parametrize("chart", [waterfall, decomposition_donut])
@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_total_as_they_are_written(chart, seed: int) -> None:
    rows = chart.build(make_results(6, seed=seed), ChartOptions()).table.formatted()
    *parts, total = [int(row[1].replace(",", "").replace("−", "-").partition(".")[0]) for row in rows]
    assert sum(parts) == total


def test_only_large_charts_wait_until_they_are_asked_for() -> None:
    late = [item.key for item in charts_for("analyst") if item.late]
    assert late == ["posteriors", "rank_plots", "energy", "parameter_correlations"]
    assert not [item.key for view in ("executive", "manager") for item in charts_for(view) if item.late]
