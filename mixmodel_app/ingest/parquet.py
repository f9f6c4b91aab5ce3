"""The canonical table as typed Parquet: numbers as doubles, days as dates, the rest as text, and the lines of the file.

Three more of a table's facts travel in the file's metadata, so that a table read back is the table that was written.
"""

import io
import json
import re
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mixmodel_app.domain.errors import DamagedFile
from mixmodel_app.ingest.table import Table

LINE = "line in the file"
"""The last column: where each row stood in the person's own file, the header being line 1."""

_FACTS = b"mixmodel"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def to_parquet(table: Table) -> bytes:
    """A table as Parquet; a column of text is one of days when every filled cell is a date like 2026-01-05."""
    names = table.columns
    arrays = [_array(table.column(name)) for name in names]
    lines = pa.array(table.row_numbers, pa.int64())
    facts = {"encoding": table.encoding, "delimiter": table.delimiter, "decimal": table.decimal}
    schema = pa.schema(
        [*(pa.field(name, array.type) for name, array in zip(names, arrays, strict=True)), pa.field(LINE, lines.type)],
        metadata={_FACTS: json.dumps(facts).encode()},
    )
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([*arrays, lines], schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(raw: bytes) -> Table:
    """The table that was given to `to_parquet`, without its notes, questions and source.

    Raises:
        DamagedFile: it is not what was written.
    """
    try:
        stored = pq.read_table(io.BytesIO(raw))
        facts = json.loads((stored.schema.metadata or {})[_FACTS])
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise DamagedFile(
            "The stored table is damaged: it is not what was stored.",
            hint="Ask your administrator to restore it from a backup, or upload the data again.",
        ) from error
    columns = {name: _series(stored.column(position)) for position, name in enumerate(stored.column_names[:-1])}
    lines = cast("list[int]", stored.column(stored.num_columns - 1).to_pylist())
    return Table(pd.DataFrame(columns), facts["encoding"], facts["delimiter"], facts["decimal"], tuple(lines))


def _array(column: pd.Series) -> pa.Array:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pa.array(column.to_numpy(dtype=float), pa.float64(), from_pandas=True)
    texts = [None if pd.isna(cell) else str(cell) for cell in column]
    if any(texts) and all(text is None or _is_day(text) for text in texts):
        return pa.array(texts, pa.string()).cast(pa.date32())
    return pa.array(texts, pa.string())


def _is_day(text: str) -> bool:
    """Whether the text is a day of the calendar, written so that it comes back as it was."""
    try:
        return _DAY.fullmatch(text) is not None and pd.Timestamp(text).date().isoformat() == text
    except ValueError:
        return False


def _series(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_floating(column.type):
        return column.to_pandas().astype(float)
    return pd.Series(column.cast(pa.string()).to_pylist(), dtype=object)
