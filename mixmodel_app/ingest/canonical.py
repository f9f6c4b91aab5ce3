"""The canonical CSV that is stored beside each raw file: UTF-8, commas, decimal points, ISO dates, no formulas."""

import csv
import io
import math
import re

import numpy as np
import pandas as pd

from mixmodel_app.ingest.injection import DANGEROUS, is_dangerous
from mixmodel_app.ingest.numbers import plain_number

# One apostrophe more in front of what is dangerous, also behind apostrophes already there: so reading can take exactly
# one away again and every text survives the round trip.
_ESCAPED = re.compile(rf"'+[{re.escape(''.join(DANGEROUS))}]")

_CHUNK = 20_000  # rows


def to_canonical_csv(frame: pd.DataFrame) -> bytes:
    """A frame as `read_table` gives it (dates may also be datetimes), as bytes that `from_canonical_csv` reads back."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")  # a sign outside the terminator would not be quoted
    writer.writerow([_escape(str(name)) for name in frame.columns])
    for start in range(0, len(frame), _CHUNK):  # all of a large table as text at once would be several times its size
        part = frame.iloc[start : start + _CHUNK]
        columns = [_as_text(part.iloc[:, position]) for position in range(frame.shape[1])]
        writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue().encode("utf-8")


def from_canonical_csv(raw: bytes) -> pd.DataFrame:
    """The frame that was given to `to_canonical_csv`: float columns, text columns with None for empty cells."""
    records = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""))
    header = [_unescape(name) for name in next(records)]
    columns = list(zip(*records, strict=True)) or [()] * len(header)
    return pd.DataFrame({name: _from_text(cells) for name, cells in zip(header, columns, strict=True)})


def _as_text(column: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return ["" if pd.isna(value) else _iso(value) for value in column]
    if pd.api.types.is_bool_dtype(column.dtype):
        return ["true" if value else "false" for value in column]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return [_number(value) for value in column.to_numpy(dtype=float, na_value=np.nan).tolist()]
    return ["" if pd.isna(value) else _escape(str(value)) for value in column]


def _iso(moment: pd.Timestamp) -> str:
    return moment.date().isoformat() if moment == moment.normalize() else moment.isoformat()


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    if not math.isfinite(value):
        raise ValueError("An infinite number has no place in a dataset.")
    return repr(value).removesuffix(".0")


def _from_text(cells: tuple[str, ...]) -> pd.Series:
    values = [plain_number(cell) if cell else math.nan for cell in cells]
    if all(value is not None for value in values):
        return pd.Series(values, dtype=float)
    return pd.Series([_unescape(cell) if cell else None for cell in cells], dtype=object)


def _escape(text: str) -> str:
    return f"'{text}" if is_dangerous(text) or _ESCAPED.match(text) else text


def _unescape(text: str) -> str:
    return text[1:] if _ESCAPED.match(text) else text
