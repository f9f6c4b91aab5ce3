"""Whether a budget question can be answered at all, said before anything is solved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.budget import BudgetRequest, Objective
from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FieldError, Infeasible, InvalidInput
from mixmodel_app.planning.timing import MAX_WEEKS
from mixmodel_app.wording import numbers

_SLACK = 1e-9  # of the budget: bounds that miss it only by rounding are met


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and most money for each channel over the horizon, (C,) each; their sums enclose a fixed budget."""

    low: Array
    high: Array

    def holds(self, money: Array) -> bool:
        return bool(np.all(money >= self.low) and np.all(money <= self.high))


def bounds_of(request: BudgetRequest, channels: tuple[str, ...], plannable: np.ndarray, cap: Array) -> Bounds:
    """Check a request and turn its bounds and locks into arrays in channel order.

    Args:
        cap: (C,) most money per channel where extrapolation is capped.

    Raises:
        InvalidInput: a number that is not finite or not in range, or an unknown channel; every wrong field is named.
        Infeasible: no allocation meets the bounds; the message says which of them stand against it.
    """
    errors = [*_budget_errors(request), *_goal_errors(request), *_channel_errors(request, channels)]
    if errors:
        text = "; ".join(f"{error.field} {error.message}" for error in errors)
        raise InvalidInput(f"The budget question has errors: {text}.", errors=tuple(errors))
    _refuse_unplannable(request, channels, plannable)
    _refuse_crossed(request, channels)
    least, most = request.min_per_channel | request.locked, request.max_per_channel | request.locked
    total = math.inf if request.total_budget is None else request.total_budget
    low = np.array([least.get(channel, 0.0) for channel in channels], dtype=float)
    high = np.array([most.get(channel, total) for channel in channels], dtype=float)
    if request.cap_extrapolation:
        fixed = np.array([channel in request.locked for channel in channels])
        high = np.where(fixed, high, np.minimum(high, cap))
    high = np.where(plannable, np.minimum(high, total), 0.0)
    _refuse_endless(channels, high)
    high = np.maximum(high, low)
    if request.total_budget is not None:
        _refuse_sums(request, request.total_budget, low, high, plannable)
    return Bounds(low, high)


def _budget_errors(request: BudgetRequest) -> list[FieldError]:
    errors: list[FieldError] = []
    if request.total_budget is not None and (not _is_amount(request.total_budget) or request.total_budget <= 0):
        errors.append(FieldError("total_budget", "must be a number above 0"))
    weeks = request.weeks
    if weeks is not None and (isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= MAX_WEEKS):
        errors.append(FieldError("weeks", f"must be a whole number from 1 to {MAX_WEEKS}"))
    return errors


def _goal_errors(request: BudgetRequest) -> list[FieldError]:
    errors: list[FieldError] = []
    if request.objective is Objective.REVENUE and request.total_budget is None:
        errors.append(
            FieldError("total_budget", "is needed for the most revenue: without a total it would be all there is")
        )
    if request.objective.has_target and (not _is_amount(request.target) or (request.target or 0) <= 0):
        errors.append(FieldError("target", "must be a number above 0"))
    if request.margin is None and request.objective is Objective.PROFIT:
        errors.append(FieldError("margin", "must say what one is worth"))
    if request.margin is not None and (not _is_amount(request.margin) or request.margin <= 0):
        errors.append(FieldError("margin", "must be above 0"))
    return errors


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _channel_errors(request: BudgetRequest, channels: tuple[str, ...]) -> list[FieldError]:
    errors: list[FieldError] = []
    fields = {
        "min_per_channel": request.min_per_channel,
        "max_per_channel": request.max_per_channel,
        "locked": request.locked,
    }
    for field, bounds in fields.items():
        for channel, value in bounds.items():
            if channel not in channels:
                known = ", ".join(channels)
                errors.append(FieldError(f"{field}.{channel}", f"is not a channel of this model ({known})"))
            elif not _is_amount(value) or value < 0:
                errors.append(FieldError(f"{field}.{channel}", "must be a number of at least 0"))
    return errors


def _refuse_unplannable(request: BudgetRequest, channels: tuple[str, ...], plannable: np.ndarray) -> None:
    asked: Mapping[str, float] = request.min_per_channel | request.locked
    unknown = [channel for channel, known in zip(channels, plannable, strict=True) if not known]
    wrong = [channel for channel in unknown if asked.get(channel, 0.0) > 0]
    if wrong:
        raise InvalidInput(
            f"{wrong[0]} cannot be planned: its cost is not known.",
            hint="Add its spend to the data as a column, or remove its minimum.",
            errors=tuple(FieldError(f"min_per_channel.{channel}", "has no known cost") for channel in wrong),
        )
    if len(unknown) == len(channels):
        raise InvalidInput(
            "No channel can be planned: the cost of none of them is known.",
            hint="Add the spend of the channels to the data as columns.",
            errors=(FieldError("total_budget", "cannot be spread: no channel has a known cost"),),
        )


def _refuse_crossed(request: BudgetRequest, channels: tuple[str, ...]) -> None:
    for channel in channels:
        low, high = request.min_per_channel.get(channel, 0.0), request.max_per_channel.get(channel, math.inf)
        locked = request.locked.get(channel, low)
        if low > high:
            raise Infeasible(
                f"The minimum for {channel} ({_money(low)}) is above its maximum ({_money(high)}).",
                hint="Lower the minimum or raise the maximum.",
                errors=(FieldError(f"min_per_channel.{channel}", "is above the maximum"),),
            )
        if not low <= locked <= high:
            side = f"below its minimum ({_money(low)})" if locked < low else f"above its maximum ({_money(high)})"
            raise Infeasible(
                f"{channel} is locked at {_money(locked)}, {side}.",
                hint="Unlock the channel or change its bound.",
                errors=(FieldError(f"locked.{channel}", "is outside the bounds"),),
            )


def _refuse_endless(channels: tuple[str, ...], high: Array) -> None:
    endless = [channel for channel, most in zip(channels, high, strict=True) if math.isinf(most)]
    if endless:
        raise InvalidInput(
            f"Nothing limits the spend of {endless[0]}: the total is free and the channel has no maximum.",
            hint="Give a maximum or a total, or keep the plan near observed spend.",
            errors=tuple(
                FieldError(f"max_per_channel.{channel}", "is needed with a free total") for channel in endless
            ),
        )


def _refuse_sums(request: BudgetRequest, budget: float, low: Array, high: Array, plannable: np.ndarray) -> None:
    if low.sum() > budget * (1 + _SLACK):
        names = "The minimums and locked channels add" if request.locked else "The minimums add"
        field = "min_per_channel" if request.min_per_channel else "locked"
        raise Infeasible(
            f"{names} up to {_money(low.sum())}, more than the budget of {_money(budget)}.",
            hint="Lower a minimum or raise the budget."
            if not request.locked
            else "Unlock a channel or raise the budget.",
            errors=(FieldError(field, f"adds up to {_money(low.sum())}"),),
        )
    if request.objective.has_target or high.sum() >= budget * (1 - _SLACK):
        return
    if request.cap_extrapolation:
        raise Infeasible(
            f"Within the maximums, the locks and 1.3 × the highest observed spend at most {_money(high.sum())} can be "
            f"spent, less than the budget of {_money(budget)}.",
            hint="Lower the budget, raise a maximum, or allow spend outside what was observed.",
            errors=(FieldError("total_budget", f"is above the {_money(high.sum())} that can be spent"),),
        )
    left_out = "" if plannable.all() else " (channels without a known cost get nothing)"
    raise Infeasible(
        f"The maximums add up to {_money(high.sum())}, less than the budget of {_money(budget)}{left_out}.",
        hint="Raise a maximum or lower the budget.",
        errors=(FieldError("max_per_channel", f"adds up to {_money(high.sum())}"),),
    )


def _money(value: float) -> str:
    return numbers.full_money(value)
