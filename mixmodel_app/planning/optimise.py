"""The answer to a budget question: the best plan, beside the current one, with what both would bring."""

from collections.abc import Iterable

import numpy as np

from mixmodel_app.domain.budget import Attitude, BudgetPlan, BudgetRequest, Objective
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.planning.constraints import Bounds, bounds_of
from mixmodel_app.planning.evaluate import Planner, chance_of_more, net_of, span
from mixmodel_app.planning.goals import reach_goal, verify
from mixmodel_app.planning.response import PlanResponse, plannable
from mixmodel_app.planning.solve import best_split


def optimise(draws: ResponseDraws, request: BudgetRequest, frequency: Frequency, level: float = HDI_PROB) -> BudgetPlan:
    """Find the plan that is best for what the request asks for.

    Spend follows the history, with the timing of the request. Revenue figures are posterior means, since predicted −
    current = gain must add up; ranges are HDIs of the draws. `gain` and `probability_better` compare draw by
    draw, a tie counting half. A horizon longer than the history has the whole history as its current mix.

    Args:
        draws: the joint posterior of one run.
        request: objective, budget, bounds and horizon; without `weeks` it is one year, or the history when that is
            shorter.
        frequency: of the run's data, for the length of a year.
        level: of the ranges.

    Raises:
        InvalidInput, Infeasible: see `constraints.bounds_of` and `goals.reach_goal`.
        RuntimeError: the plan breaks a promise (a defect of this package, never of the request).
    """
    return optimise_at(draws, request, frequency, [level])[0]


def optimise_at(
    draws: ResponseDraws, request: BudgetRequest, frequency: Frequency, levels: Iterable[float]
) -> list[BudgetPlan]:
    """`optimise` with the ranges of several levels: one plan for each, which differ in nothing else."""
    planner, bounds = prepare(draws, request, frequency)
    best, current = solve(planner, request, bounds)
    return [_plan(planner, request, best, current, level) for level in levels]


def prepare(draws: ResponseDraws, request: BudgetRequest, frequency: Frequency) -> tuple[Planner, Bounds]:
    """Check the request and prepare its horizon."""
    everything = np.full(len(draws.channels), np.inf)
    bounds = bounds_of(request, draws.channels, plannable(draws), everything) if not request.cap_extrapolation else None
    planner = Planner.over(draws, request.horizon, frequency)
    return planner, bounds or bounds_of(request, draws.channels, plannable(draws), planner.cap)


def solve(planner: Planner, request: BudgetRequest, bounds: Bounds) -> tuple[Array, Array]:
    """The best money by channel and the current plan that it is held against, both (C,) and verified."""
    response = planner.response
    budget = request.total_budget
    if budget is None or request.objective.has_target:
        best = reach_goal(planner, request, bounds, planner.current)
        verify(planner, request, bounds, best, planner.current)
        return best, planner.current
    current = _mix(planner.current, response.plannable, budget)
    if request.attitude is Attitude.EXPECTED and request.objective in (Objective.REVENUE, Objective.PROFIT):
        best = best_split(response, bounds, budget, current)
    else:
        best = reach_goal(planner, request, bounds, current)
    verify(planner, request, bounds, best, current)
    return best, current


def _mix(spent: Array, can_plan: np.ndarray, budget: float) -> Array:
    """The recent mix at the size of the budget; an even one where nothing was spent on plannable channels."""
    mix = spent if spent.sum() > 0 else can_plan.astype(float)
    return mix / mix.sum() * budget


def _plan(planner: Planner, request: BudgetRequest, best: Array, current: Array, level: float) -> BudgetPlan:
    response = planner.response
    proposed, present = (response.contribution(money).sum(axis=1) for money in (best, current))
    gain = proposed - present
    net = net_of(gain, request.margin, float(best.sum() - current.sum()))
    total = float(best.sum()) if request.total_budget is None else request.total_budget
    total = float(best.sum()) if request.objective.has_target else float(total)
    target = request.target if request.objective is Objective.TARGET_REVENUE else None
    return BudgetPlan(
        weeks=response.weeks,
        total_budget=total,
        optimized_allocation=planner.by_channel(best),
        current_allocation=planner.by_channel(current),
        current_spend=planner.by_channel(_spent(response)),
        predicted_revenue=float(proposed.mean()),
        predicted_revenue_hdi=span(proposed, level),
        predicted_roas=float(proposed.mean()) / total if total > 0 else 0.0,
        current_revenue=float(present.mean()),
        current_revenue_hdi=span(present, level),
        gain=float(gain.mean()),
        gain_hdi=span(gain, level),
        probability_better=chance_of_more(net),
        marginal_roas=planner.by_channel(response.slope(best).mean(axis=0)),
        current_marginal_roas=planner.by_channel(response.slope(current).mean(axis=0)),
        extrapolated=planner.extrapolated(best),
        objective=request.objective.value,
        attitude=request.attitude.value,
        probability_of_target=None if target is None else float(np.mean(proposed >= target)),
        net_gain=None if request.margin is None else float(net.mean()),
        level=level,
    )


def _spent(response: PlanResponse) -> Array:
    return np.nan_to_num(response.draws.spend[-response.weeks :]).sum(axis=0)
