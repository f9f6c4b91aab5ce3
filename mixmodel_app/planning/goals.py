"""The objectives, in the words of the search: what counts as good, what has to be reached, and what was promised.

| objective | the plan |
|---|---|
| revenue | most revenue of a total |
| profit | most margin · revenue − spend, of a total or without one |
| target revenue | least spend whose revenue reaches the target |
| target ROAS | most revenue whose return per 1 spent is at least the target |
| target marginal ROAS | spend in every channel until the next 1 brings the target: most revenue − target · spend |

Cautious takes the 10th percentile in place of the mean: of the gain over the current plan where plans compete, of the
revenue where a target has to be reached.
"""

import numpy as np

from mixmodel_app.domain.budget import Attitude, BudgetRequest, Objective
from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FieldError, Infeasible
from mixmodel_app.planning import search
from mixmodel_app.planning.constraints import Bounds
from mixmodel_app.planning.evaluate import Planner
from mixmodel_app.planning.score import Score, level
from mixmodel_app.planning.search import Ladder
from mixmodel_app.planning.table import CurveTable
from mixmodel_app.wording import numbers

_TOLERANCE = 1e-6  # of a level: what tables and rounding may take from a target


def reach_goal(planner: Planner, request: BudgetRequest, bounds: Bounds, current: Array) -> Array:
    """The best allocation (C,) for an objective.

    Args:
        current: (C,) the plan that gains are counted from, of the same total where the total is fixed.

    Raises:
        Infeasible: no allocation within the bounds reaches the target; says how far one gets.
    """
    table = CurveTable.of(planner.response, np.maximum(bounds.high, current))
    budget = request.total_budget
    top = float(bounds.high.sum()) if budget is None else min(budget, float(bounds.high.sum()))
    ladder = Ladder.over(table.mean(), bounds, top)
    if request.objective is Objective.TARGET_REVENUE:
        return _to_revenue(planner, request, bounds, table, ladder)
    if request.objective is Objective.TARGET_ROAS:
        return _to_return(planner, request, bounds, table, ladder)
    score = _rivalry(planner, request, table, current)
    if budget is not None and not request.objective.has_target:
        reachable = int(np.flatnonzero(np.isfinite(ladder.revenue))[-1])
        starts = [current, ladder.split(reachable)]
        return _not_worse(planner, request, bounds, current, search.best_of_total(score, bounds, budget, starts))
    rung = int((ladder.revenue - score.price * ladder.totals).argmax())
    starts = [np.clip(current, bounds.low, bounds.high), ladder.split(rung)]
    found = search.best_of_any(score, bounds, starts)
    if budget is not None and found.sum() > budget:
        starts = [current, ladder.split(int(np.flatnonzero(np.isfinite(ladder.revenue))[-1]))]
        found = search.best_of_total(score, bounds, budget, starts)
    return _not_worse(planner, request, bounds, current, found)


def price_of(request: BudgetRequest) -> float:
    """Revenue that 1 of money has to bring for the plan to want it."""
    if request.objective is Objective.PROFIT:
        assert request.margin is not None, "checked with the bounds"
        return 1 / request.margin
    return (request.target or 0.0) if request.objective is Objective.TARGET_MARGINAL_ROAS else 0.0


def verify(planner: Planner, request: BudgetRequest, bounds: Bounds, best: Array, current: Array) -> None:
    """The promises of the API, checked on every answer with the response itself.

    Raises:
        RuntimeError: a sum, a bound, a lock or a target is missed, or the current plan was better.
    """
    budget = request.total_budget
    if not np.isfinite(best).all():
        raise RuntimeError("The plan holds a number that is not finite.")
    if budget is not None:
        over = best.sum() - budget
        if over > 1e-6 * budget or (not request.objective.has_target and over < -1e-6 * budget):
            raise RuntimeError(f"The plan sums to {best.sum()!r} instead of {budget!r}.")
    if not bounds.holds(best):
        raise RuntimeError("The plan breaks a bound or a lock.")
    target = request.target or 0.0
    if request.objective is Objective.TARGET_REVENUE:
        if revenue_level(planner, request, best) < target * (1 - _TOLERANCE):
            raise RuntimeError("The plan misses the revenue that was asked for.")
    elif request.objective is Objective.TARGET_ROAS:
        if revenue_level(planner, request, best) < target * float(best.sum()) * (1 - _TOLERANCE):
            raise RuntimeError("The plan misses the return that was asked for.")
    elif _competes(request, bounds, current) and _standing(planner, request, best, current) < -_dust(planner):
        raise RuntimeError("The plan is worse than the current one.")


def revenue_level(planner: Planner, request: BudgetRequest, money: Array) -> float:
    """The revenue of an allocation as the request's attitude counts it, from the response itself."""
    return level(planner.response.contribution(money).sum(axis=1), request.attitude)


def _rivalry(planner: Planner, request: BudgetRequest, table: CurveTable, current: Array) -> Score:
    """Plans compete by their gain over the current one."""
    price = price_of(request)
    offset = planner.response.contribution(current).sum(axis=1) - price * current.sum()
    return Score.of(table, request.attitude, offset, price)


def _standing(planner: Planner, request: BudgetRequest, money: Array, current: Array) -> float:
    """The exact level of the gain of an allocation over the current one; 0 for the current one itself."""
    gain = (planner.response.contribution(money) - planner.response.contribution(current)).sum(axis=1)
    return level(gain - price_of(request) * float(money.sum() - current.sum()), request.attitude)


def _competes(request: BudgetRequest, bounds: Bounds, current: Array) -> bool:
    """Whether the current plan is itself an answer."""
    budget = request.total_budget
    return bounds.holds(current) and (budget is None or float(current.sum()) <= budget * (1 + 1e-9))


def _not_worse(planner: Planner, request: BudgetRequest, bounds: Bounds, current: Array, found: Array) -> Array:
    """What was found on the tables, unless the response itself prefers the current plan."""
    keep = _competes(request, bounds, current) and _standing(planner, request, found, current) < 0
    return current if keep else found


def _to_revenue(planner: Planner, request: BudgetRequest, bounds: Bounds, table: CurveTable, ladder: Ladder) -> Array:
    target = request.target or 0.0
    score = Score.of(table, request.attitude)
    full = _dearest(score, bounds, ladder)
    most = revenue_level(planner, request, full)
    if most < target:
        reached = numbers.full_outcome(most)
        raise Infeasible(
            f"{_wanted_text(target)} is out of reach: within the bounds at most {reached} can be "
            f"{'expected' if request.attitude is Attitude.EXPECTED else 'counted on in 9 of 10 cases'}.",
            hint="Lower the target, raise a maximum or the total, or allow spend outside what was observed.",
            errors=(FieldError("target", f"is above the {reached} that can be reached"),),
        )
    enough = np.flatnonzero(ladder.revenue >= target)
    starts = [full, *([ladder.split(int(enough[0]))] if len(enough) else [])]
    found = search.cheapest(score, bounds, target, starts)
    return _topped_up(planner, request, found, full, target)


def _dearest(score: Score, bounds: Bounds, ladder: Ladder) -> Array:
    """The allocation of the largest total with the most revenue."""
    total = float(ladder.totals[-1])
    if total >= bounds.high.sum() * (1 - 1e-12):
        return bounds.high
    last = int(np.flatnonzero(np.isfinite(ladder.revenue))[-1])
    return search.best_of_total(score, bounds, total, [ladder.split(last)])


def _topped_up(planner: Planner, request: BudgetRequest, found: Array, full: Array, target: float) -> Array:
    """Tables are off by a millionth: go towards `full` until the response itself reaches the target."""
    if revenue_level(planner, request, found) >= target:
        return found
    short, enough = 0.0, 1.0
    for _ in range(24):
        middle = (short + enough) / 2
        reached = revenue_level(planner, request, found + middle * (full - found)) >= target
        short, enough = (short, middle) if reached else (middle, enough)
    return found + enough * (full - found)


def _to_return(planner: Planner, request: BudgetRequest, bounds: Bounds, table: CurveTable, ladder: Ladder) -> Array:
    """The largest total whose best split still returns the target."""
    target = request.target or 0.0
    score = Score.of(table, request.attitude)
    splits: dict[int, Array] = {}

    def holds(rung: int) -> bool:
        if rung not in splits:
            total = float(ladder.totals[rung])
            splits[rung] = search.best_of_total(score, bounds, total, [ladder.split(rung)])
        return revenue_level(planner, request, splits[rung]) >= target * float(splits[rung].sum())

    def returns(rung: int) -> bool:
        return score(ladder.split(rung)) >= target * float(ladder.totals[rung])

    rungs = [int(rung) for rung in np.flatnonzero(np.isfinite(ladder.revenue)) if ladder.totals[rung] > 0]
    by_mean = [place for place, rung in enumerate(rungs) if ladder.revenue[rung] >= target * ladder.totals[rung]]
    last, start = len(rungs) - 1, by_mean[-1] if by_mean else 0
    # From rung to rung, not by halves: with locked money the return first rises with the total and then falls. Where
    # the ladder's own split returns the target, a search of the rung can be spared on the way down.
    near = next((place for place in range(start, -1, -1) if returns(rungs[place])), start)
    top = near if holds(rungs[near]) else start
    good = next((place for place in range(top, -1, -1) if holds(rungs[place])), -1)
    while 0 <= good < last and holds(rungs[good + 1]):
        good += 1
    bad = min(good + 1, last)
    inside = splits[rungs[good]] if good >= 0 else bounds.low
    found = _stretched(planner, request, inside, splits[rungs[bad]], target)
    holds_at_all = revenue_level(planner, request, found) >= target * float(found.sum()) * (1 - _TOLERANCE)
    if not holds_at_all or found.sum() <= _TOLERANCE * ladder.totals[-1]:
        reached = max(revenue_level(planner, request, money) / float(money.sum()) for money in splits.values())
        raise Infeasible(
            f"A return of {numbers.returned(target)} per 1 spent is out of reach: within the bounds the best found is "
            f"{numbers.returned(reached)}.",
            hint="Lower the target, or lower a minimum or unlock a channel that returns less.",
            errors=(FieldError("target", f"is above the {numbers.returned(reached)} that can be reached"),),
        )
    return found


def _wanted_text(target: float) -> str:
    """A target in words: "Revenue of €40,000", "4,000 orders"."""
    text = numbers.with_things(numbers.full_outcome(target))
    return text if numbers.look().counts else f"Revenue of {text}"


def _stretched(planner: Planner, request: BudgetRequest, inside: Array, outside: Array, target: float) -> Array:
    """The last point on the way out of the target that still returns it."""
    good, bad = 0.0, 1.0
    way = outside - inside
    for _ in range(24):
        middle = (good + bad) / 2
        money = inside + middle * way
        holds = revenue_level(planner, request, money) >= target * float(money.sum())
        good, bad = (middle, bad) if holds else (good, middle)
    return inside + good * way


def _dust(planner: Planner) -> float:
    return 1e-9 * abs(float(planner.current_revenue.mean())) + 1e-9
