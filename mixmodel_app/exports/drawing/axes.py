"""The axes of a Plotly figure: from values to pixels, and where ticks stand."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np

from mixmodel_app.charts.axes import round_step
from mixmodel_app.exports.drawing.known import CannotDraw
from mixmodel_app.wording import numbers

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[ T])")
_NO_LENGTH = 1e-12  # of its ends: an axis that is shorter has no ticks to tell apart
_FIRST_DAY, _LAST_DAY = 1, date(9998, 1, 1).toordinal()
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def as_number(value: Any) -> float | None:
    """A value on an axis as a number: dates as days, None where there is nothing.

    Raises:
        CannotDraw: it is neither a number nor a date.
    """
    if value is None:
        return None
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    day = _day(value)
    if day is None:
        raise CannotDraw(f"the value {value!r} on an axis")
    return day


def _day(value: Any) -> float | None:
    """An ISO text, a date or a numpy one as a day; None for anything else."""
    text = str(value) if isinstance(value, str | date | np.datetime64) else ""
    found = _ISO.match(text)
    if found is None:
        return None
    try:
        return float(date.fromisoformat(found.group()).toordinal())
    except ValueError:
        return None


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, Real) and not math.isfinite(value))


def names_on(values: Sequence[Any]) -> tuple[str, ...]:
    """The categories of an axis, each at its place from 0; none where all values are numbers or dates."""
    if not any(isinstance(value, str) and _day(value) is None for value in values):
        return ()
    return tuple(dict.fromkeys(str(value) for value in values if not _is_missing(value)))


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its range in values, and the pixels that the range lies on.

    Attributes:
        ticks: positions and texts.
        shown: whether there are tick labels.
        names: of its places from 0, when it has categories instead of numbers.
    """

    low: float
    high: float
    first: float
    last: float
    ticks: tuple[tuple[float, str], ...]
    grid: bool
    shown: bool
    title: str
    names: tuple[str, ...] = ()

    def number(self, value: Any) -> float | None:
        """A value of the data as a number on this axis."""
        return number_among(value, self.names)

    def pixel(self, value: float) -> float:
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)

    def part(self, share: float) -> float:
        """A place by its share of the axis."""
        return self.first + share * (self.last - self.first)


def number_among(value: Any, names: Sequence[str]) -> float | None:
    """A value as a number, or the place of its name."""
    if str(value) in names:
        return float(names.index(str(value)))
    return as_number(value)


def limits(layout_axis: Any, values: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """The range that the figure asks for, else one that holds all values with a little room."""
    asked = layout_axis.range
    if asked is not None and None not in asked:
        low, high = (as_number(end) for end in asked)
        if low is None or high is None or low == high:
            raise CannotDraw("an axis without length")
        return low, high
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if not high - low > _NO_LENGTH * max(abs(low), abs(high)):
        room = 0.5 * max(abs(low), 1.0)
        return low - room, high + room
    room = 0.04 * (high - low)
    low, high = (low if from_zero and low == 0 else low - room), (high if from_zero and high == 0 else high + room)
    return (high, low) if layout_axis.autorange == "reversed" else (low, high)


def ticks(
    layout_axis: Any, low: float, high: float, *, dated: bool, most: int, names: Sequence[str] = ()
) -> tuple[tuple[float, str], ...]:
    """The figure's own ticks, else names, months for dates, and round numbers for the rest."""
    if layout_axis.tickvals is not None:
        texts = layout_axis.ticktext if layout_axis.ticktext is not None else layout_axis.tickvals
        pairs = [
            (number_among(value, names), str(text)) for value, text in zip(layout_axis.tickvals, texts, strict=False)
        ]
        return tuple((place, text) for place, text in pairs if place is not None and _lies(place, low, high))
    if names:
        return tuple((float(place), name) for place, name in enumerate(names))
    first, last = min(low, high), max(low, high)
    if dated:
        return _months(first, last, most)
    step = max(round_step((last - first) / most), 1.0 if layout_axis.tickformat == "d" else 0.0)
    start, end = -int(-first // step), int(last // step)
    return tuple((index * step, numbers.plain(index * step)) for index in range(start, end + 1))


def _lies(place: float, low: float, high: float) -> bool:
    """Whether a tick is on its axis, with a hair's breadth for rounding."""
    hair = 1e-6 * abs(high - low)
    return min(low, high) - hair <= place <= max(low, high) + hair


def _months(first: float, last: float, most: int) -> tuple[tuple[float, str], ...]:
    """The first days of months, every so many months."""
    if not _FIRST_DAY <= first <= last <= _LAST_DAY:
        raise CannotDraw("dates outside the calendar")
    start, end = date.fromordinal(int(first)), date.fromordinal(int(last))
    months = range(12 * start.year + start.month - 1, 12 * end.year + end.month)
    if len(months) < 2:
        return tuple((day.toordinal(), numbers.date_text(day)) for day in dict.fromkeys((start, end)))
    step = next((step for step in _MONTH_STEPS if len(months) / step <= most), _MONTH_STEPS[-1])
    days = [date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0]
    return tuple((day.toordinal(), numbers.month_text(day)) for day in days if start <= day <= end)


def smallest_gap(values: Sequence[float]) -> float:
    """The smallest distance between values: as wide as a bar may be."""
    ordered = sorted(set(values))
    return min((b - a for a, b in pairwise(ordered)), default=1.0)
