"""A table that goes through Parquet comes back cell for cell, and its types are those of a typed store."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from mixmodel_app.ingest.parquet import LINE, from_parquet, to_parquet
from mixmodel_app.ingest.table import Table

NUMBERS = st.one_of(st.just(np.nan), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=9),
    st.sampled_from(["2024-01-05", "2024-02-30", "05/01/2024", "0001-01-01", "2024-1-5"]),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(0, 6))
    names = draw(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), max_size=5, unique=True))
    columns = {
        name: pd.Series(draw(st.lists(NUMBERS, min_size=rows, max_size=rows)), dtype=float)
        if draw(st.booleans())
        else pd.Series(draw(st.lists(TEXTS, min_size=rows, max_size=rows)), dtype=object)
        for name in names
    }
    lines = draw(st.lists(st.integers(2, 10**6), min_size=rows, max_size=rows, unique=True))
    return Table(pd.DataFrame(columns, index=range(rows)), "cp1252", ";", ",", tuple(lines))


@given(tables())
def test_every_table_comes_back(table: Table):
    back = from_parquet(to_parquet(table))
    assert back.columns == table.columns
    assert back.row_numbers == table.row_numbers
    assert (back.encoding, back.delimiter, back.decimal) == ("cp1252", ";", ",")
    for name in table.columns:
        pd.testing.assert_series_equal(back.column(name), table.column(name))


def test_columns_are_typed():
    frame = pd.DataFrame(
        {
            "week": ["2024-01-01", "2024-01-08"],
            "tv": [1.5, np.nan],
            "region": ["north", None],
            "late": ["05/01/24", None],
        }
    )
    stored = pq.read_table(io.BytesIO(to_parquet(Table.of(frame))))
    assert stored.schema.types == [pa.date32(), pa.float64(), pa.string(), pa.string(), pa.int64()]
    assert stored.column_names[-1] == LINE
    assert stored.column("tv").null_count == 1
