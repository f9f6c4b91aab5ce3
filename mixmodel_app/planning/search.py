"""Searches on tabulated curves: the best plan of a total or without one, the cheapest to a revenue, the largest at a
return.

Each starts from the best of a coarse ladder of totals, which is global whatever the curves look like, and then climbs
with gradients. A percentile has kinks where a climb stops early, so small exchanges of money between channels follow.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.optimize import minimize

from mixmodel_app.domain.budget import Attitude
from mixmodel_app.domain.curves import Array
from mixmodel_app.planning.constraints import Bounds
from mixmodel_app.planning.score import Score
from mixmodel_app.planning.solve import fit_to_budget
from mixmodel_app.planning.table import CurveTable

_STEPS = 160
_MAX_ITERATIONS = 150
_EXCHANGES = (0.02, 0.005, 0.001)  # of the room of all channels
_SWEEPS = 12
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Ladder:
    """The best mean revenue of each total from the sum of the minimums to that of the maximums, in equal steps.

    Attributes:
        totals, revenue: (K + 1,) by rung; revenue may be −inf where no split has exactly this total.
        choices: (C, K + 1) steps that a channel takes when the channels up to it share so many.
    """

    bounds: Bounds
    step: float
    totals: Array
    revenue: Array
    choices: np.ndarray

    @classmethod
    def over(cls, mean: CurveTable, bounds: Bounds, top: float) -> Self:
        """By dynamic programming over channels: revenue is a sum over them."""
        step = max(top - float(bounds.low.sum()), 0.0) / _STEPS
        rungs = np.arange(_STEPS + 1)
        own = np.stack([_own(mean, bounds, step, k) for k in range(_STEPS + 1)], axis=1)
        best = np.where(rungs == 0, 0.0, -np.inf)
        choices = np.zeros(own.shape, dtype=int)
        used, mine = np.meshgrid(rungs, rungs, indexing="ij")
        for channel, values in enumerate(own):
            options = np.where(used >= mine, best[used - mine] + values[mine], -np.inf)
            choices[channel] = options.argmax(axis=1)
            best = options.max(axis=1)
        return cls(bounds, step, bounds.low.sum() + step * rungs, best, choices)

    def split(self, rung: int) -> Array:
        """The allocation behind a rung, (C,)."""
        money = self.bounds.low.copy()
        for channel in range(len(money) - 1, -1, -1):
            steps = int(self.choices[channel, rung])
            money[channel] += self.step * steps
            rung -= steps
        return np.minimum(money, self.bounds.high)


def _own(mean: CurveTable, bounds: Bounds, step: float, k: int) -> Array:
    """(C,) mean revenue of each channel at its minimum plus k steps; −inf beyond its maximum."""
    money = bounds.low + step * k
    value = mean.look_up(np.minimum(money, bounds.high))[0][0]
    return np.where(money > bounds.high + step * 1e-9, -np.inf, value)


def best_of_total(score: Score, bounds: Bounds, total: float, starts: list[Array]) -> Array:
    """The highest score among allocations that sum to `total`."""
    fitted = [fit_to_budget(start, bounds, total) for start in starts]
    found = [*fitted, *(_climb(score, bounds, start, total) for start in fitted)]
    best = max((fit_to_budget(money, bounds, total) for money in found), key=score)
    return fit_to_budget(_exchange(score, bounds, best, keeps_total=True), bounds, total)


def best_of_any(score: Score, bounds: Bounds, starts: list[Array]) -> Array:
    """The highest score among all allocations within the bounds."""
    found = [*starts, *(_climb(score, bounds, start, None) for start in starts)]
    best = max((np.clip(money, bounds.low, bounds.high) for money in found), key=score)
    return _exchange(score, bounds, best, keeps_total=False)


def cheapest(score: Score, bounds: Bounds, target: float, starts: list[Array]) -> Array:
    """The least money whose score reaches `target`; the maximums must reach it."""
    found = [_reach(score, bounds, money, target) for money in starts]
    climbed = [_least_money(score, bounds, money, target) for money in found]
    best = min([*found, *(_reach(score, bounds, money, target) for money in climbed)], key=lambda money: money.sum())
    for _ in range(_ROUNDS if score.attitude is Attitude.CAUTIOUS else 1):
        best = _reach(score, bounds, best, target)
        better = _reach(score, bounds, best_of_total(score, bounds, float(best.sum()), [best]), target)
        if best.sum() - better.sum() < 1e-4 * best.sum():
            return min(best, better, key=lambda money: money.sum())
        best = better
    return best


def _climb(score: Score, bounds: Bounds, start: Array, total: float | None) -> Array:
    """SLSQP on the smooth score, in shares of all the room so that every number is near 1."""
    unit = max(float(bounds.high.sum()), 1e-9)
    scale = max(abs(score(start)), float(np.abs(score.smooth(start)[1]).max()) * unit, 1e-12)

    def loss(shares: Array) -> tuple[float, Array]:
        value, slope = score.smooth(shares * unit)
        return -value / scale, -slope * unit / scale

    fixed = [] if total is None else [_equal(total / unit)]
    return _solved(loss, bounds, start, unit, fixed)


def _least_money(score: Score, bounds: Bounds, start: Array, target: float) -> Array:
    unit = max(float(bounds.high.sum()), 1e-9)

    def enough(shares: Array) -> float:
        return score.smooth(shares * unit)[0] / target - 1

    def steepness(shares: Array) -> Array:
        return score.smooth(shares * unit)[1] * unit / target

    def money(shares: Array) -> tuple[float, Array]:
        return float(shares.sum()), np.ones_like(shares)

    return _solved(money, bounds, start, unit, [{"type": "ineq", "fun": enough, "jac": steepness}])


def _solved(loss: Any, bounds: Bounds, start: Array, unit: float, constraints: list[dict[str, Any]]) -> Array:
    solved = minimize(
        loss,
        start / unit,
        jac=True,
        method="SLSQP",
        bounds=list(zip(bounds.low / unit, bounds.high / unit, strict=True)),
        constraints=constraints,
        options={"maxiter": _MAX_ITERATIONS, "ftol": 1e-11},
    )
    return np.clip(solved.x * unit, bounds.low, bounds.high) if np.isfinite(solved.x).all() else start


def _equal(total: float) -> dict[str, Any]:
    return {"type": "eq", "fun": lambda shares: shares.sum() - total, "jac": np.ones_like}


def _reach(score: Score, bounds: Bounds, money: Array, target: float) -> Array:
    """The nearest point towards the maximums, or back towards the minimums, whose score is just `target`."""
    down = score(money) >= target
    end = bounds.low if down else bounds.high
    if down and score(end) >= target:
        return end
    enough, short = (money, end) if down else (end, money)
    for _ in range(48):
        middle = (enough + short) / 2
        enough, short = (middle, short) if score(middle) >= target else (enough, middle)
    return enough


def _exchange(score: Score, bounds: Bounds, money: Array, *, keeps_total: bool) -> Array:
    """Move small amounts between two channels, or in and out of one, as long as the score rises."""
    if score.attitude is Attitude.EXPECTED:
        return money
    best, reached = money, score(money)
    room = float((bounds.high - bounds.low).sum())
    for share in _EXCHANGES:
        for _ in range(_SWEEPS):
            before = reached
            for step in _steps(len(money), share * room, keeps_total=keeps_total):
                tried = np.clip(best + step, bounds.low, bounds.high)
                if keeps_total and abs(tried.sum() - best.sum()) > 1e-9 * room:
                    continue
                value = score(tried)
                if value > reached:
                    best, reached = tried, value
            if reached - before <= 1e-6 * abs(before):
                break
    return best


def _steps(count: int, amount: float, *, keeps_total: bool) -> list[Array]:
    units = np.eye(count) * amount
    if not keeps_total:
        return [*units, *(-units)]
    return [units[i] - units[j] for i in range(count) for j in range(count) if i != j]
