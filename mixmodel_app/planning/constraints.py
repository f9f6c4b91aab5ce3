"""Whether a budget question can be answered at all, said before anything is solved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.budget import BudgetRequest
from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FieldError, Infeasible, InvalidInput

MAX_WEEKS = 520
_SLACK = 1e-9  # of the budget: bounds that miss it only by rounding are met


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and most money for each channel over the horizon, (C,) each; their sums enclose the budget."""

    low: Array
    high: Array

    def holds(self, money: Array) -> bool:
        return bool(np.all(money >= self.low) and np.all(money <= self.high))


def bounds_of(request: BudgetRequest, channels: tuple[str, ...], plannable: np.ndarray) -> Bounds:
    """Check a request and turn its bounds into arrays in channel order.

    Raises:
        InvalidInput: a number that is not finite or not in range, or an unknown channel; every wrong field is named.
        Infeasible: no allocation meets the bounds; the message says which of them stand against it.
    """
    errors = [*_budget_errors(request), *_channel_errors(request, channels)]
    if errors:
        text = "; ".join(f"{error.field} {error.message}" for error in errors)
        raise InvalidInput(f"The budget question has errors: {text}.", errors=tuple(errors))
    _refuse_unplannable(request, channels, plannable)
    _refuse_crossed(request, channels)
    low = np.array([request.min_per_channel.get(channel, 0.0) for channel in channels], dtype=float)
    high = np.array([request.max_per_channel.get(channel, request.total_budget) for channel in channels], dtype=float)
    high = np.where(plannable, np.minimum(high, request.total_budget), 0.0)
    _refuse_sums(request, low, high, plannable)
    return Bounds(low, np.maximum(high, low))


def _budget_errors(request: BudgetRequest) -> list[FieldError]:
    errors: list[FieldError] = []
    if not _is_amount(request.total_budget) or request.total_budget <= 0:
        errors.append(FieldError("total_budget", "must be a number above 0"))
    weeks = request.weeks
    if weeks is not None and (isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= MAX_WEEKS):
        errors.append(FieldError("weeks", f"must be a whole number from 1 to {MAX_WEEKS}"))
    return errors


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _channel_errors(request: BudgetRequest, channels: tuple[str, ...]) -> list[FieldError]:
    errors: list[FieldError] = []
    for field, bounds in (("min_per_channel", request.min_per_channel), ("max_per_channel", request.max_per_channel)):
        for channel, value in bounds.items():
            if channel not in channels:
                known = ", ".join(channels)
                errors.append(FieldError(f"{field}.{channel}", f"is not a channel of this model ({known})"))
            elif not _is_amount(value) or value < 0:
                errors.append(FieldError(f"{field}.{channel}", "must be a number of at least 0"))
    return errors


def _refuse_unplannable(request: BudgetRequest, channels: tuple[str, ...], plannable: np.ndarray) -> None:
    asked: Mapping[str, float] = request.min_per_channel
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
        if low > high:
            raise Infeasible(
                f"The minimum for {channel} ({_money(low)}) is above its maximum ({_money(high)}).",
                hint="Lower the minimum or raise the maximum.",
                errors=(FieldError(f"min_per_channel.{channel}", "is above the maximum"),),
            )


def _refuse_sums(request: BudgetRequest, low: Array, high: Array, plannable: np.ndarray) -> None:
    budget = request.total_budget
    if low.sum() > budget * (1 + _SLACK):
        raise Infeasible(
            f"The minimums add up to {_money(low.sum())}, more than the budget of {_money(budget)}.",
            hint="Lower a minimum or raise the budget.",
            errors=(FieldError("min_per_channel", f"adds up to {_money(low.sum())}"),),
        )
    if high.sum() < budget * (1 - _SLACK):
        left_out = "" if plannable.all() else " (channels without a known cost get nothing)"
        raise Infeasible(
            f"The maximums add up to {_money(high.sum())}, less than the budget of {_money(budget)}{left_out}.",
            hint="Raise a maximum or lower the budget.",
            errors=(FieldError("max_per_channel", f"adds up to {_money(high.sum())}"),),
        )


def _money(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")
