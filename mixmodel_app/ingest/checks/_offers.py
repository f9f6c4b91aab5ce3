"""The fixes that checks offer, each with the words of its button. What they do is in the fixes of the same names.

An offer is made only when the fix can be done; where it would be refused, the function gives nothing.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mixmodel_app.domain.fixes import FixOffer
from mixmodel_app.ingest.checks._base import CheckInput, listing, words
from mixmodel_app.ingest.numbers import ParsedNumbers
from mixmodel_app.ingest.vocabulary import Name

type Offers = tuple[FixOffer, ...]

_MOST_DATES = 1_000
_LONGEST_NAME = 100
_LEAST_WEEKS = 4
_DAYS_PER_YEAR = 366
_SUMMED = words(
    """
    queries query trends volume orders visits stores customers holiday holidays feiertag feiertage rain rainfall
    precipitation snow sunshine
    """
)


def fill_zero(column: str, count: int) -> Offers:
    return (FixOffer("fill_zero", f"Write 0 into {_cells(count)} of {column!r}", {"column": column}),)


def interpolate(data: CheckInput, column: str, count: int) -> Offers:
    """A line needs neighbours: numbers in the column, and dates that say which rows are neighbours."""
    numbers = data.numbers[column]
    if not data.dates_are_sure or numbers.bad or np.isnan(numbers.values).all():
        return ()
    label = f"Fill {_cells(count)} of {column!r} with a straight line between neighbours"
    return (FixOffer("interpolate", label, {"column": column}),)


def _cells(count: int) -> str:
    return "the empty cell" if count == 1 else f"the {count:,} empty cells"


def ignore_column(data: CheckInput, column: str) -> Offers:
    """A model needs its outcome and one channel."""
    mapping = data.mapping
    if column == mapping.target_column or tuple(mapping.media_columns) == (column,):
        return ()
    return (FixOffer("ignore_column", f"Leave {column!r} out of the model", {"column": column}),)


def event_dummies(column: str, events: int) -> Offers:
    label = f"Turn {column!r} into {events} yes/no column{'s' if events > 1 else ''}, one for each event"
    return (FixOffer("event_dummies", label, {"column": column}),)


def drop_rows(data: CheckInput, dates: Iterable[str], what: str) -> Offers:
    """Some rows must be left."""
    days = sorted(set(dates))
    if data.dates is None or len(days) > _MOST_DATES:
        return ()
    gone = int(data.dates.values.isin(pd.DatetimeIndex(days)).sum())
    if not 0 < gone < data.table.n_rows:
        return ()
    return (FixOffer("drop_rows", f"Remove {what} ({gone:,} row{'s' if gone > 1 else ''})", {"dates": days}),)


def drop_partial(periods: int) -> Offers:
    label = "Remove the partly covered period" if periods == 1 else f"Remove the {periods} partly covered periods"
    return (FixOffer("drop_partial", label),)


def sum_duplicates(data: CheckInput) -> Offers:
    if not data.dates_are_sure or _any_text(data):
        return ()
    label = "Make one row of each date: outcome and media added up, the rest averaged"
    return (FixOffer("sum_duplicates", label),)


def roll_up_to_weeks(data: CheckInput, mean: Iterable[str]) -> Offers:
    """Weeks from Monday to Sunday; `mean` are the columns that are averaged instead of added up."""
    if data.dates is None or not data.dates_are_sure or _any_text(data):
        return ()
    if data.dates.values.to_period("W").nunique() < _LEAST_WEEKS:
        return ()
    arguments = {"to": "weekly", "week_start": "MON", "mean": list(mean)}
    return (FixOffer("roll_up", "Add up to weeks from Monday to Sunday", arguments),)


def _any_text(data: CheckInput) -> bool:
    return any(numbers.bad for numbers in data.numbers.values())


def merge_channels(data: CheckInput, columns: Iterable[str], name: str) -> Offers:
    """Numbers of one kind add up, under a name that no other channel has."""
    chosen = list(columns)
    entries = data.mapping.media_columns
    others = {entry.channel_name for column, entry in entries.items() if column not in chosen}
    name = name if len(name) <= _LONGEST_NAME else f"{entries[chosen[0]].channel_name[:80]} and others"
    beside = [str(entries[column].spend_column) for column in chosen if entries[column].spend_column]
    kinds = {(entries[column].spend_type, bool(entries[column].spend_column)) for column in chosen}
    if name in others or len(kinds) > 1 or any(data.numbers[c].bad for c in [*chosen, *beside] if c in data.numbers):
        return ()
    label = f"Join {listing(map(repr, chosen), 4)} into one channel"
    if len(chosen) <= 4:
        label = f"Join {', '.join(map(repr, chosen[:-1]))} and {chosen[-1]!r} into one channel"
    return (FixOffer("merge_channels", label, {"columns": chosen, "name": name}),)


def mark_event(data: CheckInput, dates: Iterable[str], name: str, label: str) -> Offers:
    days = list(dates)
    if not data.dates_are_sure or len(days) > _MOST_DATES or name in data.table.columns:
        return ()
    return (FixOffer("mark_event", label, {"dates": days, "name": name}),)


def add_holidays(data: CheckInput, country: str, country_name: str) -> Offers:
    """Each date must be one row, and within a year of rows there are holidays."""
    if data.dates is None or not data.dates_are_sure or data.dates.values.has_duplicates:
        return ()
    if np.ptp(data.dates.values.to_numpy()) < np.timedelta64(_DAYS_PER_YEAR, "D"):
        return ()
    return (FixOffer("add_holidays", f"Add the public holidays of {country_name}", {"country": country}),)


def add_trend(data: CheckInput) -> Offers:
    if not data.dates_are_sure:
        return ()
    return (FixOffer("add_trend", "Add a column that rises evenly from 0 to 1"),)


def averaged(controls: dict[str, ParsedNumbers]) -> list[str]:
    """The controls that are averaged, not added up, when days become weeks: all but flags, counts and amounts of rain.

    A week's price or temperature is a mean; a flag that is 0 or 1 on each day becomes a count of days.
    """
    return [column for column, numbers in controls.items() if not _adds_up(column, numbers.values)]


def _adds_up(column: str, values: np.ndarray) -> bool:
    filled = values[np.isfinite(values)]
    flag = bool(len(filled)) and set(np.unique(filled).tolist()) <= {0.0, 1.0}
    return flag or any(word in _SUMMED for word in Name.of(column).words)
