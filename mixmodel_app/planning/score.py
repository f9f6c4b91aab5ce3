"""How good an allocation is under an attitude to risk, with the gradient that a climb needs.

Each draw s gives an amount v_s, such as its revenue. Expected: the mean of v. Cautious: the 10th percentile of v; its
gradient comes from a smooth stand-in, the mean of the draws around that percentile under a triangle of weights.
"""

from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.budget import Attitude
from mixmodel_app.domain.curves import Array
from mixmodel_app.planning.table import CurveTable

CAUTION = 0.1
_REACH = 0.06  # half the width of the triangle, as a share of the draws


def level(values: Array, attitude: Attitude) -> float:
    """The amount that counts among draws (S,)."""
    return float(values.mean() if attitude is Attitude.EXPECTED else np.quantile(values, CAUTION))


@dataclass(frozen=True, slots=True)
class Score:
    """The level of v_s(A) = R_s(A) − offset_s − price · ΣA.

    Attributes:
        table: curves of all draws, or of their mean when only the mean counts.
        offset: (S,) what is taken off in each draw, such as the revenue of the current plan.
        price: revenue that 1 of money must bring.
    """

    table: CurveTable
    attitude: Attitude
    offset: Array
    price: float

    @classmethod
    def of(cls, table: CurveTable, attitude: Attitude, offset: Array | None = None, price: float = 0.0) -> "Score":
        offset = np.zeros(table.values.shape[1]) if offset is None else offset
        if attitude is Attitude.EXPECTED:
            return cls(table.mean(), attitude, np.array([offset.mean()]), price)
        return cls(table, attitude, offset, price)

    def __call__(self, money: Array) -> float:
        return level(self._draws(self.table.look_up(money)[0], money), self.attitude)

    def smooth(self, money: Array) -> tuple[float, Array]:
        """The level, smoothed where it is a percentile, and its gradient by channel (C,)."""
        value, slope = self.table.look_up(money)
        draws = self._draws(value, money)
        weights = _triangle(draws) if self.attitude is Attitude.CAUTIOUS else np.full(len(draws), 1 / len(draws))
        return float(weights @ draws), weights @ slope - self.price

    def _draws(self, value: Array, money: Array) -> Array:
        return value.sum(axis=1) - self.offset - self.price * money.sum()


def _triangle(draws: Array) -> Array:
    """(S,) weights that sum to 1, highest for the draw at the percentile."""
    order = np.argsort(draws)
    ranks = (np.arange(len(draws)) + 0.5) / len(draws)
    weights = np.empty(len(draws))
    weights[order] = np.maximum(1 - np.abs(ranks - CAUTION) / _REACH, 0.0)
    return weights / weights.sum() if weights.sum() > 0 else (np.arange(len(draws)) == order[0]).astype(float)
