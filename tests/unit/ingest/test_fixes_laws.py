"""What holds for every fix: a second time changes nothing, it can be replayed, and no money is lost."""

import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.fixes import AppliedFix
from mixmodel_app.ingest.repair import apply_fix, replay
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.fix_tables import MAPPING

CASES: list[tuple[str, dict[str, Any]]] = [
    ("fill_zero", {"column": "tv"}),
    ("interpolate", {"column": "price"}),
    ("drop_partial", {}),
    ("roll_up", {"to": "weekly", "week_start": "THU"}),
    ("roll_up", {"to": "monthly", "mean": ["price"]}),
    ("sum_duplicates", {}),
    ("merge_channels", {"columns": ["tv", "search"], "name": "Both"}),
    ("event_dummies", {"column": "event"}),
    ("mark_event", {"dates": ["2024-01-03"], "name": "Strike"}),
    ("add_holidays", {"country": "US"}),
    ("add_trend", {}),
    ("ignore_column", {"column": "temperature"}),
    ("drop_rows", {"dates": ["2024-01-03", "2024-01-05"]}),
]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Days or weeks in any order, with holes in the numbers, repeated dates and events."""
    step, start = draw(st.sampled_from([1, 7])), date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 9)))
    places = draw(st.lists(st.integers(0, 70), min_size=8, max_size=50))
    cells = st.one_of(st.none(), st.integers(0, 1000).map(float))
    frame = pd.DataFrame({"date": pd.Series([(start + timedelta(days=step * p)).isoformat() for p in places])})
    for column in ("revenue", "tv", "search", "price", "temperature"):
        frame[column] = pd.Series(draw(st.lists(cells, min_size=len(places), max_size=len(places))), dtype=float)
    words = draw(st.lists(st.sampled_from([None, "Sale", "strike", "no"]), min_size=len(places), max_size=len(places)))
    frame["event"] = pd.Series(words, dtype=object)
    return Table.of(frame.astype({"date": object}))


@pytest.mark.parametrize(("kind", "arguments"), CASES, ids=[f"{kind} {n}" for n, (kind, _) in enumerate(CASES)])
@settings(max_examples=40, deadline=None)
@given(table=tables())
def test_a_fix_changes_nothing_the_second_time_and_can_be_replayed(kind: str, arguments: dict[str, Any], table: Table):
    before = table.frame.copy()
    try:
        once = apply_fix(table, MAPPING, kind, arguments)
    except InvalidInput:  # this table has nothing to fix in this way; that the reason is clear is told elsewhere
        return
    pd.testing.assert_frame_equal(table.frame, before)
    twice = apply_fix(once.table, once.mapping, kind, arguments)
    pd.testing.assert_frame_equal(twice.table.frame, once.table.frame)
    assert twice.mapping == once.mapping
    assert twice.change.is_nothing
    assert set(once.table.row_numbers) <= set(table.row_numbers)
    assert len(once.table.row_numbers) == once.table.n_rows
    assert once.change.rows == table.n_rows - once.table.n_rows
    entry = AppliedFix(kind, arguments, once.change.to_json(), MAPPING.to_json(), once.mapping.to_json(), "")
    pd.testing.assert_frame_equal(replay(table, [entry]).frame, once.table.frame)


@pytest.mark.parametrize("kind", ["roll_up", "sum_duplicates"])
@settings(max_examples=40, deadline=None)
@given(table=tables())
def test_no_money_is_lost_or_made_when_rows_are_added_up(kind: str, table: Table):
    arguments = {"to": "monthly"} if kind == "roll_up" else {}
    try:
        done = apply_fix(table, MAPPING, kind, arguments)
    except InvalidInput:
        return
    left_out = re.search(r"Left out, as the data cover", done.change.sentence)
    for column in ("revenue", "tv", "search"):
        total, rolled = table.column(column).sum(), done.table.column(column).sum()
        assert rolled == pytest.approx(total) or (left_out and rolled <= total + 1e-6)
