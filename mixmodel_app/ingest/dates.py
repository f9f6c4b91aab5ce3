"""Dates as people write them, with the order of day and month decided from the whole column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.ingest.date_formats import (
    NUMERIC,
    PART_YEAR,
    TWO_DIGIT_YEARS,
    YEAR_PART,
    Reading,
    first_day,
    read,
    week,
)
from mixmodel_app.ingest.date_order import exchanged_back, order_of, step_shares, turned_back, year_first
from mixmodel_app.ingest.vocabulary import WEEK, Name

_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ParsedDates:
    """A column of dates.

    Attributes:
        values: one timestamp at midnight per row, NaT where there is none.
        bad_rows: positions of rows that hold something which is not a date, or nothing.
        format_note: how the dates were read, in words.
        ambiguous: dates could be read with day and month exchanged and nothing decides between the two.
        day_first: the order in which dates such as 03/04/2024 were read.
        by_order: whether there are such dates.
        together: whether some are dates, or these dates, only beside all the others of the column.
    """

    values: pd.DatetimeIndex
    bad_rows: tuple[int, ...]
    format_note: str
    ambiguous: bool = False
    day_first: bool = False
    by_order: bool = False
    together: bool = False

    @property
    def share_good(self) -> float:
        return 1 - len(self.bad_rows) / len(self.values) if len(self.values) else 0.0


def parse_dates(series: pd.Series, *, day_first: bool | None = None) -> ParsedDates:
    """Read ISO dates, day/month/year in both orders, ISO weeks (their Monday), month names and Excel serials.

    Args:
        series: text, datetimes or numbers.
            The name of the column decides between weeks and months for a few texts such as "2024-05".
        day_first: a person's choice between 3 April and 4 March for "03/04/2024"; None decides from the column.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        index = pd.DatetimeIndex(series).tz_localize(None).normalize()
        return ParsedDates(index, tuple(np.flatnonzero(index.isna()).tolist()), "dates")
    codes, cells = pd.factorize(series)
    written = [_text(cell) for cell in cells]
    plain = [first_day(text) for text in written]
    texts = year_first(plain) if day_first is None else plain
    order, ambiguous, order_note = order_of(texts, day_first)
    alone = [read(text, order) for text in texts]
    readings = _without_days_as_years(_weeks(texts, str(series.name or "")) or alone)
    if day_first is None:
        readings, turned = turned_back(texts, readings)
        readings, exchanged, doubtful = exchanged_back(texts, readings)
        ambiguous = ambiguous or doubtful
        order_note += turned + exchanged
    if plain != written and any(readings):
        order_note += ", ranges as their first day"
    days = [pd.NaT if reading is None else reading[0] for reading in readings]
    values = pd.DatetimeIndex([*days, pd.NaT], dtype="datetime64[us]")[codes]
    counts = np.bincount(codes[codes >= 0], minlength=len(cells))
    formats: Counter[str] = Counter()
    for reading, count in zip(readings, counts.tolist(), strict=True):
        if reading:
            formats[reading[1]] += count
    note = ", ".join(name for name, _ in formats.most_common(3)) or "no dates"
    bad = tuple(np.flatnonzero(values.isna()).tolist())
    by_order = any(NUMERIC.fullmatch(text) for text in texts)
    together = texts is not plain or readings != alone
    return ParsedDates(values, bad, f"{note}{order_note}", ambiguous, order, by_order, together)


def are_months(cells: Sequence[object]) -> bool:
    """Whether texts that look like numbers are months or weeks of a year, "01.2024" to "53.2024", in every cell."""
    if len(cells) < 2 or not isinstance(cells[0], str) or PART_YEAR.fullmatch(cells[0]) is None:
        return False
    parts = [_year_and_part(cell) if isinstance(cell, str) else None for cell in cells]
    return all(part and 1990 <= part[0] <= 2099 and 1 <= part[1] <= 53 for part in parts)


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return repr(float(cell)).removesuffix(".0") if isinstance(cell, float) else str(cell).strip()


def _weeks(texts: list[str], name: str) -> list[Reading | None] | None:
    """Readings of "2024/05" or "05.2024" as ISO weeks, or None where they are months or something else.

    They are weeks when one is beyond 12, or when the column is named a week and there are too few to tell.
    """
    parts = [_year_and_part(text) for text in texts]
    numbers = {part for year, part in filter(None, parts)}
    if None in parts or not numbers or not 1 <= min(numbers) <= max(numbers) <= 53:
        return None
    if max(numbers) <= 12 and not (len(parts) <= 12 and set(Name.of(name).words) & WEEK):
        return None
    return [_week_or_none(*part) for part in parts if part]


def _year_and_part(text: str) -> tuple[int, int] | None:
    if match := YEAR_PART.fullmatch(text):
        return int(match[1]), int(match[2])
    match = PART_YEAR.fullmatch(text)
    return (int(match[2]), int(match[1])) if match else None


def _week_or_none(year: int, number: int) -> Reading | None:
    try:
        return week(year, number)
    except ValueError:
        return None


def _without_days_as_years(readings: list[Reading | None]) -> list[Reading | None]:
    """Leave "Jan-08" unread when the numbers behind the names are no years: as months they are not in sequence."""
    months = [reading[0] for reading in readings if reading and reading[1] == TWO_DIGIT_YEARS]
    if len(months) < 3 or step_shares(pd.DatetimeIndex(months))[Frequency.MONTHLY] >= _LEAST_SHARE:
        return readings
    return [None if reading and reading[1] == TWO_DIGIT_YEARS else reading for reading in readings]


def frequency(dates: pd.DatetimeIndex) -> Frequency:
    """Daily, weekly or monthly when at least half of the steps between distinct dates are that long."""
    shares = step_shares(dates)
    best = max(shares, key=lambda option: shares[option])
    return best if shares[best] >= _LEAST_SHARE else Frequency.IRREGULAR
