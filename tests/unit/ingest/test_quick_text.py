"""The short way through large files gives what the long way gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.domain.errors import MixModelError
from mixmodel_app.ingest import delimited, quick_text
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.text_column import TextColumn

ODD = [
    "1",
    "-2.5",
    "1e5",
    "",
    " ",
    "1,5",
    '"a"',
    'b"c',
    '"d,e"',
    '"f\ng"',
    "é",
    "+4",
    "1.",
    ".5",
    "NA",
    "１",
    "\x1c",
    "1e999",
]


def read(text: str, least: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[Cell]], list[int]] | str:
    monkeypatch.setattr(quick_text, "LEAST_CHARACTERS", least)
    try:
        records = delimited.read(text.encode(), "a.csv")
    except MixModelError as error:
        return error.message
    return [list(column) for column in records.columns], list(records.lines)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from(ODD), min_size=2, max_size=3), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
def test_both_ways_agree_on_odd_cells(rows: list[list[str]], end: str, last: bool):
    text = end.join(["date,x", "2024-01-01,1", *(",".join(row) for row in rows)]) + end * last
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert read(text, 0, monkeypatch) == read(text, 10**9, monkeypatch)


def test_a_plain_file_takes_the_short_way():
    text = "date,x,y\n" + "".join(f"2024-01-01,{i},\n" for i in range(20_000))
    records = delimited.read(text.encode(), "a.csv")
    assert all(isinstance(column, TextColumn) for column in records.columns)
    assert records.lines == range(2, 20_002)


@pytest.mark.parametrize(
    "cell", ['"two\nlines"', 'in"side', "\r", "1,2"], ids=["line break", "mark inside", "lone return", "too many"]
)
def test_an_odd_cell_far_below_takes_the_long_way(cell: str):
    text = "date,x\n" + "2024-01-01,5\n" * 20_000 + f"2024-01-08,{cell}\n" + "2024-01-15,6\n"
    with pytest.MonkeyPatch.context() as monkeypatch:
        short, long = read(text, 0, monkeypatch), read(text, 10**9, monkeypatch)
    assert short == long


def test_a_text_column_behaves_as_the_list_of_its_cells():
    text = "date,x\n" + "2024-01-01,5\n" * 20_000 + " a ,\n"
    column = delimited.read(text.encode(), "a.csv").columns[0]
    assert isinstance(column, TextColumn)
    assert (len(column), column[-1], column[20_000], column[:1]) == (20_001, "a", "a", ["2024-01-01"])
    assert column.longest() == 10
