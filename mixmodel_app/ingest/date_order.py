"""In which order day, month and year stand in a column of dates, told by all of its dates together."""

import datetime as dt
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.ingest.date_formats import ISO, NUMERIC, Reading, read

_EVEN = 0.9  # share of equal steps from which a reading of the dates counts as evenly spaced
_TELLS_APART = 0.02  # read the wrong way, the months of a year become its first twelve days: nearly as even
_STEPS = (1, 7)  # days


def order_of(texts: list[str], choice: bool | None) -> tuple[bool, bool, str]:
    """Whether the day comes first, whether that stays a guess, and words for it."""
    matches = [match for text in texts if (match := NUMERIC.fullmatch(text))]
    if choice is not None or not matches:
        return bool(choice), False, ""
    day_votes = sum(int(match[1]) > 12 for match in matches)
    month_votes = sum(int(match[3]) > 12 for match in matches)
    if day_votes and month_votes:
        shown = [next(m[0] for m in matches if int(m[place]) > 12) for place in (1, 3)]
        return day_votes >= month_votes, True, f"; {shown[0]!r} has the day first, {shown[1]!r} the month"
    if day_votes or month_votes:
        return day_votes >= month_votes, False, ""
    written = [match[0] for match in matches]
    even = {first: _evenness(texts, first) for first in (True, False)}
    if max(even.values()) >= _EVEN and abs(even[True] - even[False]) > _TELLS_APART:
        return even[True] > even[False], False, ", the order that gives evenly spaced dates"
    if all(match[2] == "." for match in matches):
        return True, False, ", as dates with points have the day first"
    example = next((match[0] for match in matches if int(match[1]) != int(match[3])), written[0])
    readings = [read(example, first) for first in (False, True)]
    month, day = (f"{reading[0].day} {reading[0]:%B %Y}" if reading else "nothing" for reading in readings)
    return False, True, f"; {example!r} could be {month} (as it was read) or {day}"


def year_first(texts: list[str]) -> list[str]:
    """ "24-01-15" and "2024-15-01" as year-month-day where only that gives evenly spaced dates."""
    if not texts or not (all(map(NUMERIC.fullmatch, texts)) or all(map(ISO.fullmatch, texts))):
        return texts
    turned = [_with_year_first(text) for text in texts]
    before = max(_evenness(texts, first) for first in (True, False))
    readable = sum(read(text, False) is not None for text in turned)
    return turned if readable == len(texts) and _evenness(turned, False) > max(_EVEN, before + _TELLS_APART) else texts


def _with_year_first(text: str) -> str:
    if (match := NUMERIC.fullmatch(text)) and len(match[4]) == 2:
        return f"20{match[1]:>02}-{match[3]:>02}-{match[4]}"
    match = ISO.fullmatch(text)
    return f"{match[1]}-{match[3]:>02}-{match[2]:>02}" if match else text


def turned_back(texts: list[str], readings: list[Reading | None]) -> tuple[list[Reading | None], str]:
    """Undo what a spreadsheet does to 03/04/2024 in the other country's settings.

    It turns every date that it can into a real one with day and month exchanged and leaves those from the 13th on as
    text. Turned back only when that, and not the reading as it stands, gives evenly spaced dates.
    """
    real = {i for i, text in enumerate(texts) if ISO.fullmatch(text)}
    left = [match for text in texts if (match := NUMERIC.fullmatch(text))]
    if not real or not left or not all(int(match[1]) > 12 for match in left):
        return readings, ""
    if any(reading and i in real and reading[0].day > 12 for i, reading in enumerate(readings)):
        return readings, ""
    turned: list[Reading | None] = [
        (reading[0].replace(month=reading[0].day, day=reading[0].month), reading[1])
        if reading and i in real
        else reading
        for i, reading in enumerate(readings)
    ]
    before, after = (_largest_share([one[0] for one in found if one]) for found in (readings, turned))
    if after < _EVEN or after <= before + _TELLS_APART:
        return readings, ""
    return turned, ", day and month of those that a spreadsheet had exchanged turned back"


def exchanged_back(texts: list[str], readings: list[Reading | None]) -> tuple[list[Reading | None], str, bool]:
    """Turn back dates with day and month exchanged that stand among dates which follow each other evenly.

    Args:
        texts, readings: the distinct dates in the order of the file.

    Returns:
        The readings, words about those that were turned back, and whether a doubt remains: a date is missing that
        another one would be the other way round.
    """
    days = [reading[0] for reading in readings if reading]
    if len(days) < max(3, len(readings)) or max(day.day for day in days) <= 12:
        return readings, "", False  # firsts of months are the first days of a year the other way round
    before = _share_in_order(days)
    for step in _STEPS:
        fitted = _fitted_to(days, dt.timedelta(days=step))
        places = [place for place, (old, new) in enumerate(zip(days, fitted, strict=True)) if old != new]
        if (
            0 < 2 * len(places) < len(days)
            and len(set(fitted)) == len(days)
            and _share_in_order(fitted) > max(_EVEN, before)
        ):
            found = [reading and (day, reading[1]) for reading, day in zip(readings, fitted, strict=True)]
            words = f", day and month of {texts[places[0]]!r} and the like turned back, as they then are even"
            doubtful = _could_be_missing(fitted, step)
            if doubtful:
                words += f"; {doubtful} is there and could be {_exchanged(doubtful)}, which is missing"
            return found, words, doubtful is not None
    return readings, "", False


def _could_be_missing(days: list[dt.date], step: int) -> dt.date | None:
    """A date that would be one of those missing from an even sequence if its day and month were exchanged."""
    first, last, there = min(days), max(days), set(days)
    sequence = (first + dt.timedelta(days=passed) for passed in range(0, (last - first).days + 1, step))
    missing = {day for day in sequence if day not in there}
    return next((day for day in days if _exchanged(day) in missing), None)


def _fitted_to(days: list[dt.date], step: dt.timedelta) -> list[dt.date]:
    """The days, each turned back when it does not follow the one before it and would then."""
    fitted = days[:1] if not _is_exchanged_start(days, step) else [_exchanged(days[0])]
    for day in days[1:]:
        follows = day - fitted[-1] == step
        fitted.append(_exchanged(day) if not follows and _exchanged(day) - fitted[-1] == step else day)
    return fitted


def _is_exchanged_start(days: list[dt.date], step: dt.timedelta) -> bool:
    return days[1] - days[0] != step and step in (
        days[1] - _exchanged(days[0]),
        _exchanged(days[1]) - _exchanged(days[0]),
    )


def _exchanged(day: dt.date) -> dt.date:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day


def _share_in_order(days: list[dt.date]) -> float:
    """The share of the commonest step from one date to the next."""
    steps = Counter(later - earlier for earlier, later in pairwise(days))
    return max(steps.values()) / (len(days) - 1)


def _evenness(texts: list[str], day_first: bool) -> float:
    """The largest share of steps of one length when the dates are read in this order."""
    days = [reading[0] for text in texts if (reading := read(text, day_first))]
    return _largest_share(days)


def _largest_share(days: list[dt.date]) -> float:
    return max(step_shares(pd.DatetimeIndex(days)).values())


def step_shares(dates: pd.DatetimeIndex) -> dict[Frequency, float]:
    """The share of steps between distinct dates that are a day, a week or a month long."""
    steps = np.diff(dates.dropna().unique().sort_values()) / np.timedelta64(1, "D")
    if len(steps) == 0:
        return {Frequency.IRREGULAR: 0.0}
    return {
        Frequency.DAILY: float(np.mean(steps == 1)),
        Frequency.WEEKLY: float(np.mean(steps == 7)),
        Frequency.MONTHLY: float(np.mean((steps >= 28) & (steps <= 31))),
    }
