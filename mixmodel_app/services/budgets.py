"""Budget questions, answered from the joint draws of a finished run. No PyMC is loaded for this."""

from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest, Evaluation, Horizon
from mixmodel_app.domain.calendar import days_after
from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import Frequency, OutcomeKind
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.planning.evaluate import Planner
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.planning.table import CurveTable
from mixmodel_app.services.plan_data import plan_data
from mixmodel_app.wording import numbers
from mixmodel_app.wording.plans import reasons


@dataclass(frozen=True, slots=True)
class Board:
    """What a planner shows of a horizon whatever the allocation is.

    Attributes:
        first_day, last_day: of the horizon, ISO.
        current: money of the last equal period by channel; `ceiling` see `Evaluation`.
        curves: mean revenue by channel at `curve_money`, both lists of equal length.
        can_follow_year: whether there is a year of history to take the timing from.
    """

    weeks: int
    frequency: Frequency
    first_day: str
    last_day: str
    current: dict[str, float]
    ceiling: dict[str, float]
    curve_money: dict[str, list[float]]
    curves: dict[str, list[float]]
    can_follow_year: bool
    outcome: OutcomeKind
    target: str


def optimize(principal: Principal, run_id: UUID, request: BudgetRequest, level: float = HDI_PROB) -> BudgetPlan:
    """The plan that is best for the objective under the bounds, with why each channel's money changes.

    Raises:
        Conflict: the run is not completed.
        InvalidInput, Infeasible: the question itself has no answer; says which bound is wrong.
    """
    data = plan_data(principal, run_id)
    asked = replace(request, margin=_usable_margin(request.margin, data.results.outcome))
    with numbers.looking(outcome=data.results.outcome, target=data.results.target):
        plan = optimise(data.draws, asked, data.frequency, level)
        now, then = plan.current_marginal_roas, plan.marginal_roas
        return replace(plan, reasons=reasons(plan.optimized_allocation, plan.current_allocation, now, then))


def evaluate(
    principal: Principal,
    run_id: UUID,
    allocation: dict[str, float],
    horizon: Horizon,
    *,
    margin: float | None = None,
    target: float | None = None,
    level: float = HDI_PROB,
) -> Evaluation:
    """What an allocation would bring, beside the spend of the last equal period.

    Raises:
        Conflict: the run is not completed.
        InvalidInput: an allocation, horizon or margin that cannot be used; names each field.
    """
    data = plan_data(principal, run_id)
    usable = _usable_margin(margin, data.results.outcome)
    planner = Planner.over(data.draws, horizon, data.frequency)
    return planner.evaluate(planner.money_of(allocation), usable, target, level)


def board(principal: Principal, run_id: UUID, horizon: Horizon) -> Board:
    """The frame of a planner: dates, current spend, limits of what was observed, and each channel's curve.

    Raises:
        Conflict: the run is not completed.
        InvalidInput: a horizon that cannot be used.
    """
    data = plan_data(principal, run_id)
    planner = Planner.over(data.draws, horizon, data.frequency)
    ends = np.maximum(1.5 * planner.ceiling, 2 * planner.current)
    money, revenue = _curves(planner, ends)
    weeks = planner.response.weeks
    first, last = days_after(data.dates, monthly=data.frequency is Frequency.MONTHLY, periods=weeks)
    names = planner.channels
    return Board(
        weeks=weeks,
        frequency=data.frequency,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        current=planner.by_channel(planner.current),
        ceiling=planner.by_channel(planner.ceiling),
        curve_money=dict(zip(names, money.T.tolist(), strict=True)),
        curves=dict(zip(names, revenue.T.tolist(), strict=True)),
        outcome=data.results.outcome,
        target=data.results.target,
        can_follow_year=len(data.draws.spend) >= data.frequency.periods_per_year,
    )


def background(principal: Principal, run_id: UUID) -> ModelResults:
    """The results of the run that a plan is drawn on: `results.get`, read once for as long as people plan with it.

    Raises:
        Conflict: the run is not completed.
    """
    return plan_data(principal, run_id).results


def _usable_margin(margin: float | None, outcome: OutcomeKind) -> float | None:
    """All of the outcome where it is money and nobody said; nothing where it is a count, which has no worth by itself.

    Raises:
        InvalidInput: it is not above 0, or more than all of the money.
    """
    is_money = outcome is OutcomeKind.MONEY
    if margin is None:
        return 1.0 if is_money else None
    if margin > 0 and (margin <= 1 or not is_money):
        return margin
    problem = "must be above 0 and at most 1" if is_money else "must be above 0"
    raise InvalidInput(f"The margin {problem}.", errors=(FieldError("margin", problem),))


def _curves(planner: Planner, ends: Array) -> tuple[Array, Array]:
    """Points of money and mean revenue, (N, C) each."""
    mean = CurveTable.of(planner.response.thin(200), ends).mean()
    shares = np.linspace(0, 1, 25)
    return shares[:, None] * ends, np.stack([mean.look_up(ends * share)[0][0] for share in shares])
