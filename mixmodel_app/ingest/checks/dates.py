"""Whether the dates can be read, and form a regular series without repeats or holes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import LEAST_PERIODS, CheckInput, Evidence, check, listing, rows_text

_SHOWN = 3


@check("MM102", severity=Severity.ERROR, title="Unreadable date")
def unreadable_date(data: CheckInput) -> Iterator[Evidence]:
    """Finds cells of the date column that are empty or not a date.

    Why it matters: the order of the periods is what carryover, trend and season are measured on.
    How to fix: correct the cells; year-month-day (2025-03-31) is read the same everywhere. Remove rows of totals.
    """
    if data.dates is None or not data.dates.bad_rows:
        return
    bad, column = data.dates.bad_rows, data.mapping.date_column
    rows = data.rows(bad)
    shown = [_bad_date(data, column, position) for position in bad[:_SHOWN]]
    more = len(bad) - len(shown)
    yield Evidence(
        " ".join(shown) + (f" {more:,} more rows have no readable date." if more else ""),
        column=column,
        rows=rows,
        hint="Write the dates as year-month-day, for example 2025-03-31, and remove rows of totals.",
        effect="The periods cannot be put in order.",
    )


def _bad_date(data: CheckInput, column: str, position: int) -> str:
    row = data.rows([position])[0]
    if pd.isna(data.table.column(column).iloc[position]):
        return f"Row {row}: the date is empty."
    text = data.cell(column, position)
    looks_right = sum(sign.isdigit() for sign in text) >= 4 and any(sign in text for sign in "/-.")
    return f"Row {row}: date is {text!r}, which {'does not exist' if looks_right else 'is not a date'}."


@check("MM103", severity=Severity.ERROR, title="Repeated date")
def repeated_date(data: CheckInput) -> Iterator[Evidence]:
    """Finds dates that stand in more than one row.

    Why it matters: one row must be one period. Repeats come from a file by region, product or campaign, or from two
    exports pasted together, and would count a period several times.
    How to fix: add the rows of each date up to one, or remove the copies.
    """
    if data.dates is None:
        return
    values = data.dates.values
    repeated = values.duplicated(keep=False) & values.notna()
    positions = np.flatnonzero(repeated).tolist()
    if not positions:
        return
    rows = data.rows(positions)
    days = values[repeated].unique().sort_values()
    yield Evidence(
        f"{listing((str(day.date()) for day in days), 3)} {'stands' if len(days) == 1 else 'stand'} "
        "in more than one row: "
        f"{rows_text(rows, len(positions))}.",
        column=data.mapping.date_column,
        rows=rows,
        hint="Add up the rows of each date, for example over regions, or remove the copies.",
        effect="Periods would be counted more than once.",
        fixes=offer.sum_duplicates(data),
    )


@check("MM106", severity=Severity.ERROR, title="Too few periods")
def too_few_periods(data: CheckInput) -> Iterator[Evidence]:
    """Finds tables with fewer than 26 periods.

    Why it matters: with so little history, season, trend and channels cannot be told apart.
    How to fix: upload a longer history; two years of weeks is a good start, three are better.
    """
    if data.dates is None:
        return
    periods = data.dates.values.dropna().nunique()
    if periods < LEAST_PERIODS:
        yield Evidence(
            f"The file has {periods} {'period' if periods == 1 else 'periods'}; at least {LEAST_PERIODS} are needed.",
            column=data.mapping.date_column,
            hint="Upload a longer history: two years of weeks is a good start.",
            effect="Season, trend and channels cannot be told apart.",
        )


@check("MM203", severity=Severity.WARNING, title="Gap in the dates")
def date_gap(data: CheckInput) -> Iterator[Evidence]:
    """Finds missing periods between the first and the last date.

    Why it matters: the model takes rows as neighbours, so spend carries over a gap as if no time had passed.
    How to fix: add the missing periods, with 0 where nothing was spent.
    """
    missing = missing_periods(data)
    if len(missing):
        rows, gaps = _rows_after(data, missing)
        yield Evidence(
            f"{len(missing):,} {_periods(data, len(missing))} missing before {rows_text(rows, gaps)}: "
            f"{listing(str(day.date()) for day in missing)}.",
            column=data.mapping.date_column,
            rows=rows,
            hint="Add these periods, with 0 where nothing was spent.",
            effect="The model takes rows as neighbours, so advertising carries over the gap as if no time had passed.",
        )


def _periods(data: CheckInput, count: int) -> str:
    return f"{data.frequency.period} is" if count == 1 else f"{data.frequency.period}s are"


def _rows_after(data: CheckInput, missing: pd.DatetimeIndex) -> tuple[tuple[int, ...], int]:
    """The rows right behind each gap, and how many gaps there are."""
    assert data.dates is not None
    order = data.dates.values.argsort()
    ordered = data.dates.values[order]
    found = np.unique(ordered.searchsorted(missing))
    return data.rows(order[found].tolist()), len(found)


def missing_periods(data: CheckInput) -> pd.DatetimeIndex:
    """The dates that a series of this frequency would have and this one has not; empty for an irregular one."""
    nothing = pd.DatetimeIndex([])
    if data.dates is None:
        return nothing
    days = data.dates.values.dropna().unique().sort_values()
    if len(days) < 3:
        return nothing
    if data.frequency is Frequency.MONTHLY:
        every = pd.date_range(days[0].to_period("M").start_time, days[-1], freq="MS")
        return every[~every.to_period("M").isin(days.to_period("M"))]
    if data.frequency not in (Frequency.DAILY, Frequency.WEEKLY):
        return nothing
    length = pd.Timedelta(days=1 if data.frequency is Frequency.DAILY else 7)
    steps = days[1:] - days[:-1]
    gaps = [
        start + length * number
        for start, step in zip(days[:-1], steps, strict=True)
        for number in range(1, round(step / length))
    ]
    weekends = all(day.weekday() >= 5 for day in gaps)
    return nothing if weekends and data.frequency is Frequency.DAILY else pd.DatetimeIndex(gaps)


@check("MM208", severity=Severity.WARNING, title="Ambiguous dates")
def ambiguous_dates(data: CheckInput) -> Iterator[Evidence]:
    """Finds date columns in which day and month could be exchanged in every row.

    Why it matters: read the wrong way round, the periods come in the wrong order.
    How to fix: write the dates as year-month-day.
    """
    if data.dates and data.dates.ambiguous:
        yield Evidence(
            f"Day and month cannot be told apart in {data.mapping.date_column!r}: {data.dates.format_note}.",
            column=data.mapping.date_column,
            hint="Write the dates as year-month-day, for example 2025-03-31.",
            effect="Read the wrong way round, the periods come in the wrong order, and every result is wrong.",
        )


@check("MM209", severity=Severity.WARNING, title="Irregular dates")
def irregular_dates(data: CheckInput) -> Iterator[Evidence]:
    """Finds dates that are neither daily nor weekly nor monthly.

    Why it matters: carryover and season are measured in periods, which must be equally long.
    How to fix: use one row per day, week or month.
    """
    if data.dates and data.frequency is Frequency.IRREGULAR and data.dates.values.dropna().nunique() > 2:
        yield Evidence(
            f"The dates are neither daily nor weekly nor monthly: {_steps(data)} lie between neighbours.",
            column=data.mapping.date_column,
            hint="Use one row per day, week or month.",
            effect="Carryover and season are measured in periods of unequal length.",
        )


def _steps(data: CheckInput) -> str:
    """ "7 to 31 days": the shortest and the longest step between distinct dates."""
    assert data.dates is not None
    steps = np.diff(data.dates.values.dropna().unique().sort_values()) / np.timedelta64(1, "D")
    return f"{steps.min():,.0f} to {steps.max():,.0f} days"
