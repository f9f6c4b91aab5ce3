"""The split of a budget that maximises the posterior mean of incremental revenue."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import minimize

from mixmodel_app.domain.curves import CONCAVE, Array
from mixmodel_app.planning.constraints import Bounds
from mixmodel_app.planning.response import PlanResponse

_GRID_STEPS = 40
_GRID_DRAWS = 100
_MAX_ITERATIONS = 200


def best_split(response: PlanResponse, bounds: Bounds, budget: float, current: Array) -> Array:
    """Money by channel, (C,): sums to the budget, holds the bounds, never worse than `current` where that holds them.

    On concave curves a climb from anywhere finds the best split. Hill curves with a slope above 1 are not concave:
    there a coarse global search (`grid_split`) first finds the right hill.
    """
    starts = [fit_to_budget(current, bounds, budget)]
    if response.draws.saturation not in CONCAVE:
        starts.append(grid_split(response, bounds, budget))
    if bounds.holds(current):
        starts.insert(0, current)

    def revenue(money: Array) -> float:
        return float(response.contribution(money).mean(axis=0).sum())

    start = max(starts, key=revenue)
    return max((start, _climb(response, bounds, budget, start)), key=revenue)


def _climb(response: PlanResponse, bounds: Bounds, budget: float, start: Array) -> Array:
    """SLSQP with the analytic gradient, in shares of the budget and of the start's revenue so that all is near 1."""
    free = bounds.high > bounds.low
    if free.sum() < 2:
        return start
    objective = _objective(response, budget, start, free)
    shares = start[free] / budget
    total = shares.sum()
    solved = minimize(
        objective,
        shares,
        jac=True,
        method="SLSQP",
        bounds=list(zip(bounds.low[free] / budget, bounds.high[free] / budget, strict=True)),
        constraints=[{"type": "eq", "fun": lambda x: x.sum() - total, "jac": np.ones_like}],
        options={"maxiter": _MAX_ITERATIONS, "ftol": 1e-12},
    )
    money = start.copy()
    money[free] = solved.x * budget
    return fit_to_budget(money, bounds, budget) if np.isfinite(money).all() else start


def _objective(
    response: PlanResponse, budget: float, start: Array, free: np.ndarray
) -> Callable[[Array], tuple[float, Array]]:
    """Minus the mean revenue and its gradient, as functions of the free shares."""
    revenue, steepness = response.mean_and_slope(start)
    scale = max(float(np.abs(steepness).max()) * budget, abs(float(revenue.sum()))) or 1.0
    money = start.copy()

    def evaluate(shares: Array) -> tuple[float, Array]:
        money[free] = np.maximum(shares, 0.0) * budget
        mean, slope = response.mean_and_slope(money)
        return -float(mean.sum()) / scale, -slope[free] * budget / scale

    return evaluate


def fit_to_budget(money: Array, bounds: Bounds, budget: float) -> Array:
    """The nearest split in the same proportions of room that sums to the budget and holds the bounds exactly."""
    fitted = _snapped(np.clip(money, bounds.low, bounds.high), bounds, budget)
    for _ in range(4):  # the first pass does it; the others only take rounding away
        rest = budget - fitted.sum()
        room = bounds.high - fitted if rest > 0 else fitted - bounds.low
        if rest == 0 or room.sum() <= 0:
            break
        fitted = np.clip(fitted + rest * room / room.sum(), bounds.low, bounds.high)
    return fitted


def _snapped(money: Array, bounds: Bounds, budget: float) -> Array:
    """Money within a millionth of the budget of a bound goes onto it: a solver's dust is not a decision."""
    dust = 1e-6 * budget
    low = np.where(money - bounds.low < dust, bounds.low, money)
    return np.where(bounds.high - low < dust, bounds.high, low)


def grid_split(response: PlanResponse, bounds: Bounds, budget: float) -> Array:
    """The best split on a coarse grid, by dynamic programming over channels: global, whatever the curves look like.

    Revenue is a sum over channels, so the best use of k steps by the first c channels follows from that of the first
    c − 1. The steps share out what the minimums leave; a hundred draws are enough to find the right hill.
    """
    step = (budget - bounds.low.sum()) / _GRID_STEPS
    if step <= 0:
        return fit_to_budget(bounds.low, bounds, budget)
    values = _table(response, bounds, step)
    best = np.full(_GRID_STEPS + 1, -np.inf)
    best[0] = 0.0
    choices = np.zeros(values.shape, dtype=int)
    used, mine = np.meshgrid(np.arange(_GRID_STEPS + 1), np.arange(_GRID_STEPS + 1), indexing="ij")
    for channel, own in enumerate(values):
        options = np.where(used >= mine, best[used - mine] + own[mine], -np.inf)
        choices[channel] = options.argmax(axis=1)
        best = options.max(axis=1)
    return fit_to_budget(bounds.low + step * np.array(list(_trace(choices, int(best.argmax()))))[::-1], bounds, budget)


def _table(response: PlanResponse, bounds: Bounds, step: float) -> Array:
    """(C, steps + 1): revenue of each channel at its minimum plus k steps, −inf beyond its maximum."""
    thinned = response.thin(_GRID_DRAWS)
    grid = [bounds.low + step * k for k in range(_GRID_STEPS + 1)]
    values = np.stack([thinned.contribution(money).mean(axis=0) for money in grid], axis=1)
    beyond = np.stack([money > bounds.high + step * 1e-9 for money in grid], axis=1)
    return np.where(beyond, -np.inf, values)


def _trace(choices: np.ndarray, steps: int) -> Iterator[int]:
    for row in choices[::-1]:
        yield int(row[steps])
        steps -= int(row[steps])
