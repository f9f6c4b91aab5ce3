"""Small steps on tables and mappings that several fixes share. Nothing here changes its input."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.fixes._base import refusal
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table

type Floats = NDArray[np.float64]


def dates_of(table: Table, mapping: ColumnMapping) -> pd.DatetimeIndex:
    """The first day of each row's period.

    Raises:
        InvalidInput: a date cannot be read, or day and month could be exchanged in all of them.
    """
    parsed = parse_dates(table.column(mapping.date_column))
    if parsed.bad_rows:
        row = table.row_numbers[parsed.bad_rows[0]]
        raise _date_refusal(f"Row {row} of {mapping.date_column!r} holds no readable date.", "Correct it in the file.")
    if parsed.ambiguous:
        message = f"Day and month cannot be told apart in {mapping.date_column!r}: {parsed.format_note}."
        raise _date_refusal(message, "Write the dates as year-month-day, for example 2025-03-31.")
    return parsed.values


def _date_refusal(message: str, hint: str) -> InvalidInput:
    return InvalidInput(message, hint=hint, errors=(FieldError("column_mapping.date_column", message),))


def numbers_of(table: Table, column: str, key: str = "column") -> Floats:
    """A column as floats, nan where it is empty.

    Raises:
        InvalidInput: a cell is not a number; blamed on the argument `key`.
    """
    numbers = parse_numbers(table.column(column))
    if numbers.bad:
        row, cell = table.row_numbers[numbers.bad[0]], table.column(column).iloc[numbers.bad[0]]
        message = f"Row {row} of {column!r} holds {str(cell)[:40]!r}, which is not a number."
        raise refusal(message, key, hint="Correct it in the file and upload that again.")
    return numbers.values


def with_values(table: Table, column: str, values: Sequence[object] | Floats) -> Table:
    """The table with other cells in one column: floats for numbers, else text and None."""
    frame = table.frame.copy()
    frame[column] = as_column(values)
    return replace(table, frame=frame)


def with_new_column(table: Table, column: str, values: Floats, *, before: str | None = None) -> Table:
    """The table with one column more, at the end or in front of another."""
    frame = table.frame.copy()
    place = len(frame.columns) if before is None else table.columns.index(before)
    frame.insert(place, column, as_column(values))
    return replace(table, frame=frame)


def as_column(values: Sequence[object] | Floats) -> pd.Series:
    """Cells as a `Table` keeps them."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pd.Series(values, dtype=float)
    return pd.Series(list(values), dtype=object)


def with_rows(table: Table, positions: Iterable[int]) -> Table:
    """Only these rows, each with its line in the person's file."""
    kept = list(positions)
    frame = table.frame.iloc[kept].reset_index(drop=True)
    return replace(table, frame=frame, row_numbers=tuple(table.row_numbers[position] for position in kept))


def free_name(table: Table, wanted: str, values: Floats) -> str:
    """`wanted`, or the same with a number behind it when another column has that name; a column that holds these
    very values already is given its name again."""
    number = 1
    name = wanted
    while name in table.columns and not _holds(table, name, values):
        number += 1
        name = f"{wanted} {number}"
    return name


def _holds(table: Table, column: str, values: Floats) -> bool:
    numbers = parse_numbers(table.column(column))
    return numbers.is_numeric and bool(np.allclose(numbers.values, values, rtol=0, atol=1e-12, equal_nan=True))


def with_control(table: Table, mapping: ColumnMapping, wanted: str, values: Floats) -> tuple[Table, ColumnMapping, str]:
    """The table and mapping with one control more, and the name that it got; nothing changes when it is there."""
    name = free_name(table, wanted, values)
    if name not in table.columns:
        table = with_new_column(table, name, values)
    if name not in mapping.columns():
        mapping = replace(mapping, control_columns=(*mapping.control_columns, name)).in_order_of(table.columns)
    return table, mapping, name


def spend_columns(mapping: ColumnMapping) -> tuple[str, ...]:
    """Media columns and the spend columns beside them."""
    beside = [entry.spend_column for entry in mapping.media_columns.values() if entry.spend_column]
    return tuple(dict.fromkeys([*mapping.media_columns, *beside]))


def plural(count: int, noun: str) -> str:
    """ "1 cell", "5 cells"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listing(items: Iterable[str], most: int = 4) -> str:
    """ "a, b, c and 4 more"."""
    every = list(items)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"
