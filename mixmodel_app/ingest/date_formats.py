"""One date as people write it: which day a text means, and in which format it is written."""

import datetime as dt
import re
from collections.abc import Callable

from mixmodel_app.ingest.month_names import month_of

_EXCEL_EPOCH = dt.date(1899, 12, 30)
_LONGEST_RANGE = 366  # days
_LONGEST_TEXT = 60
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_WEEK_WORD = r"(?:CW|KW|Wk|W|S|Week|Woche|Semaine|Semana|Sem)\.?"
_QUARTER_WORD = r"(?:Quarter|Quartal|Trimestre|Q|T)"
_ORDINAL = r"(?:\.|st|nd|rd|th|er|e|º)?"
ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])\s?(\d{{1,2}})[-/.]\s?(\d{{4}}|\d{{2}}){_TIME}")
YEAR_PART = re.compile(r"(\d{4})[-/.](\d{1,2})")
PART_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0)?")
_YEAR_M = re.compile(r"(\d{4})[-\s/]?M(\d{1,2})", re.IGNORECASE)
_WEEK = re.compile(rf"(\d{{4}})[-\s/_]*{_WEEK_WORD}[-\s]?(\d{{1,2}})(?:-?([1-7]))?", re.IGNORECASE)
_WEEK_FIRST = re.compile(rf"{_WEEK_WORD}\s?(\d{{1,2}})[-\s/,._']+(\d{{4}}|\d{{2}})", re.IGNORECASE)
_QUARTER = re.compile(rf"(\d{{4}})[-\s/_]*{_QUARTER_WORD}\s?([1-4])", re.IGNORECASE)
_QUARTER_FIRST = re.compile(
    rf"(?:{_QUARTER_WORD}\s?([1-4])|([1-4]){_ORDINAL}\s?{_QUARTER_WORD})[-\s/,._']*(\d{{4}}|\d{{2}})", re.IGNORECASE
)
_DAY_NAME_YEAR = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[-\s]*(?:de\s)?([^\W\d_]+)\.?[-\s,]*(?:de\s)?(\d{{4}}|\d{{2}}){_TIME}"
)
_NAME_DAY_YEAR = re.compile(rf"([^\W\d_]+)\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_TIME}")
_NAME_YEAR = re.compile(r"([^\W\d_]+)\.?[-\s/]*(?:de\s)?(\d{4}|\d{2})")
_YEAR_NAME = re.compile(r"(\d{4})[-\s/.]*([^\W\d_]+)\.?")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,10}\.?,\s*")
_BEGINNING = re.compile(
    r"^(?:(?:w/[cbe]|w[cb]|week(?: (?:of|commencing|beginning|starting|ending))?)[:\s]|woche (?:vom|ab)\s|"
    r"semaine du\s|semana del?\s)\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+(?:-|to|bis|au|al?|through)\s+|\s*[–—]\s*|(?<=\d{4}-\d\d-\d\d)[/_]")

TWO_DIGIT_YEARS = "month names with years of two digits"
WEEKS = "ISO weeks, as their Monday"

type Reading = tuple[dt.date, str]


def is_date(text: str) -> bool:
    """Whether a text is a date in either order of day and month; bare numbers, such as Excel's, are not."""
    if text.replace(".", "").isdigit() and NUMERIC.fullmatch(text) is None and PART_YEAR.fullmatch(text) is None:
        return False
    return any(read(first_day(text), day_first) is not None for day_first in (True, False))


def read(text: str, day_first: bool) -> Reading | None:
    """The date and the name of its format; a date that does not exist (31 February) is None."""
    if len(text) > _LONGEST_TEXT:
        return None
    for reader in _READERS:
        try:
            reading = reader(text, day_first)
        except (ValueError, OverflowError):
            return None
        if reading is not None:
            return reading if 1900 <= reading[0].year <= 2199 else None
    return None


def first_day(text: str) -> str:
    """The first date of a range ("1 Jan 2024 - 7 Jan 2024", "Week of 1 Jan 2024"); any other text as it is."""
    if len(text) > _LONGEST_TEXT or _either(text):
        return text
    bare = _BEGINNING.sub("", text)
    parts = _BETWEEN.split(bare)
    if len(parts) == 2 and any(_follows(parts[0], parts[1], day_first) for day_first in (True, False)):
        return parts[0]
    return bare if bare == text or _either(bare) else text


def _follows(first: str, last: str, day_first: bool) -> bool:
    begin, end = read(first, day_first), read(last, day_first)
    return begin is not None and end is not None and 0 <= (end[0] - begin[0]).days <= _LONGEST_RANGE


def _either(text: str) -> bool:
    return any(read(text, day_first) for day_first in (True, False))


def week(year: int, number: int, day: int = 1) -> Reading:
    """The Monday, or another day, of an ISO week."""
    return dt.date.fromisocalendar(year, number, day), WEEKS


def _iso(text: str, _: bool) -> Reading | None:
    match = ISO.fullmatch(text)
    return match and (dt.date(*map(int, match.groups())), "year-month-day")


def _compact(text: str, _: bool) -> Reading | None:
    match = _COMPACT.fullmatch(text)
    return match and (dt.date(*map(int, match.groups())), "yyyymmdd")


def _week(text: str, _: bool) -> Reading | None:
    if match := _WEEK.fullmatch(text):
        return week(int(match[1]), int(match[2]), int(match[3] or 1))
    match = _WEEK_FIRST.fullmatch(text)
    return match and week(_year(match[2]), int(match[1]))


def _quarter(text: str, _: bool) -> Reading | None:
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[2])
    elif match := _QUARTER_FIRST.fullmatch(text):
        year, quarter = _year(match[3]), int(match[1] or match[2])
    else:
        return None
    return dt.date(year, 3 * quarter - 2, 1), "quarters, as their first day"


def _month(text: str, _: bool) -> Reading | None:
    if match := YEAR_PART.fullmatch(text) or _YEAR_M.fullmatch(text):
        return dt.date(int(match[1]), int(match[2]), 1), "months"
    if match := PART_YEAR.fullmatch(text):
        return dt.date(int(match[2]), int(match[1]), 1), "months"
    return None


def _numeric(text: str, day_first: bool) -> Reading | None:
    match = NUMERIC.fullmatch(text)
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
        (_YEAR_NAME, 0, 2, 1),
    ):
        match = pattern.fullmatch(bare)
        month = month_of(match[name_at]) if match else None
        if match and month:
            kind = "month names" if day_at or len(match[year_at]) == 4 else TWO_DIGIT_YEARS
            return dt.date(_year(match[year_at]), month, int(match[day_at]) if day_at else 1), kind
    return None


def _serial(text: str, _: bool) -> Reading | None:
    """Excel counts days from 1899-12-30; 20,000 to 80,000 are the years 1954 to 2119."""
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and 20_000 <= float(text) <= 80_000:
        return _EXCEL_EPOCH + dt.timedelta(days=int(float(text))), "Excel day numbers"
    return None


_READERS: tuple[Callable[[str, bool], Reading | None], ...] = (
    _iso, _compact, _numeric, _week, _quarter, _month, _named, _serial
)  # fmt: skip


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)
