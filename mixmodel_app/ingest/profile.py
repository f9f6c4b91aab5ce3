"""What each column holds, in the words and samples that a person sees before anything is decided."""

from typing import Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnProfile
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.table import Table

_BOOLEAN = frozenset({"true", "false", "yes", "no", "ja", "nein", "oui", "non", "sí", "si", "wahr", "falsch"})
_SAMPLES = 5
_SAMPLE = 200
_LONGEST_SAMPLE = 80
_POINTS = 48


def profile(table: Table) -> tuple[ColumnProfile, ...]:
    """One profile per column, in column order."""
    columns = ((name, table.column(name)) for name in table.columns)
    return tuple(
        ColumnProfile(name, dtype(column), int(column.isna().to_numpy().sum()), _samples(column), _shape(column))
        for name, column in columns
    )


def dtype(column: pd.Series) -> str:
    """date, number, text, boolean or empty. A column of text is dates when nine in ten of its cells are."""
    filled = column.dropna()
    if filled.empty:
        return "empty"
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    distinct = filled.drop_duplicates()
    if len(distinct) <= len(_BOOLEAN) and {str(cell).lower() for cell in distinct} <= _BOOLEAN:
        return "boolean"
    sample = filled.iloc[:: max(1, len(filled) // _SAMPLE)]  # a long column of text is not read to its end
    if parse_dates(sample).share_good < 0.5:
        return "text"
    return "date" if parse_dates(filled).share_good >= 0.9 else "text"


def preview_rows(frame: pd.DataFrame, n: int = 20) -> list[dict[str, Any]]:
    """The first `n` rows as JSON: empty cells are None, whole numbers have no point."""
    head = frame.head(n)
    names = [str(name) for name in head.columns]
    rows = head.astype(object).to_numpy().tolist()
    return [dict(zip(names, map(_json, row), strict=True)) for row in rows]


def _json(cell: Any) -> str | float | int | None:
    if pd.isna(cell):
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    return cell if isinstance(cell, str | int) else str(cell)


def _shape(column: pd.Series) -> tuple[float | None, ...]:
    """A small picture of a column of numbers: means of equal stretches of rows, from 0 to 1."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return ()
    values = column.to_numpy(dtype=float)
    low, high = np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)
    if not np.isfinite(low) or not np.isfinite(high):
        return ()
    parts = np.array_split(values, min(_POINTS, len(values)))
    means = [float(np.nanmean(part)) if np.isfinite(part).any() else None for part in parts]
    span = float(high - low) or 1.0
    return tuple(None if mean is None else round((mean - float(low)) / span, 3) for mean in means)


def _samples(column: pd.Series) -> tuple[str, ...]:
    """The first distinct values as text, shortened."""
    distinct = column.dropna().drop_duplicates().head(_SAMPLES)
    texts = (str(_json(cell)) for cell in distinct)
    return tuple(text if len(text) <= _LONGEST_SAMPLE else f"{text[: _LONGEST_SAMPLE - 1]}…" for text in texts)
