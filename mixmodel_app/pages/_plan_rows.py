"""The planner's rows: every value a text, and numbers as people type them."""

from dataclasses import dataclass

from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.results import Learning
from mixmodel_app.wording import numbers


@dataclass
class ChannelPlan:
    """One channel: its current money, the bounds in per cent of it, and what is proposed."""

    name: str
    current: str
    low: str
    high: str
    proposed: str
    change: str
    next_now: str
    next_then: str
    extrapolated: bool
    learned_from: str = ""
    evidence: str = ""


def channel_plan(plan: BudgetPlan, name: str, low: str, high: str, learning: Learning | None = None) -> ChannelPlan:
    current, proposed = plan.current_allocation[name], plan.optimized_allocation[name]
    change = numbers.signed_money(proposed - current)
    share = f" ({numbers.signed_percent(proposed / current - 1)})" if current > 0 else ""
    return ChannelPlan(
        name=name,
        current=numbers.full_money(current),
        low=low,
        high=high,
        proposed=numbers.full_money(proposed),
        change=change + share,
        next_now=numbers.roas(plan.current_marginal_roas[name]),
        next_then=numbers.roas(plan.marginal_roas[name]),
        extrapolated=name in plan.extrapolated,
        learned_from=learning.learned_from.value if learning else "",
        evidence=learning.evidence if learning else "",
    )


def typed_number(text: str, what: str) -> float:
    """A number as people type it: "1,200,000", "1 200 000", "80"."""
    cleaned = text.strip().replace(",", "").replace("\u00a0", "").replace(" ", "")
    try:
        value = float(cleaned)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 1e15:
        raise InvalidInput(
            f"{what} is {text!r}, which is not a number.", errors=(FieldError(what, "must be a number"),)
        )
    return value
