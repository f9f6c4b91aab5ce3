"""Whether the columns that the mapping names are there and are numbers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, rows_text
from mixmodel_app.ingest.checks.events import event_texts
from mixmodel_app.ingest.numbers import ParsedNumbers


@check("MM101", severity=Severity.ERROR, title="Missing column")
def missing_column(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns that the mapping names but the file does not have, and a mapping without media.

    Why it matters: a model needs a date, an outcome and at least one channel.
    How to fix: choose the right column in the column step, or add it to the file and upload it again.
    """
    for column in data.mapping.columns():
        if column not in data.table.columns:
            yield Evidence(
                f"The file has no column {column!r}.",
                column=column,
                hint=f"Choose one of: {listing(data.table.columns, 8)}.",
                effect="No model can be fitted without it.",
            )
    if not data.mapping.media_columns:
        yield Evidence(
            "No column is marked as channel spend.",
            hint="Mark at least one column as media.",
            effect="Without a channel there is nothing to measure.",
        )


@check("MM104", severity=Severity.ERROR, title="Not a number")
def not_numeric(data: CheckInput) -> Iterator[Evidence]:
    """Finds cells that are not numbers, or far too large ones, in the outcome, the media and the control columns.

    Why it matters: the model cannot use text, and guessing a value would change the answer without a word.
    How to fix: correct the cells that are listed; leave a cell empty when its value is not known.
    """
    for column, numbers in data.numbers.items():
        if not numbers.bad:
            continue
        rows = data.rows(numbers.bad)
        values = dict.fromkeys(repr(data.cell(column, position)) for position in numbers.bad[:20])
        yield Evidence(
            f"{column!r} holds {listing(values, 3)} in {rows_text(rows, len(numbers.bad))}, "
            f"which {_not_a_number(data, column, len(numbers.bad))}.",
            column=column,
            rows=rows,
            hint="Write numbers there, or leave the cells empty if the values are not known.",
            effect="The column cannot enter the model.",
            fixes=_fixes_of_text(data, column),
        )


def _not_a_number(data: CheckInput, column: str, count: int) -> str:
    if pd.api.types.is_numeric_dtype(data.table.column(column).dtype):
        return f"{'is' if count == 1 else 'are'} too large to be true"
    return "is not a number" if count == 1 else "are not numbers"


def _fixes_of_text(data: CheckInput, column: str) -> offer.Offers:
    """A control made of words is most likely a list of events; the outcome has no fix of one click."""
    if column == data.mapping.target_column:
        return ()
    if column in data.controls and (texts := event_texts(data, column)):
        return offer.event_dummies(column, len(texts)) + offer.ignore_column(data, column)
    return offer.ignore_column(data, column)


@check("MM107", severity=Severity.ERROR, title="Outcome missing")
def target_missing(data: CheckInput) -> Iterator[Evidence]:
    """Finds rows without an outcome.

    Why it matters: the outcome is what the model explains; a period without it cannot be used, and leaving it out
    would break the carryover of the periods after it.
    How to fix: fill in the value (0 if nothing was sold), or remove the rows when they are at the start or end.
    """
    if data.target is None:
        return
    column, numbers = data.target
    empty = _empty_cells(numbers)
    if empty:
        rows = data.rows(empty)
        yield Evidence(
            f"{column!r} is empty in {rows_text(rows, len(empty))}.",
            column=column,
            rows=rows,
            hint="Fill in the value, 0 if there was none; rows at the start or end may be removed.",
            effect="The model has nothing to explain in these periods.",
            fixes=_drop_ends(data, empty),
        )


def _drop_ends(data: CheckInput, empty: list[int]) -> offer.Offers:
    """Rows without an outcome may go when they are all before the first or after the last that has one."""
    if data.dates is None or data.dates.bad_rows or len(empty) == data.table.n_rows:
        return ()
    days, without = data.dates.values, data.dates.values[empty]
    kept = days[np.setdiff1d(np.arange(len(days)), empty)]
    if ((without > kept.min()) & (without < kept.max())).any() or without.isin(kept).any():
        return ()
    return offer.drop_rows(data, (str(day.date()) for day in without), "the rows without an outcome")


def _empty_cells(numbers: ParsedNumbers) -> list[int]:
    """Positions that hold nothing; what is not a number is another finding."""
    return np.setdiff1d(np.flatnonzero(np.isnan(numbers.values)), np.array(numbers.bad, dtype=int)).tolist()


@check("MM210", severity=Severity.WARNING, title="Empty media cells")
def media_missing(data: CheckInput) -> Iterator[Evidence]:
    """Finds empty cells in media columns.

    Why it matters: they are read as 0, "no advertising". If there was spend that is not known, the channel's
    return will look too high.
    How to fix: write the spend, or 0 to confirm that there was none.
    """
    for column, numbers in data.media.items():
        if empty := _empty_cells(numbers):
            rows = data.rows(empty)
            yield Evidence(
                f"{column!r} is empty in {rows_text(rows, len(empty))}; this is read as 0, no advertising.",
                column=column,
                rows=rows,
                hint="Write the spend where there was some; where there was none, confirm the 0 with one click.",
                effect="If there was spend after all, the return of the channel will look too high.",
                fixes=offer.fill_zero(column, len(empty)),
            )


@check("MM211", severity=Severity.WARNING, title="Empty control cells")
def control_missing(data: CheckInput) -> Iterator[Evidence]:
    """Finds empty cells in control columns.

    Why it matters: they are filled with a straight line between their neighbours, which suits a temperature better
    than a holiday.
    How to fix: fill in the values.
    """
    for column, numbers in data.controls.items():
        if empty := _empty_cells(numbers):
            rows = data.rows(empty)
            yield Evidence(
                f"{column!r} is empty in {rows_text(rows, len(empty))}; a straight line between neighbours is put in.",
                column=column,
                rows=rows,
                hint="Fill in the values where a straight line would be wrong; elsewhere confirm it with one click.",
                effect="That suits a price or a temperature better than a holiday or a campaign.",
                fixes=offer.interpolate(data, column, len(empty)) or offer.ignore_column(data, column),
            )
