"""Whether the columns that the mapping names are there and are numbers."""

from collections.abc import Iterator

import numpy as np

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, rows_text


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
    """Finds cells that are not numbers in the outcome, the media and the control columns.

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
            f"which {'is not a number' if len(numbers.bad) == 1 else 'are not numbers'}.",
            column=column,
            rows=rows,
            hint="Write numbers there, or leave the cells empty if the values are not known.",
            effect="The column cannot enter the model.",
        )


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
    empty = [p for p in np.flatnonzero(np.isnan(numbers.values)).tolist() if p not in set(numbers.bad)]
    if empty:
        rows = data.rows(empty)
        yield Evidence(
            f"{column!r} is empty in {rows_text(rows, len(empty))}.",
            column=column,
            rows=rows,
            hint="Fill in the value, 0 if there was none; rows at the start or end may be removed.",
            effect="The model has nothing to explain in these periods.",
        )


@check("MM210", severity=Severity.WARNING, title="Empty media cells")
def media_missing(data: CheckInput) -> Iterator[Evidence]:
    """Finds empty cells in media columns.

    Why it matters: they are read as 0, "no advertising". If there was spend that is not known, the channel's
    return will look too high.
    How to fix: write the spend, or 0 to confirm that there was none.
    """
    for column, numbers in data.media.items():
        yield from _empty(data, column, numbers.values, numbers.bad, "They are read as 0: no advertising.", "Write 0")


@check("MM211", severity=Severity.WARNING, title="Empty control cells")
def control_missing(data: CheckInput) -> Iterator[Evidence]:
    """Finds empty cells in control columns.

    Why it matters: they are filled with a straight line between their neighbours, which suits a temperature better
    than a holiday.
    How to fix: fill in the values.
    """
    for column, numbers in data.controls.items():
        effect = "They are filled with a straight line between their neighbours."
        yield from _empty(data, column, numbers.values, numbers.bad, effect, "Fill in the value")


def _empty(
    data: CheckInput, column: str, values: np.ndarray, bad: tuple[int, ...], effect: str, remedy: str
) -> Iterator[Evidence]:
    wrong = set(bad)
    empty = [position for position in np.flatnonzero(np.isnan(values)).tolist() if position not in wrong]
    if empty:
        rows = data.rows(empty)
        yield Evidence(
            f"{column!r} is empty in {rows_text(rows, len(empty))}. {effect}",
            column=column,
            rows=rows,
            hint=f"{remedy} in these cells if that is not right.",
            effect=effect,
        )
