"""Dates as people write them, with the order of day and month decided from the whole column."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.ingest.month_names import month_of

_EVEN = 0.9  # share of equal steps from which a reading of the dates counts as evenly spaced
_TELLS_APART = 0.02  # read the wrong way, the months of a year become its first twelve days: nearly as even
_LEAST_SHARE = 0.5
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0)?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_FIRST_OF_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_WEEK = re.compile(r"(\d{4})[-\s]?(?:W|KW|S)\s?(\d{1,2})(?:-?([1-7]))?", re.IGNORECASE)
_WEEK_FIRST = re.compile(r"(?:W|KW|S|Week|Woche|Semaine|Semana)\s?(\d{1,2})[-\s/,]+(\d{4})", re.IGNORECASE)
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])\s?(\d{{1,2}})[-/.]\s?(\d{{4}}|\d{{2}}){_TIME}")
_DAY_NAME_YEAR = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[-\s]*(?:de\s)?([^\W\d_]+)\.?[-\s,]*(?:de\s)?(\d{{4}}|\d{{2}}){_TIME}"
)
_NAME_DAY_YEAR = re.compile(rf"([^\W\d_]+)\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_TIME}")
_NAME_YEAR = re.compile(r"([^\W\d_]+)\.?[-\s/]*(?:de\s)?(\d{4}|\d{2})")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,10}\.?,\s*")


@dataclass(frozen=True, slots=True)
class ParsedDates:
    """A column of dates.

    Attributes:
        values: one timestamp at midnight per row, NaT where there is none.
        bad_rows: positions of rows that hold something which is not a date, or nothing.
        format_note: how the dates were read, in words.
        ambiguous: every date could be read with day and month exchanged and nothing decides between the two.
    """

    values: pd.DatetimeIndex
    bad_rows: tuple[int, ...]
    format_note: str
    ambiguous: bool = False

    @property
    def share_good(self) -> float:
        return 1 - len(self.bad_rows) / len(self.values) if len(self.values) else 0.0


def parse_dates(series: pd.Series, *, day_first: bool | None = None) -> ParsedDates:
    """Read ISO dates, day/month/year in both orders, ISO weeks (their Monday), month names and Excel serials.

    Args:
        series: text, datetimes or numbers.
        day_first: a person's choice between 3 April and 4 March for "03/04/2024"; None decides from the column.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        index = pd.DatetimeIndex(series).tz_localize(None).normalize()
        return ParsedDates(index, tuple(np.flatnonzero(index.isna()).tolist()), "dates")
    texts = [_text(cell) for cell in series]
    known = {text: text for text in texts if text}
    order, ambiguous, order_note = _order(list(known), day_first)
    readings = {text: _read(text, order) for text in known}
    found = [readings.get(text) for text in texts]
    values = pd.DatetimeIndex([None if reading is None else reading[0] for reading in found], dtype="datetime64[us]")
    formats = Counter(reading[1] for reading in found if reading)
    note = ", ".join(name for name, _ in formats.most_common(3)) or "no dates"
    bad = tuple(position for position, reading in enumerate(found) if reading is None)
    return ParsedDates(values, bad, f"{note}{order_note}", ambiguous)


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell).strip()


type Reading = tuple[dt.date, str]


def _read(text: str, day_first: bool) -> Reading | None:
    """The date and the name of its format; a date that does not exist (31 February) is None."""
    for read in _READERS:
        try:
            reading = read(text, day_first)
        except (ValueError, OverflowError):
            return None
        if reading is not None:
            return reading if 1900 <= reading[0].year <= 2199 else None
    return None


def _iso(text: str, _: bool) -> Reading | None:
    match = _ISO.fullmatch(text)
    return match and (dt.date(*map(int, match.groups())), "year-month-day")


def _compact(text: str, _: bool) -> Reading | None:
    match = _COMPACT.fullmatch(text)
    return match and (dt.date(*map(int, match.groups())), "yyyymmdd")


def _week(text: str, _: bool) -> Reading | None:
    if match := _WEEK.fullmatch(text):
        year, week, day = int(match[1]), int(match[2]), int(match[3] or 1)
    elif match := _WEEK_FIRST.fullmatch(text):
        year, week, day = int(match[2]), int(match[1]), 1
    else:
        return None
    return dt.date.fromisocalendar(year, week, day), "ISO weeks, as their Monday"


def _month(text: str, _: bool) -> Reading | None:
    if match := _MONTH.fullmatch(text):
        return dt.date(int(match[1]), int(match[2]), 1), "months"
    if match := _MONTH_FIRST_OF_YEAR.fullmatch(text):
        return dt.date(int(match[2]), int(match[1]), 1), "months"
    return None


def _numeric(text: str, day_first: bool) -> Reading | None:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), _year(match[4])
    day, month = (first, second) if day_first else (second, first)
    return dt.date(year, month, day), "day/month/year" if day_first else "month/day/year"


def _named(text: str, _: bool) -> Reading | None:
    bare = _WEEKDAY.sub("", text)
    for pattern, day_at, name_at, year_at in (
        (_DAY_NAME_YEAR, 1, 2, 3),
        (_NAME_DAY_YEAR, 2, 1, 3),
        (_NAME_YEAR, 0, 1, 2),
    ):
        match = pattern.fullmatch(bare)
        month = month_of(match[name_at]) if match else None
        if match and month:
            return dt.date(_year(match[year_at]), month, int(match[day_at]) if day_at else 1), "month names"
    return None


def _serial(text: str, _: bool) -> Reading | None:
    """Excel counts days from 1899-12-30; 20,000 to 80,000 are the years 1954 to 2119."""
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and 20_000 <= float(text) <= 80_000:
        return _EXCEL_EPOCH + dt.timedelta(days=int(float(text))), "Excel day numbers"
    return None


_READERS: tuple[Callable[[str, bool], Reading | None], ...] = (_iso, _compact, _numeric, _week, _month, _named, _serial)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _order(texts: list[str], choice: bool | None) -> tuple[bool, bool, str]:
    """Whether the day comes first, whether that stays a guess, and words for it."""
    matches = [match for text in texts if (match := _NUMERIC.fullmatch(text))]
    if choice is not None or not matches:
        return bool(choice), False, ""
    day_votes = sum(int(match[1]) > 12 for match in matches)
    month_votes = sum(int(match[3]) > 12 for match in matches)
    if day_votes or month_votes:
        return day_votes >= month_votes, False, ""
    if all(match[2] == "." for match in matches):
        return True, False, ", as dates with points have the day first"
    written = [match[0] for match in matches]
    even = {first: _evenness(written, first) for first in (True, False)}
    if max(even.values()) >= _EVEN and abs(even[True] - even[False]) > _TELLS_APART:
        return even[True] > even[False], False, ", the order that gives evenly spaced dates"
    example = next((match[0] for match in matches if int(match[1]) != int(match[3])), written[0])
    readings = [_read(example, first) for first in (False, True)]
    month, day = (f"{reading[0].day} {reading[0]:%B %Y}" if reading else "nothing" for reading in readings)
    return False, True, f"; {example!r} could be {month} (as it was read) or {day}"


def _evenness(texts: list[str], day_first: bool) -> float:
    """The largest share of steps of one length when the dates are read in this order."""
    days = [reading[0] for text in texts if (reading := _read(text, day_first))]
    return max(_step_shares(pd.DatetimeIndex(days)).values())


def frequency(dates: pd.DatetimeIndex) -> Frequency:
    """Daily, weekly or monthly when at least half of the steps between distinct dates are that long."""
    shares = _step_shares(dates)
    best = max(shares, key=lambda option: shares[option])
    return best if shares[best] >= _LEAST_SHARE else Frequency.IRREGULAR


def _step_shares(dates: pd.DatetimeIndex) -> dict[Frequency, float]:
    steps = np.diff(dates.dropna().unique().sort_values()) / np.timedelta64(1, "D")
    if len(steps) == 0:
        return {Frequency.IRREGULAR: 0.0}
    return {
        Frequency.DAILY: float(np.mean(steps == 1)),
        Frequency.WEEKLY: float(np.mean(steps == 7)),
        Frequency.MONTHLY: float(np.mean((steps >= 28) & (steps <= 31))),
    }
