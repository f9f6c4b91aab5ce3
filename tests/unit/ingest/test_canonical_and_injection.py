"""What is stored comes back exactly, and nothing that leaves can run as a formula."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.ingest.canonical import from_canonical_csv, to_canonical_csv
from mixmodel_app.ingest.injection import neutralise, neutralise_frame
from mixmodel_app.ingest.numbers import plain_number

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)
words = texts.filter(lambda text: plain_number(text) is None)
numbers = st.floats(allow_nan=True, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("-3.5", "-3.5"),
        ("+4", "+4"),
        ("-1e-3", "-1e-3"),
        ("plain", "plain"),
        ("'=done", "'=done"),
        ("", ""),
    ],
)
def test_neutralise(text: str, safe: str):
    assert neutralise(text) == safe
    assert neutralise(neutralise(text)) == safe


def test_a_frame_for_export_is_safe_in_headers_and_cells_and_keeps_its_numbers():
    day = pd.Timestamp("2024-01-01")
    frame = pd.DataFrame({"=x": ["=1", None], "n": [-1.5, 2.0], "d": [day, day]})
    safe = neutralise_frame(frame)
    assert list(safe.columns) == ["'=x", "n", "d"]
    assert safe.iloc[0, 0] == "'=1"
    assert pd.isna(safe.iloc[1, 0])
    assert safe["n"].tolist() == [-1.5, 2.0]
    assert safe["d"].tolist() == [day, day]
    assert frame.iloc[0, 0] == "=1"


def test_strings_of_pandas_own_type_are_neutralised_too():
    assert neutralise_frame(pd.DataFrame({"a": pd.Series(["@x"], dtype="str")})).iloc[0, 0] == "'@x"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_canonical_csv_is_an_exact_round_trip(data: st.DataObject):
    rows = data.draw(st.integers(1, 6))
    names = data.draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    columns = {}
    for name in names:
        if data.draw(st.booleans()):
            columns[name] = pd.Series(data.draw(st.lists(numbers, min_size=rows, max_size=rows)), dtype=float)
        else:
            cells = data.draw(st.lists(st.none() | texts, min_size=rows, max_size=rows))
            cells[0] = data.draw(words)
            columns[name] = pd.Series(cells, dtype=object)
    frame = pd.DataFrame(columns)
    pd.testing.assert_frame_equal(from_canonical_csv(to_canonical_csv(frame)), frame, check_exact=True)


def test_canonical_csv_holds_no_formula_iso_dates_and_points():
    frame = pd.DataFrame(
        {
            "@h": ["=1+1", "ok"],
            "day": pd.to_datetime([dt.date(2024, 1, 31), None]),
            "x": [1.5, np.nan],
            "whole": [-3.0, 1e20],
        }
    )
    raw = to_canonical_csv(frame).decode("utf-8")
    assert raw == "'@h,day,x,whole\r\n'=1+1,2024-01-31,1.5,-3\r\nok,,,1e+20\r\n"


@pytest.mark.parametrize(
    "text", ["=1", "'=1", "''=1", "'-5", "-5 apples", "'", "'x", "\r", "'\t", "a\r\nb", '"', ",", "é;"]
)
def test_every_text_comes_back_whatever_apostrophes_it_has(text: str):
    frame = pd.DataFrame({text: pd.Series([text, None, "word"], dtype=object)})
    pd.testing.assert_frame_equal(from_canonical_csv(to_canonical_csv(frame)), frame)


def test_infinite_numbers_are_not_stored():
    with pytest.raises(ValueError, match="infinite"):
        to_canonical_csv(pd.DataFrame({"x": [np.inf]}))
