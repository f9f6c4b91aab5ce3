"""One record behind all files: the words and figures of the pages, and what health rules out."""

from dataclasses import FrozenInstanceError

import pytest

from mixmodel_app.charts.base import all_charts
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.pages._result_rows import channel_rows
from mixmodel_app.wording import insights, numbers
from tests.factories import make_results, with_learning, without_returns
from tests.reports import REPAIR, RUN_ID, WARNING, make_report


def test_a_report_cannot_be_changed():
    report = make_report(make_results(2))
    with pytest.raises(FrozenInstanceError):
        report.headline = "Better news"  # pyright: ignore[reportAttributeAccessIssue]


def test_channels_read_as_on_the_page():
    results = with_learning(make_results(4, no_spend=(1,)), "TV")
    for line, row in zip(make_report(results).channels, channel_rows(results, 1.0), strict=True):
        assert (line.name, line.spend, line.contribution) == (row.name, row.spend, row.contribution)
        assert (line.returned, line.returned_range) == (row.returned, row.range)
        assert (line.next_one, line.next_range, line.verdict) == (row.next_one, row.next_range, row.verdict)


def test_the_three_numbers_have_ranges_that_hold_them():
    results = make_results()
    returned, money, share = make_report(results).numbers
    assert results.blended_roas is not None
    assert returned.text == numbers.roas(results.blended_roas.median)
    assert money.text in insights.headline(results)
    assert share.text in insights.headline(results)
    for one in (returned, money, share):
        assert one.value is not None
        assert one.lo is not None
        assert one.hi is not None
        assert one.lo < one.value < one.hi
        assert numbers.EN_DASH in one.range_text


def test_a_range_that_does_not_hold_all_of_media_is_not_given():
    returned, money, share = make_report(without_returns(make_results(3), "TV")).numbers
    assert returned.lo is not None
    assert money.lo is share.lo is None
    assert money.range_text == share.range_text == numbers.MISSING


def test_without_spend_nothing_is_made_up():
    report = make_report(make_results(2, no_spend=(0, 1)))
    assert report.numbers[0].text == numbers.NOT_ESTIMATED
    assert report.numbers[0].range_text == numbers.MISSING
    assert report.recommendations == ()


def test_an_unusable_model_recommends_nothing():
    report = make_report(make_results(health=HealthStatus.DO_NOT_USE))
    assert not report.is_usable
    assert report.recommendations == ()
    assert "health rules it out" in report.without_recommendations
    assert report.headline.startswith("Do not base decisions")


def test_the_stamp_names_run_data_range_health_and_date():
    report = make_report(make_results(2))
    stamp = " · ".join(report.stamp)
    for part in (RUN_ID, report.period, "94 % ranges", "health: Good", "26 Nov 2026"):
        assert part in stamp


def test_repairs_and_warnings_come_along():
    notes = "\n".join(make_report(make_results(2)).data_notes)
    assert "retail weekly.csv, version 2" in notes
    assert REPAIR in notes
    assert WARNING in notes


def test_every_registered_chart_is_there_the_executive_ones_first():
    charts = make_report(make_results(2)).charts
    assert {view.key for view in charts} == {chart.key for chart in all_charts()}
    assert charts[0].key == "decomposition_donut"
    assert len(charts) == len({view.key for view in charts})
    assert charts[-1].key in {chart.key for chart in all_charts() if "analyst" in chart.views}
