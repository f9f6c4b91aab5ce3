"""The response of every channel in every draw as cubic curves over its money: a plan costs microseconds to look up.

R of `planning.response` is a sum over channels of functions of that channel's money alone, so N points per channel
describe it. Between two points the curve is the cubic with the values and slopes of both ends (Hermite); slopes are
limited to three times those of the neighbouring chords, which keeps it monotone (Fritsch and Carlson 1980).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.planning.response import PlanResponse

_POINTS = 33


@dataclass(frozen=True, slots=True)
class CurveTable:
    """Curves of C channels in S draws from 0 to the most money that a search may give them.

    Attributes:
        ends: (C,) money at the last point; the points are closer together near 0, where curves bend most.
        values, slopes: (N, S, C) R and dR/dA at the points.
    """

    ends: Array
    values: Array
    slopes: Array

    @classmethod
    def of(cls, response: PlanResponse, ends: Array) -> Self:
        """Tabulate a response up to `ends`, (C,)."""
        ends = np.maximum(ends, 1e-9)
        points = [ends * share for share in _shares()]
        values = np.stack([response.contribution(money) for money in points])
        slopes = np.stack([response.slope(money) for money in points])
        lengths = np.diff(_shares())[:, None] * ends
        chords = np.diff(values, axis=0) / lengths[:, None, :]
        steepest = 3 * np.minimum(np.concatenate([chords[:1], chords]), np.concatenate([chords, chords[-1:]]))
        return cls(ends, values, np.clip(slopes, 0.0, np.maximum(steepest, 0.0)))

    def mean(self) -> "CurveTable":
        """The posterior mean as a table of one draw: cubics are linear in their values and slopes."""
        return CurveTable(self.ends, self.values.mean(axis=1, keepdims=True), self.slopes.mean(axis=1, keepdims=True))

    def look_up(self, money: Array) -> tuple[Array, Array]:
        """R and dR/dA at money (C,), each (S, C)."""
        shares = _shares()
        place = np.clip(money / self.ends, 0.0, 1.0)
        left = np.clip(np.searchsorted(shares, place, side="right") - 1, 0, _POINTS - 2)
        width = (shares[left + 1] - shares[left]) * self.ends
        t = (place - shares[left]) / (shares[left + 1] - shares[left])
        channels = np.arange(len(money))
        first, last = self.values[left, :, channels].T, self.values[left + 1, :, channels].T
        rise, fall = self.slopes[left, :, channels].T * width, self.slopes[left + 1, :, channels].T * width
        value = (
            (1 + 2 * t) * (1 - t) ** 2 * first
            + t * (1 - t) ** 2 * rise
            + t**2 * (3 - 2 * t) * last
            + t**2 * (t - 1) * fall
        )
        slope = 6 * t * (1 - t) * (last - first) + (1 - t) * (1 - 3 * t) * rise + t * (3 * t - 2) * fall
        return value, slope / width


def _shares() -> Array:
    return np.linspace(0.0, 1.0, _POINTS) ** 2
