"""Whether figures of the past have changed since the last upload of the same source."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, percent, rows_text
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.numbers import parse_numbers

_SAME = 1e-6  # exports round differently; that is no new figure
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """A figure of the shared history: its day (ISO), position in the new table, and both values (nan: empty)."""

    day: str
    position: int
    before: float
    after: float


@check("MM226", severity=Severity.WARNING, title="History has changed")
def restated_history(data: CheckInput) -> Iterator[Evidence]:
    """Finds figures that differ from the last upload of the same source for the same dates.

    Why it matters: platforms correct spend and conversions for weeks afterwards, and a changed attribution rewrites
    years. A result that moves may then be due to new figures for old periods, not to new periods.
    How to fix: nothing if the corrections are right; ask the source when old periods have changed.
    """
    for column in data.numbers:
        cells = changed_cells(data, column)
        if not cells:
            continue
        rows = data.rows(cell.position for cell in cells)
        shown = listing((f"{cell.day}: {cell.before:,.10g} → {cell.after:,.10g}" for cell in cells), _SHOWN, "; ")
        yield Evidence(
            f"{column!r} differs from the last upload in {rows_text(rows, len(cells))} ({shown}){_moved(cells)}.",
            column=column,
            rows=rows,
            hint="Nothing to do if the corrections are right; ask the source when old periods have changed.",
            effect="Results may move because of new figures for old periods.",
        )


def _moved(cells: list[ChangedCell]) -> str:
    """How much the sum over these cells has moved."""
    before, after = (float(np.nansum([getattr(cell, name) for cell in cells])) for name in ("before", "after"))
    if before <= 0 or after == before:
        return ""
    return f", together {percent(abs(after / before - 1))} {'more' if after > before else 'less'}"


def changed_cells(data: CheckInput, column: str) -> list[ChangedCell]:
    """Cells of a column, in the order of the table, whose date stands once in both tables with another number."""
    previous, date_column = data.previous, data.mapping.date_column
    if previous is None or data.dates is None or not {column, date_column} <= set(previous.columns):
        return []
    known_days, known = parse_dates(previous.column(date_column)).values, parse_numbers(previous.column(column)).values
    once = ~known_days.duplicated(keep=False) & known_days.notna()
    before = dict(zip(known_days[once], known[once].tolist(), strict=True))
    days, after = data.dates.values, data.numbers[column].values
    fresh = ~days.duplicated(keep=False)
    return [
        ChangedCell(data.day(position), position, before[days[position]], float(after[position]))
        for position in np.flatnonzero(fresh & days.isin(list(before))).tolist()
        if not _same(before[days[position]], float(after[position]))
    ]


def _same(before: float, after: float) -> bool:
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) and np.isnan(after))
    return abs(after - before) <= _SAME * max(abs(before), abs(after))
