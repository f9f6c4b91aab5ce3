"""Each fix of rows, columns and drivers does what its name says, counts it right and refuses in words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.ingest.repair import apply_fix
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.fix_tables import MAPPING, fixed, weekly


def test_rows_of_one_date_become_one_and_copies_are_pointed_out():
    frame = pd.concat([weekly(4), weekly(4).iloc[[1]], weekly(4).iloc[[2]].assign(tv=1.0, price=11.0)])
    table, _, change = fixed(frame, "sum_duplicates")
    assert table.column("date").tolist() == weekly(4)["date"].tolist()
    assert table.column("revenue").tolist() == [1000.0, 2002.0, 2004.0, 1003.0]
    assert table.column("tv").tolist() == [100.0, 202.0, 103.0, 103.0]
    assert table.column("price").tolist() == [9.0, 9.0, 10.0, 9.0]
    assert table.row_numbers == (2, 3, 4, 5)
    assert change.rows == 2
    assert "1 row was an exact copy of another" in change.sentence


def test_channels_become_one_that_stands_where_the_first_stood():
    frame = weekly()
    frame.loc[0, "tv"] = np.nan
    frame.loc[1, ["tv", "search"]] = np.nan
    table, mapping, change = fixed(frame, "merge_channels", columns=["search", "tv"], name="Video & search")
    merged = table.column("Video & search")
    assert merged.iloc[0] == 50
    assert np.isnan(merged.iloc[1])
    assert merged.iloc[2] == 154
    assert mapping.media_columns == {"Video & search": MediaColumn("Video & search")}
    assert {"tv", "search"} <= set(table.columns), "the old columns stay"
    assert set(change.columns) == {"Video & search", "tv", "search"}


def test_spend_beside_exposure_is_merged_too():
    media = {
        "tv": MediaColumn("TV", SpendType.CLICKS, "price"),
        "search": MediaColumn("Search", SpendType.CLICKS, "temperature"),
    }
    mapping = ColumnMapping("date", "revenue", media)
    table, changed, _ = fixed(weekly(), "merge_channels", mapping, columns=["tv", "search"], name="All")
    assert changed.media_columns == {"All": MediaColumn("All", SpendType.CLICKS, "All spend")}
    assert table.column("All spend").tolist() == [9.0 + step for step in range(12)]


@pytest.mark.parametrize(
    ("media", "arguments", "words"),
    [
        ({}, {"columns": ["tv"], "name": "X"}, "At least two"),
        ({}, {"columns": ["tv", "price"], "name": "X"}, "'price' is not a channel"),
        ({"tv": MediaColumn("TV", SpendType.CLICKS)}, {"columns": ["tv", "search"], "name": "X"}, "added up with"),
        ({"price": MediaColumn("X")}, {"columns": ["tv", "search"], "name": "X"}, "another channel 'X'"),
        ({}, {"columns": ["tv", "search"], "name": " "}, "must be a name"),
    ],
)
def test_what_cannot_be_merged_is_refused(media: dict[str, MediaColumn], arguments: dict[str, Any], words: str):
    mapping = ColumnMapping("date", "revenue", MAPPING.media_columns | media)
    with pytest.raises(InvalidInput, match=words):
        fixed(weekly(), "merge_channels", mapping, **arguments)


def test_texts_become_one_control_each():
    frame = weekly(8)
    frame["event"] = pd.Series(["Sale", None, "sale ", "Strike; Sale", "none", "N/A", "strike", ""], dtype=object)
    mapping = replace(MAPPING, control_columns=("price", "event"))
    table, changed, change = fixed(frame, "event_dummies", mapping, column="event")
    assert table.column("event: Sale").tolist() == [1, 0, 1, 1, 0, 0, 0, 0]
    assert table.column("event: Strike").tolist() == [0, 0, 0, 1, 0, 0, 1, 0]
    assert changed.control_columns == ("price", "event: Sale", "event: Strike")
    assert change.cells == 16
    assert change.examples[0].after == 1.0, "the cells that say something come first"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(event=1.0), "holds numbers"),
        (lambda f: f.assign(event=[f"word {n}" for n in range(len(f))]), "different texts"),
    ],
)
def test_what_is_no_column_of_events_is_refused(change: Callable[[pd.DataFrame], pd.DataFrame], words: str):
    with pytest.raises(InvalidInput, match=words):
        fixed(change(weekly(40)), "event_dummies", column="event")


def test_an_event_is_marked_in_the_period_that_holds_its_day():
    table, mapping, _ = fixed(weekly(6), "mark_event", dates=["2024-01-11", "2024-01-22"], name="Strike")
    assert table.column("Strike").tolist() == [0, 1, 0, 1, 0, 0]
    assert mapping.control_columns[-1] == "Strike"
    more = apply_fix(table, mapping, "mark_event", {"dates": ["2024-01-01"], "name": "Strike"})
    assert more.table.column("Strike").tolist() == [1, 1, 0, 1, 0, 0]
    assert more.mapping == mapping
    with pytest.raises(InvalidInput, match="2023-12-31 lies outside"):
        fixed(weekly(6), "mark_event", dates=["2023-12-31"], name="Strike")


def test_holidays_are_counted_in_the_period_that_they_fall_into():
    frame = weekly(54, date(2023, 12, 25)).iloc[::-1].reset_index(drop=True)
    table, mapping, change = fixed(frame, "add_holidays", country="de")
    counts = dict(zip(table.column("date"), table.column("public holidays"), strict=True))
    assert counts["2024-03-25"] == 1, "Good Friday"
    assert counts["2024-04-01"] == 1, "Easter Monday"
    assert counts["2024-12-23"] == 2, "both days of Christmas"
    assert counts["2024-07-01"] == 0
    assert "public holidays" in mapping.control_columns
    assert "DE" in change.sentence
    french = apply_fix(table, mapping, "add_holidays", {"country": "FR"})
    assert french.mapping.control_columns[-1] == "public holidays 2"
    for wrong in ("ZZ", "Germany", 7):
        with pytest.raises(InvalidInput):
            fixed(frame, "add_holidays", country=wrong)


def test_a_trend_follows_time_not_rows():
    frame = weekly(3).assign(date=pd.Series(["2024-01-29", "2024-01-01", "2024-01-08"], dtype=object), trend="up")
    table, mapping, _ = fixed(frame, "add_trend")
    assert table.column("trend 2").tolist() == [1.0, 0.0, 0.25]
    assert mapping.control_columns[-1] == "trend 2"


def test_a_column_loses_its_role_and_stays():
    table, mapping, change = fixed(weekly(), "ignore_column", column="tv")
    assert list(mapping.media_columns) == ["search"]
    assert "tv" in table.columns
    assert (change.cells, change.columns, change.is_nothing) == (0, ("tv",), False)
    assert "price" not in fixed(weekly(), "ignore_column", column="price").mapping.control_columns
    with pytest.raises(InvalidInput, match="is the outcome"):
        fixed(weekly(), "ignore_column", column="revenue")
    with pytest.raises(InvalidInput, match="only channel"):
        apply_fix(table, mapping, "ignore_column", {"column": "search"})


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        ("polish", {}, "kind"),
        (None, {}, "kind"),
        ("fill_zero", [], "arguments"),
        ("fill_zero", {}, "arguments.column"),
        ("fill_zero", {"column": "radio"}, "arguments.column"),
        ("fill_zero", {"column": {"a": 1}}, "arguments.column"),
        ("add_trend", {"slope": 2}, "arguments.slope"),
        ("drop_rows", {"dates": []}, "arguments.dates"),
        ("drop_rows", {"dates": "2024-01-01"}, "arguments.dates"),
        ("drop_rows", {"dates": ["01/02/2024"]}, "arguments.dates"),
        ("drop_rows", {"dates": [20240101]}, "arguments.dates"),
        ("roll_up", {"to": "weekly", "week_start": "Monday"}, "arguments.week_start"),
        ("roll_up", {"to": "weekly", "mean": ["x"]}, "arguments.mean"),
        ("mark_event", {"dates": ["2024-01-01"], "name": "x" * 101}, "arguments.name"),
    ],
)
def test_wrong_arguments_are_named(kind: Any, arguments: Any, field: str):
    with pytest.raises(InvalidInput) as caught:
        apply_fix(Table.of(weekly()), MAPPING, kind, arguments)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless():
    table, mapping, _ = fixed(weekly(), "merge_channels", columns=["tv", "search"], name="=cmd()")
    assert "'=cmd()" in table.columns
    assert mapping.channel_names == ("'=cmd()",)


def test_ambiguous_dates_are_not_added_up():
    frame = pd.DataFrame({"date": pd.Series(["01/02/2024", "02/02/2024"], dtype=object)})
    frame = frame.assign(revenue=1.0, tv=1.0, search=1.0, price=1.0, temperature=1.0)
    with pytest.raises(InvalidInput, match="Day and month cannot be told apart"):
        fixed(frame, "roll_up", to="weekly")
