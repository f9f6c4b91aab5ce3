"""A table as series in time, and what is left of a series once season and trend are taken out.

Used before any fit, so everything here is least squares on a few hundred rows: milliseconds, no priors, no sampling.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import Frequency

type Array = NDArray[np.float64]

_DAYS_PER_YEAR = 365.25
_KNOT_DAYS = 182.0  # the trend may bend twice a year, slower than any campaign
_KNOT_ROWS = 12  # with fewer a piece, a trend of months would follow single ones
_CARRY = 0.5  # a usual carryover a week; only the rough shape matters here
_HUBER = 1.345  # 95 % efficient under normal noise (Huber 1981, "Robust Statistics")
_ROUNDS = 15
_ROWS_PER_COLUMN = 3  # below that a regression explains noise


@dataclass(frozen=True)
class Series:
    """The mapped columns in the order of their dates: T distinct, readable dates and no empty outcome.

    Attributes:
        dates: (T,) sorted.
        order: (T,) positions of these rows in the table.
        target: (T,).
        media: (T,) by column of a channel, empty cells as 0: what the model gets.
        controls: (T,) by column, empty cells filled between neighbours; columns without any value are left out.
    """

    dates: pd.DatetimeIndex
    order: NDArray[np.intp]
    frequency: Frequency
    target: Array
    media: dict[str, Array]
    controls: dict[str, Array]

    @property
    def years(self) -> float:
        return len(self.dates) / self.frequency.periods_per_year

    @cached_property
    def day_numbers(self) -> Array:
        """(T,) days since the year 2000."""
        return _days(self.dates)

    @cached_property
    def calendar(self) -> Array:
        """(T, K) level, a trend that may bend twice a year, the season and, for days, the weekdays."""
        parts = [trend(self.dates), season(self.dates)]
        if self.frequency is Frequency.DAILY:
            parts.append(np.eye(7)[self.dates.day_of_week][:, 1:])
        return np.column_stack(parts)

    @cached_property
    def drivers(self) -> Array:
        """(T, K) calendar and, as far as the rows allow, the controls and the rough effect of the media."""
        design = self.calendar
        used = [np.maximum(values, 0) for values in self.media.values() if (values > 0).any()]
        rough = [np.log1p(carried(values) / values[values > 0].mean()) for values in used]
        for more in (list(self.controls.values()), rough):
            wider = np.column_stack([design, *[scaled(column) for column in more]])
            if wider.shape[1] * _ROWS_PER_COLUMN <= len(self.dates):
                design = wider
        return design

    @cached_property
    def unexplained(self) -> Array:
        """(T,) the outcome without calendar, controls and media, by a fit that single periods cannot pull."""
        return self.target - robust_fit(self.drivers, self.target)

    @cached_property
    def noise(self) -> float:
        """Usual size of `unexplained`, as a standard deviation corrected for the columns of the fit."""
        rows, columns = self.drivers.shape
        return robust_sd(self.unexplained) * float(np.sqrt(rows / max(rows - columns, 1)))


def trend(dates: pd.DatetimeIndex) -> Array:
    """(T, K) straight pieces of about half a year, or twelve rows, each; they add up to 1, so the level is in them."""
    day = _days(dates)
    pieces = min((day[-1] - day[0]) / _KNOT_DAYS, len(day) / _KNOT_ROWS)
    knots = np.linspace(day[0], day[-1], max(round(pieces), 1) + 1)
    return np.column_stack([np.interp(day, knots, unit) for unit in np.eye(len(knots))])


def season(dates: pd.DatetimeIndex, waves: int = 2) -> Array:
    """(T, 2 · waves) waves that come back each year, the first once, the second twice, and so on.

    Without columns below one year and a half, where trend and season mix.
    """
    day = _days(dates)
    if day[-1] - day[0] < 1.5 * _DAYS_PER_YEAR:
        return np.empty((len(day), 0))
    angle = 2 * np.pi * day / _DAYS_PER_YEAR
    return np.column_stack([wave(k * angle) for k in range(1, waves + 1) for wave in (np.sin, np.cos)])


def _days(dates: pd.DatetimeIndex) -> Array:
    return (dates.to_numpy().astype("datetime64[D]") - np.datetime64("2000-01-01")).astype(float)


def carried(values: Array) -> Array:
    """(T,) with a geometric carryover of one half a period."""
    weights = _CARRY ** np.arange(8)
    return np.convolve(values, weights / weights.sum())[: len(values)].astype(float)


def scaled(values: Array) -> Array:
    """Mean 0 and standard deviation 1; all 0 for a constant."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def without(design: Array, values: Array) -> Array:
    """(T,) or (T, N) what least squares on the columns of `design` leaves of `values`."""
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0], dtype=float)


def robust_fit(design: Array, values: Array) -> Array:
    """(T,) fitted values of a regression in which far-off rows weigh less (Huber's weights, reweighted)."""
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    for _ in range(_ROUNDS):
        size = robust_sd(values - fitted)
        if size == 0:
            return fitted
        weights = np.sqrt(np.minimum(1, _HUBER * size / np.maximum(np.abs(values - fitted), 1e-12 * size)))
        coefficients = np.linalg.lstsq(design * weights[:, None], values * weights, rcond=None)[0]
        fitted = design @ coefficients
    return fitted


def robust_sd(values: Array) -> float:
    """Standard deviation of normal noise with this median distance from the median."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
