"""Which periods at the two ends of the data are covered only in part: an export that began or ended mid-week."""

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, Frequency
from mixmodel_app.ingest.dates import frequency, parse_dates
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table

LEAST_PERIODS = 6
"""With fewer periods nothing says what is usual."""
NEIGHBOURS = 8
FAR_BELOW = 0.5
"""Share of the lowest neighbour below which outcome and media at once speak of missing days."""


def partial_rows(table: Table, mapping: ColumnMapping) -> dict[int, str]:
    """Position and reason, in words, of each such row; nothing where dates cannot be read, repeat or are irregular.

    Two signs count. The date of an end lies beside the rhythm of all others (a Thursday among Mondays, the 12th among
    firsts), next to one that keeps it. Or outcome and media are both below half of the lowest of the eight neighbours.
    The next period inwards is looked at when an end is partial, so that what is left has complete ends.
    """
    parsed = parse_dates(table.column(mapping.date_column))
    if parsed.bad_rows or parsed.ambiguous or not parsed.values.is_unique:
        return {}
    rhythm = frequency(parsed.values)
    if rhythm is Frequency.IRREGULAR:
        return {}
    order = parsed.values.argsort()
    dates = parsed.values[order]
    amounts = [amount[order] for amount in _amounts(table, mapping)]
    found: dict[int, str] = {}
    first, last = 0, len(dates)
    while last - first > LEAST_PERIODS and (reason := _at_start(dates[first:last], [a[first:last] for a in amounts])):
        found[int(order[first])] = reason
        first += 1
    while last - first > LEAST_PERIODS and (reason := _at_end(dates[first:last], [a[first:last] for a in amounts])):
        last -= 1
        found[int(order[last])] = reason
    return found


def _amounts(table: Table, mapping: ColumnMapping) -> list[np.ndarray]:
    """Outcome and the sum over spend, each (T); one that is not there or negative anywhere is left out."""
    target = parse_numbers(table.column(mapping.target_column)).values
    media = [parse_numbers(table.column(column)).values for column in mapping.media_columns]
    total = np.nansum(media, axis=0) if media else np.zeros(len(target))
    return [np.nan_to_num(target), total]


def _at_start(dates: pd.DatetimeIndex, amounts: list[np.ndarray]) -> str:
    return _beside(dates, 0, 1) or _far_below([amount[: NEIGHBOURS + 1] for amount in amounts])


def _at_end(dates: pd.DatetimeIndex, amounts: list[np.ndarray]) -> str:
    return _beside(dates, -1, -2) or _far_below([amount[::-1][: NEIGHBOURS + 1] for amount in amounts])


def _beside(dates: pd.DatetimeIndex, end: int, inner: int) -> str:
    """Why the date at one end is off the rhythm that its neighbour keeps, or ""."""
    rhythm = frequency(dates)
    if rhythm not in (Frequency.WEEKLY, Frequency.MONTHLY):
        return ""
    if rhythm is Frequency.WEEKLY:
        places, words = dates.day_of_week.to_numpy(), "not on the weekday of the others"
    else:
        places = np.where(dates.is_month_end & (dates.day > 1), 31, dates.day)
        words = "not on the day of the month of the others"
    usual = np.bincount(places).argmax()
    return words if places[end] != usual and places[inner] == usual else ""


def _far_below(amounts: list[np.ndarray]) -> str:
    """Why the first of these values is too low to be a whole period, or ""; the others are its neighbours."""
    lows = [float(amount[1:].min()) for amount in amounts]
    if all(low > 0 and amount[0] < FAR_BELOW * low for low, amount in zip(lows, amounts, strict=True)):
        return "outcome and media are both below half of the lowest period nearby"
    return ""
