"""Several rows made into one: which columns add up, which are averaged, and how texts are joined."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.fixes._tables import as_column, listing, numbers_of, spend_columns
from mixmodel_app.ingest.media_names import media_name
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import RATE, TARGET, Name


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each column but the date: summed, averaged or joined as text."""

    summed: tuple[str, ...]
    averaged: tuple[str, ...]
    joined: tuple[str, ...]

    def sentence(self) -> str:
        """ "Added up: a, b. Averaged: c.", the kinds that there are."""
        kinds = (("Added up", self.summed), ("Averaged", self.averaged), ("Joined as text", self.joined))
        return " ".join(f"{words}: {listing(columns, 6)}." for words, columns in kinds if columns)


def plan(table: Table, mapping: ColumnMapping, mean: tuple[str, ...] | None) -> Plan:
    """Outcome, spend and exposure add up, and what `mean` names is averaged.

    Controls are averaged when `mean` is None; when it is given, those that it does not name add up. A column without a
    role adds up when its name is that of spend, exposure or an outcome, so that it can still get that role later.

    Raises:
        InvalidInput: a cell of a column with a role is not a number.
    """
    summed: list[str] = []
    averaged: list[str] = []
    joined: list[str] = []
    amounts = {mapping.target_column, *spend_columns(mapping)}
    for column in table.columns:
        if column == mapping.date_column:
            continue
        if column in mapping.columns():
            numbers_of(table, column)
        elif not parse_numbers(table.column(column)).is_numeric:
            joined.append(column)
            continue
        named = mean is not None and column in mean
        adds_up = column in amounts or (mean is not None and column in mapping.control_columns) or _is_amount(column)
        (averaged if named or not adds_up else summed).append(column)
    return Plan(tuple(summed), tuple(averaged), tuple(joined))


def _is_amount(column: str) -> bool:
    name = Name.of(column)
    return media_name(column) is not None or bool(name.first_of(TARGET) and not name.first_of(RATE))


def grouped(table: Table, columns: Plan, groups: pd.DatetimeIndex, repeats: int = 1) -> dict[str, pd.Series]:
    """Each column of the plan with one cell per group, in order of the groups; empty where all its cells are.

    Args:
        groups: (N · repeats) the group of each row; with `repeats` every row is spread evenly over so many in a row.
    """
    found: dict[str, pd.Series] = {}
    for column in columns.joined:
        cells = table.column(column).repeat(repeats).reset_index(drop=True)
        found[column] = as_column([_join(part) for _, part in cells.groupby(groups)])
    for column in columns.summed:
        parts = pd.Series(np.repeat(numbers_of(table, column) / repeats, repeats))
        found[column] = as_column(np.asarray(parts.groupby(groups).sum(min_count=1), dtype=float))
    for column in columns.averaged:
        parts = pd.Series(np.repeat(numbers_of(table, column), repeats))
        found[column] = as_column(np.asarray(parts.groupby(groups).mean(), dtype=float))
    return found


def _join(cells: pd.Series) -> str | None:
    distinct = [str(cell) for cell in cells.dropna().drop_duplicates()]
    return "; ".join(distinct) or None
