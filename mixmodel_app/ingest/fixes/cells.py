"""Empty cells filled."""

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.fixes._base import Repair, fix, refusal
from mixmodel_app.ingest.fixes._tables import dates_of, numbers_of, plural, spend_columns, with_values
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table


@fix("fill_zero", arguments=("column",))
def fill_zero(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Writes 0 into the empty cells of a spend or exposure column; cells that hold anything stay as they are."""
    column = arguments.column(table)
    if column not in spend_columns(mapping):
        message = f"{column!r} is neither spend nor exposure of a channel: an empty cell of it does not mean 0."
        raise refusal(message, "column", hint="Interpolate a control; correct an outcome in the file.")
    numbers = parse_numbers(table.column(column))
    empty = np.isnan(numbers.values)
    empty[list(numbers.bad)] = False
    if not empty.any():
        return Repair(table, mapping, f"{column} has no empty cell.")
    filled = np.where(empty, 0.0, numbers.values) if numbers.is_numeric else _zeros(table.column(column), empty)
    sentence = f"Filled {plural(int(empty.sum()), 'empty cell')} of {column} with 0."
    return Repair(with_values(table, column, filled), mapping, sentence)


def _zeros(cells: pd.Series, empty: np.ndarray) -> list[object]:
    return ["0" if missing else cell for cell, missing in zip(cells, empty, strict=True)]


@fix("interpolate", arguments=("column",))
def interpolate(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Fills the empty cells of a control: a straight line between neighbours in time, the nearest value at the ends."""
    column = arguments.column(table)
    if column not in mapping.control_columns:
        message = f"{column!r} is not a control, and only a control may be filled with a guess."
        raise refusal(message, "column", hint="Empty spend is usually 0; correct an outcome in the file.")
    values = numbers_of(table, column)
    empty = np.isnan(values)
    if empty.all():
        raise refusal(f"{column!r} is empty in every row.", "column", hint="Take its role away instead.")
    if not empty.any():
        return Repair(table, mapping, f"{column} has no empty cell.")
    order = dates_of(table, mapping).argsort(kind="stable")
    filled = np.empty(len(values))
    filled[order] = pd.Series(values[order]).interpolate(limit_direction="both").to_numpy()
    sentence = f"Filled {plural(int(empty.sum()), 'empty cell')} of {column} with a straight line between neighbours."
    return Repair(with_values(table, column, filled), mapping, sentence)
