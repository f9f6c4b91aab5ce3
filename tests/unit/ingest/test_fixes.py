"""Each fix of cells and periods does what its name says, counts it right and refuses in words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import MediaColumn, SpendType
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.ingest.repair import all_fixes, apply_fix
from tests.unit.ingest.fix_tables import MAPPING, daily, fixed, weekly

CONTRACT = {
    "fill_zero": ("column",),
    "interpolate": ("column",),
    "drop_partial": (),
    "roll_up": ("to", "week_start", "mean"),
    "sum_duplicates": (),
    "merge_channels": ("columns", "name"),
    "event_dummies": ("column",),
    "mark_event": ("dates", "name"),
    "add_holidays": ("country",),
    "add_trend": (),
    "ignore_column": ("column",),
    "drop_rows": ("dates",),
}


def test_every_kind_of_the_contract_is_there_and_explains_itself():
    found = all_fixes()
    assert {kind: fix.arguments for kind, fix in found.items()} == CONTRACT
    assert all(len(fix.help.split()) > 8 for fix in found)


def test_fill_zero_fills_only_what_is_empty():
    frame = weekly()
    frame.loc[[2, 5], "tv"] = np.nan
    table, mapping, change = fixed(frame, "fill_zero", column="tv")
    assert table.column("tv").tolist()[2] == table.column("tv").tolist()[5] == 0
    assert frame["tv"].isna().sum() == 2, "the table that was given is not touched"
    assert mapping == MAPPING
    assert (change.cells, change.rows, change.columns) == (2, 0, ("tv",))
    assert change.sentence == "Filled 2 empty cells of tv with 0."
    assert change.examples[0].to_json() == {"column": "tv", "row": 4, "before": None, "after": 0.0}


def test_fill_zero_leaves_a_wrong_cell_for_the_person():
    frame = weekly().astype({"tv": object})
    frame["tv"] = [str(value) for value in frame["tv"]]
    frame.loc[3, "tv"] = "much"
    frame.loc[4, "tv"] = None
    frame.loc[5, "tv"] = "n/a"
    table, _, change = fixed(frame, "fill_zero", column="tv")
    assert table.column("tv").tolist()[3:6] == ["much", "0", "0"]
    assert change.cells == 2


@pytest.mark.parametrize("column", ["revenue", "price", "event", "date"])
def test_nothing_but_media_may_be_filled_with_zero(column: str):
    with pytest.raises(InvalidInput, match="neither spend nor exposure"):
        fixed(weekly(), "fill_zero", column=column)


def test_a_spend_column_beside_exposure_may_be_filled():
    mapping = replace(MAPPING, media_columns={"tv": MediaColumn("TV", SpendType.IMPRESSIONS, "search")})
    frame = weekly()
    frame.loc[0, "search"] = np.nan
    assert fixed(frame, "fill_zero", mapping, column="search").change.cells == 1


def test_interpolate_follows_time_and_holds_the_ends():
    frame = weekly(8)
    frame["price"] = [np.nan, 1.0, np.nan, np.nan, 4.0, 5.0, np.nan, np.nan]
    shuffled = frame.iloc[[7, 3, 0, 5, 1, 6, 2, 4]].reset_index(drop=True)
    table, _, change = fixed(shuffled, "interpolate", column="price")
    by_date = table.frame.sort_values("date")["price"].tolist()
    assert by_date == [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0]
    assert change.cells == 5
    with pytest.raises(InvalidInput, match="not a control"):
        fixed(frame, "interpolate", column="tv")
    with pytest.raises(InvalidInput, match="empty in every row"):
        fixed(frame.assign(price=np.nan), "interpolate", column="price")


def test_drop_rows_takes_the_rows_of_the_dates_and_keeps_the_lines_of_the_others():
    table, _, change = fixed(weekly(5), "drop_rows", dates=["2024-01-08", "2031-01-01"])
    assert table.row_numbers == (2, 4, 5, 6)
    assert (change.rows, change.cells) == (1, 0)
    assert "2024-01-08" in change.sentence
    with pytest.raises(InvalidInput, match="No row would be left"):
        fixed(weekly(1), "drop_rows", dates=["2024-01-01"])


def test_a_week_that_began_late_and_one_that_is_not_over_are_dropped():
    frame = weekly(20)
    frame.loc[19, ["revenue", "tv", "search"]] = [300.0, 20.0, 10.0]
    frame.loc[0, "date"] = "2024-01-03"
    table, _, change = fixed(frame, "drop_partial")
    assert table.row_numbers == tuple(range(3, 21))
    assert change.rows == 2
    assert "2024-01-03 (not on the weekday" in change.sentence
    assert "2024-05-13 (outcome and media are both below half" in change.sentence


def test_a_quiet_week_with_steady_sales_is_no_partial_week():
    frame = weekly(20)
    frame.loc[19, ["tv", "search"]] = 1.0
    assert fixed(frame, "drop_partial").change.is_nothing
    frame.loc[19, ["tv", "search", "revenue"]] = [119.0, 69.0, 300.0]
    assert fixed(frame, "drop_partial").change.is_nothing


def test_a_month_that_began_late_is_dropped():
    months = [f"2024-{month:02d}-01" for month in range(2, 12)]
    frame = weekly(11).assign(date=pd.Series(["2024-01-17", *months], dtype=object))
    assert fixed(frame, "drop_partial").table.row_numbers[0] == 3


@pytest.mark.parametrize(("start", "weekday"), [("MON", 0), ("WED", 2), ("SUN", 6)])
def test_days_become_weeks_of_any_start_and_cut_weeks_go(start: str, weekday: int):
    frame = daily(30, date(2024, 1, 4))
    table, _, change = fixed(frame, "roll_up", to="weekly", week_start=start, mean=["price", "temperature"])
    days = pd.to_datetime(table.column("date"))
    assert set(days.dt.weekday) == {weekday}
    assert table.column("revenue").tolist() == [70.0] * table.n_rows
    assert table.column("tv").tolist() == [14.0] * table.n_rows
    assert table.column("price").tolist() == [9.0] * table.n_rows
    assert np.diff(table.column("temperature").to_numpy()).tolist() == [7.0] * (table.n_rows - 1)
    first = (days.iloc[0].date() - date(2024, 1, 4)).days
    assert table.row_numbers[0] == 2 + first, "a week has the line of its first day"
    assert "Left out, as the data cover only some of its days" in change.sentence
    assert "Added up: revenue, tv, search. Averaged: price, temperature." in change.sentence


def test_controls_are_averaged_unless_the_list_says_otherwise():
    frame = daily(28, date(2024, 1, 1))
    assert fixed(frame, "roll_up", to="weekly").table.column("price").iloc[0] == 9
    some = fixed(frame, "roll_up", to="weekly", mean=["temperature"]).table
    assert some.column("price").iloc[0] == 63
    assert some.column("temperature").iloc[0] == 3


def test_a_column_without_a_role_is_treated_by_its_name():
    frame = daily(28, date(2024, 1, 1)).assign(tv_impressions=5.0, conversion_rate=0.1, note="x")
    table = fixed(frame, "roll_up", to="weekly").table
    assert table.column("tv_impressions").iloc[0] == 35
    assert table.column("conversion_rate").iloc[0] == pytest.approx(0.1)
    assert table.column("note").tolist() == ["x"] * 4


def test_a_shop_that_is_closed_at_weekends_has_whole_weeks():
    frame = daily(28, date(2024, 1, 1))
    open_days = frame[pd.to_datetime(frame["date"]).dt.weekday < 5].reset_index(drop=True)
    table, _, change = fixed(open_days, "roll_up", to="weekly")
    assert table.column("revenue").tolist() == [50.0] * 4
    assert "Left out" not in change.sentence
    assert "missing" not in change.sentence


def test_a_day_that_is_missing_within_a_week_is_named():
    frame = daily(28, date(2024, 1, 1)).drop(index=10).reset_index(drop=True)
    table, _, change = fixed(frame, "roll_up", to="weekly")
    assert table.column("revenue").tolist() == [70.0, 60.0, 70.0, 70.0]
    assert "Days are missing within 1 week, whose sums are too low: 2024-01-08." in change.sentence


def test_weeks_are_divided_between_months_by_days():
    frame = weekly(14)
    frame[["revenue", "tv"]] = 700.0
    table, _, change = fixed(frame, "roll_up", to="monthly")
    assert table.column("date").tolist() == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert table.column("revenue").tolist() == pytest.approx([3100.0, 2900.0, 3100.0])
    assert "2024-04-01" in change.sentence


@pytest.mark.parametrize(
    ("frame", "to", "words"),
    [
        (weekly(), "weekly", "weekly already"),
        (
            weekly().assign(date=pd.Series([f"2024-{m:02d}-05" for m in range(1, 13)], dtype=object)),
            "weekly",
            "monthly",
        ),
        (daily(9, date(2024, 1, 1)), "weekly", "fewer than two whole periods"),
        (daily(28, date(2024, 1, 1)), "yearly", "must be weekly or monthly"),
        (daily(28, date(2024, 1, 1)).assign(tv="much"), "weekly", "Row 2 of 'tv' holds 'much'"),
        (daily(28, date(2024, 1, 1)).replace({"date": {"2024-01-09": "soon"}}), "weekly", "Row 10 of 'date'"),
    ],
)
def test_what_cannot_be_rolled_up_is_refused(frame: pd.DataFrame, to: str, words: str):
    with pytest.raises(InvalidInput) as caught:
        fixed(frame, "roll_up", to=to, week_start="TUE")
    assert words in caught.value.message
    assert caught.value.errors


def test_a_week_between_two_months_gives_two_rows_that_stay_apart():
    """Both months come from one line of the file; made again, nothing changes."""
    frame = weekly(24)
    frame = frame[~frame["date"].between("2024-01-29", "2024-03-25") | (frame["date"] == "2024-02-26")]
    once, mapping, _ = fixed(frame, "roll_up", to="monthly")
    assert len(set(once.row_numbers)) < once.n_rows
    assert apply_fix(once, mapping, "roll_up", {"to": "monthly"}).change.is_nothing
