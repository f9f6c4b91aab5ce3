"""Whether the values make sense: signs, empty cells, variation, outliers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, percent, rows_text
from mixmodel_app.wording import numbers as numbers_text

MOST_EMPTY = 0.2
HARDLY_FILLED = 0.3
LEAST_VARIATION = 0.1
LEAST_TARGET_VARIATION = 0.01
SPIKE, APART = 5.0, 2.2


@check("MM105", severity=Severity.ERROR, title="Negative spend")
def negative_spend(data: CheckInput) -> Iterator[Evidence]:
    """Finds negative values in media columns.

    Why it matters: advertising cannot be less than none; refunds and corrections booked as negative spend belong to
    the period in which the advertising ran.
    How to fix: subtract the correction from the period it belongs to, or write 0.
    """
    for column, numbers in data.media.items():
        positions = np.flatnonzero(numbers.values < 0).tolist()
        if positions:
            rows = data.rows(positions)
            lowest = listing((data.cell(column, position) for position in positions), 3)
            yield Evidence(
                f"{column!r} is negative in {rows_text(rows, len(positions))} ({lowest}).",
                column=column,
                rows=rows,
                hint="Move refunds and corrections to the period they belong to, or write 0.",
                effect="Advertising cannot be less than none: no effect can be calculated for these periods.",
            )


@check("MM108", severity=Severity.ERROR, title="Constant outcome")
def constant_target(data: CheckInput) -> Iterator[Evidence]:
    """Finds an outcome that is the same in every row.

    Why it matters: where nothing changes there is nothing to explain.
    How to fix: choose another column as the outcome.
    """
    if data.target is None:
        return
    column, numbers = data.target
    filled = numbers.values[np.isfinite(numbers.values)]
    if len(filled) > 1 and np.ptp(filled) == 0:
        yield Evidence(
            f"{column!r} is {filled[0]:,.10g} in every row.",
            column=column,
            hint="Choose another column as the outcome.",
            effect="There is nothing to explain.",
        )


@check("MM201", severity=Severity.WARNING, title="Many empty cells")
def many_empty(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns of which more than 20 % are empty.

    Why it matters: what the model says about such a column rests on how the holes were filled.
    How to fix: fill in the values, or leave the column out.
    """
    for column, numbers in data.numbers.items():
        share = float(np.mean(np.isnan(numbers.values))) if len(numbers.values) else 0.0
        if not numbers.bad and share > MOST_EMPTY:
            yield Evidence(
                f"{percent(share)} of {column!r} is empty.",
                column=column,
                hint="Fill in the values, or leave the column out.",
                effect="What the model says about it rests on how the holes are filled.",
                fixes=offer.ignore_column(data, column) if share > HARDLY_FILLED and column in data.controls else (),
            )


@check("MM202", severity=Severity.WARNING, title="Hardly any variation")
def low_variation(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns that never change or vary by less than a tenth of their mean (the outcome: a hundredth).

    Why it matters: an effect is measured on changes; flat spend cannot be told from the baseline.
    How to fix: raise and lower the spend on purpose for some weeks, or leave the column out.
    """
    for column, numbers in data.numbers.items():
        values = numbers.values[np.isfinite(numbers.values)]
        if len(values) < 3 or (column == data.mapping.target_column and np.ptp(values) == 0):
            continue
        if np.ptp(values) == 0:
            yield _flat(
                data, column, f"{column!r} is {values[0]:,.10g} in every row.", offer.ignore_column(data, column)
            )
            continue
        least = LEAST_TARGET_VARIATION if column == data.mapping.target_column else LEAST_VARIATION
        variation = values.std() / abs(values.mean()) if values.mean() else np.inf
        if variation < least and column not in data.controls:
            yield _flat(data, column, f"{column!r} varies by only {percent(float(variation))} around its mean.")


def _flat(data: CheckInput, column: str, message: str, fixes: offer.Offers = ()) -> Evidence:
    hint, effect = "Leave the column out.", "What never changes explains nothing."
    if column == data.mapping.target_column:
        hint = "Check that this is the outcome you mean, and not a target or a capacity."
        effect = "Where hardly anything changes there is hardly anything to explain."
    elif column in data.media:
        hint = "Leave the column out, or raise and lower the spend on purpose for some weeks."
        effect = "Its effect cannot be told from sales that would have come anyway."
    return Evidence(message, column=column, hint=hint, effect=effect, fixes=fixes)


@check("MM204", severity=Severity.WARNING, title="Unusually high spend")
def spend_spike(data: CheckInput) -> Iterator[Evidence]:
    """Finds periods with more than five times the channel's median (of the periods in which it was active).

    They must also stand apart: the lowest of them is at least 2.2 times as high as the next value below. A channel that
    is often far above its median is left alone.
    Why it matters: a single very high value, often a typing error or a yearly invoice, decides the shape of the
    channel's curve.
    How to fix: correct the value, or spread an invoice over the periods in which the advertising ran.
    """
    for column, numbers in data.media.items():
        active = numbers.values[numbers.values > 0]
        if len(active) < 4:
            continue
        median = float(np.median(active))
        positions = np.flatnonzero(numbers.values >= _apart(active, median)).tolist()
        if positions:
            rows = data.rows(positions)
            highest = float(np.nanmax(numbers.values))
            yield Evidence(
                f"{column!r} is over {SPIKE:.0f} times its usual value of {numbers_text.plain(median)} in "
                f"{rows_text(rows, len(positions))}; the highest value is {highest:,.0f}.",
                column=column,
                rows=rows,
                hint="Correct typing errors; spread invoices over the periods in which the advertising ran.",
                effect="These few periods decide how strong the channel looks.",
            )


def _apart(active: NDArray[np.float64], median: float) -> float:
    """The lowest value above the limit that is far above the next one below it; infinite when there is none."""
    ordered = np.sort(active)
    found = ordered[1:][(ordered[1:] > SPIKE * median) & (ordered[1:] >= APART * ordered[:-1])]
    return float(found[0]) if len(found) else np.inf


@check("MM212", severity=Severity.WARNING, title="Negative outcome")
def negative_target(data: CheckInput) -> Iterator[Evidence]:
    """Finds negative values of the outcome.

    Why it matters: net revenue may be negative after returns, but often it is a booking that belongs to another period.
    How to fix: check the rows; nothing to do if they are right.
    """
    if data.target is None:
        return
    column, numbers = data.target
    positions = np.flatnonzero(numbers.values < 0).tolist()
    if positions:
        rows = data.rows(positions)
        yield Evidence(
            f"{column!r} is negative in {rows_text(rows, len(positions))}.",
            column=column,
            rows=rows,
            hint="Check these rows; nothing to do if they are right.",
            effect="Bookings in the wrong period look like an effect of that period's advertising.",
        )
