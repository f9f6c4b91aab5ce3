"""Checks that look at the table over time: each fires on its fault with the right rows, and not on what is alike."""

import datetime as dt

import numpy as np
import pandas as pd

from mixmodel_app.ingest.report import validate
from mixmodel_app.ingest.series import trend
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.check_tables import MAPPING, changed, market, speaks, with_controls


def test_nothing_is_said_of_a_market_in_which_nothing_is_wrong() -> None:
    assert validate(Table.of(market(208)), MAPPING).findings == ()


def test_an_outlier_is_named_with_what_was_expected_and_can_be_marked() -> None:
    frame = market()
    frame = changed("revenue", 70, float(frame["revenue"].iloc[70]) * 1.5)
    (found,) = speaks("MM220", frame)
    assert found.rows == (72,)
    assert "instead of about" in found.message
    (fix,) = found.fixes
    assert (fix.kind, fix.arguments["dates"]) == ("mark_event", [frame["week"].iloc[70]])


def test_a_peak_that_comes_back_each_year_is_season_and_a_marked_event_is_known() -> None:
    frame = market()
    peaks = frame["revenue"] + 9_000 * np.isin(np.arange(156), [50, 102, 154])
    assert speaks("MM220", frame.assign(revenue=peaks)) == []
    once = np.arange(156) == 70
    marked = frame.assign(revenue=frame["revenue"] + 9_000 * once, strike=once.astype(float))
    assert speaks("MM220", marked)
    assert speaks("MM220", marked, with_controls("strike")) == []


def test_the_first_periods_may_miss_what_was_spent_before_them() -> None:
    revenue = market()["revenue"]
    assert speaks("MM220", changed("revenue", 0, 0.8 * float(revenue.iloc[0]))) == []
    assert speaks("MM220", changed("revenue", 70, 0.8 * float(revenue.iloc[70])))


def test_a_trend_has_enough_rows_for_each_of_its_pieces() -> None:
    assert trend(pd.date_range("2019-01-01", periods=60, freq="MS")).shape == (60, 6)
    assert trend(pd.date_range("2021-01-04", periods=156, freq="7D")).shape == (156, 7)


def test_a_change_of_level_is_dated_and_a_ramp_is_not_one() -> None:
    frame, time = market(), np.arange(156)
    (found,) = speaks("MM221", frame.assign(revenue=frame["revenue"] * np.where(time >= 80, 1.3, 1.0)))
    assert abs(found.rows[0] - 82) <= 1
    assert "higher" in found.message
    assert found.fixes[0].kind == "mark_event"
    assert len(found.fixes[0].arguments["dates"]) == 156 - (found.rows[0] - 2)
    ramp = np.clip((time - 60) / 40, 0, 1)
    assert speaks("MM221", frame.assign(revenue=frame["revenue"] * (1 + 0.3 * ramp))) == []
    assert speaks("MM221", changed("revenue", 80, 60_000.0)) == []


def test_growth_by_half_is_a_strong_trend_unless_a_control_runs_with_time() -> None:
    grown = market().assign(revenue=lambda f: f["revenue"] * np.linspace(0.7, 1.3, len(f)))
    (found,) = speaks("MM310", grown)
    assert found.fixes[0].kind == "add_trend"
    assert speaks("MM310", grown.assign(time=np.linspace(0, 1, 156)), with_controls("time")) == []
    assert speaks("MM310", market()) == []


def test_budgets_that_follow_sales_are_found_and_budgets_that_cause_them_are_not() -> None:
    frame, rng = market(), np.random.default_rng(2)
    earlier = frame["revenue"].shift(1).bfill()
    follows = frame.assign(search_spend=(0.03 * earlier * rng.normal(1, 0.02, 156)).round())
    (found,) = speaks("MM223", follows)
    assert found.column == "search_spend"
    assert "people about to buy" in found.message
    assert speaks("MM223", frame) == []


def test_dates_after_today_can_be_removed() -> None:
    frame = market(30)
    last_but_one = dt.date.fromisoformat(frame["week"].iloc[-2])
    (found,) = speaks("MM214", frame, today=last_but_one)
    assert found.rows == (31,)
    assert found.fixes[0].arguments == {"dates": [frame["week"].iloc[-1]]}
    assert speaks("MM214", frame, today=last_but_one + dt.timedelta(days=7)) == []


def test_a_last_week_of_three_days_is_partial_and_a_bad_week_is_not() -> None:
    frame = market()
    flows = ["revenue", "tv_spend", "search_spend", "video_views", "video_spend"]
    partial = frame.assign(**{c: frame[c].where(frame.index < 155, frame[c] * 3 / 7) for c in flows})
    (found,) = speaks("MM215", partial)
    assert found.rows == (157,)
    assert [fix.kind for fix in found.fixes] == ["drop_rows"]  # not below half of every neighbour, so a question
    assert speaks("MM215", changed("revenue", 155, 8_000.0)) == []


def test_a_first_week_too_close_to_the_next_is_partial() -> None:
    (found,) = speaks("MM215", changed("week", 0, "2021-01-08"))
    assert found.rows == (2,)
    assert "only 3 days" in found.message


def test_months_of_unequal_length_are_whole() -> None:
    months = pd.date_range("2019-01-31", periods=48, freq="ME").strftime("%Y-%m-%d")
    assert speaks("MM215", market(48).assign(week=months)) == []


def test_figures_that_changed_since_the_last_upload_are_listed() -> None:
    before, after = market(104).head(100), market(104)
    after.loc[[90, 91], "tv_spend"] = [5_000.0, 6_000.0]
    (found,) = speaks("MM226", after, previous=before.iloc[::-1])
    assert (found.column, found.rows) == ("tv_spend", (92, 93))
    assert f"{after['week'].iloc[90]}: {before['tv_spend'].iloc[90]:,.10g} → 5,000" in found.message
    assert speaks("MM226", market(104), previous=before) == []
    assert speaks("MM226", market(104)) == []


def test_short_history_is_said_below_two_years() -> None:
    (found,) = speaks("MM216", market(80))
    assert "80 weeks, 1.5 years" in found.message
    assert "judge no channel" in speaks("MM216", market(40))[0].effect
    assert speaks("MM216", market(104)) == []
