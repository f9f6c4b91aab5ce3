"""A table written in any supported dialect reads back equal."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.reader import read_table
from tests.unit.ingest.dialects import Dialect

CENTS = st.integers(-10_000_000_00, 10_000_000_00).map(lambda cents: cents / 100)


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    decimal = draw(st.sampled_from(".,"))
    delimiter = draw(st.sampled_from([";", "\t", "|", *([","] if decimal == "." else [])]))
    others = [sign for sign in ("", "\u00a0", "\u202f", "'", "’", "," if decimal == "." else ".") if sign != decimal]
    return Dialect(
        delimiter=delimiter,
        decimal=decimal,
        thousands=draw(st.sampled_from(others)),
        date=draw(st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%G-W%V-%u"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])),
        end=draw(st.sampled_from(["\n", "\r\n"])),
        quoted=draw(st.booleans()),
        above=draw(st.sampled_from([(), ("# made by a script",), ("A title", "")])),
        below=draw(st.sampled_from([(), ("",), ("Source: us",)])),
    )


@settings(max_examples=200, deadline=None)
@given(
    dialect=dialects(),
    values=st.lists(st.tuples(CENTS, CENTS, st.none() | CENTS), min_size=8, max_size=20),
    first=st.dates(min_value=pd.Timestamp("2001-01-01").date(), max_value=pd.Timestamp("2030-01-01").date()),
)
def test_a_table_in_any_dialect_reads_back_equal(dialect: Dialect, values: list[tuple], first):
    days = pd.date_range(first, periods=len(values), freq="7D")
    frame = pd.DataFrame(
        {
            "date": [str(day.date()) for day in days],
            "größe": [row[0] for row in values],
            "tv_spend": [row[1] for row in values],
            "temperature": [np.nan if row[2] is None else row[2] for row in values],
        }
    )
    table = read_table(dialect.write(frame, "date"), "data.csv")
    assert table.columns == tuple(frame.columns)
    for name in frame.columns[1:]:
        np.testing.assert_array_equal(table.column(name).to_numpy(dtype=float), frame[name].to_numpy(dtype=float))
    assert list(parse_dates(table.column("date")).values) == list(days)
