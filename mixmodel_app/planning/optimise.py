"""The answer to a budget question: the best split, beside the current one, with what both would bring."""

import numpy as np

from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.results import HDI_PROB
from mixmodel_app.planning.constraints import Bounds, bounds_of
from mixmodel_app.planning.response import PlanResponse, plannable
from mixmodel_app.planning.solve import best_split

EXTRAPOLATION = 1.3


def optimise(draws: ResponseDraws, request: BudgetRequest, frequency: Frequency) -> BudgetPlan:
    """Spread the budget so that the posterior mean of the revenue it causes is as high as possible.

    Spend is spread evenly over the horizon, which follows the history. Revenue figures are posterior means, since
    predicted − current = gain must add up; ranges are 94 % HDIs of the draws. `gain` and `probability_better` compare
    draw by draw, a tie counting half. A horizon longer than the history has the whole history as its current mix.

    Args:
        draws: the joint posterior of one run.
        request: budget, bounds and horizon; without `weeks` it is one year, or the history when that is shorter.
        frequency: of the run's data, for the length of a year.

    Raises:
        InvalidInput, Infeasible: see `constraints.bounds_of`.
        RuntimeError: the split breaks a promise (a defect of this package, never of the request).
    """
    bounds = bounds_of(request, draws.channels, plannable(draws))
    weeks = request.weeks if request.weeks is not None else _one_year(draws, frequency)
    response = PlanResponse.over(draws, weeks)
    spent = np.nan_to_num(draws.spend[-weeks:]).sum(axis=0)
    current = _current_mix(spent, response.plannable, request.total_budget)
    best = best_split(response, bounds, request.total_budget, current)
    _verify(response, bounds, request.total_budget, best, current)
    return _plan(response, request, best, current, spent)


def _one_year(draws: ResponseDraws, frequency: Frequency) -> int:
    return max(min(frequency.periods_per_year, len(draws.spend)), 1)


def _current_mix(spent: Array, can_plan: np.ndarray, budget: float) -> Array:
    """The recent mix at the size of the budget; an even one where nothing was spent on plannable channels."""
    mix = np.where(can_plan, spent, 0.0)
    mix = mix if mix.sum() > 0 else can_plan.astype(float)
    return mix / mix.sum() * budget


def _verify(response: PlanResponse, bounds: Bounds, budget: float, best: Array, current: Array) -> None:
    """The promises of the API, checked on every answer."""
    if not np.isfinite(best).all() or abs(best.sum() - budget) > 1e-6 * budget:
        raise RuntimeError(f"The split sums to {best.sum()!r} instead of {budget!r}.")
    if not bounds.holds(best):
        raise RuntimeError("The split breaks a bound.")
    reached, now = (float(response.contribution(money).mean(axis=0).sum()) for money in (best, current))
    if bounds.holds(current) and reached < now - 1e-9 * abs(now):
        raise RuntimeError("The split is worse than the current one.")


def _plan(response: PlanResponse, request: BudgetRequest, best: Array, current: Array, spent: Array) -> BudgetPlan:
    proposed, present = (response.contribution(money).sum(axis=1) for money in (best, current))
    gain = proposed - present
    return BudgetPlan(
        weeks=response.weeks,
        total_budget=float(request.total_budget),
        optimized_allocation=_by_channel(response, best),
        current_allocation=_by_channel(response, current),
        current_spend=_by_channel(response, spent),
        predicted_revenue=float(proposed.mean()),
        predicted_revenue_hdi=_range(proposed),
        predicted_roas=float(proposed.mean()) / request.total_budget,
        current_revenue=float(present.mean()),
        current_revenue_hdi=_range(present),
        gain=float(gain.mean()),
        gain_hdi=_range(gain),
        probability_better=float(np.mean(gain > 0) + np.mean(gain == 0) / 2),
        marginal_roas=_by_channel(response, response.slope(best).mean(axis=0)),
        current_marginal_roas=_by_channel(response, response.slope(current).mean(axis=0)),
        extrapolated=_extrapolated(response, best),
    )


def _by_channel(response: PlanResponse, values: Array) -> dict[str, float]:
    return dict(zip(response.draws.channels, values.tolist(), strict=True))


def _range(draws: Array) -> tuple[float, float]:
    low, high = hdi(draws, HDI_PROB)
    return float(low), float(high)


def _extrapolated(response: PlanResponse, money: Array) -> list[str]:
    """Channels that would spend more per period than 1.3 times the most that was ever seen in one."""
    highest = np.nan_to_num(response.draws.spend).max(axis=0)
    beyond = money / response.weeks > EXTRAPOLATION * highest
    return [channel for channel, far in zip(response.draws.channels, beyond, strict=True) if far]
