"""The planner's headline numbers as texts: before and after, with ranges and chances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mixmodel_app.domain.budget import Evaluation
from mixmodel_app.pages._plan_draft import Draft
from mixmodel_app.wording import numbers
from mixmodel_app.wording.plans import extrapolation_sentence, outcome_word, over_total
from mixmodel_app.wording.uncertainty import chances, likelihood_word, range_name, return_label, worth_text


@dataclass
class PlanNumbers:
    """What stands at the top of the planner."""

    spend: str = ""
    spend_note: str = ""
    is_off_total: bool = False
    revenue_label: str = ""
    revenue: str = ""
    revenue_range: str = ""
    revenue_note: str = ""
    return_label: str = ""
    returned: str = ""
    gain_label: str = ""
    gain: str = ""
    gain_range: str = ""
    gain_note: str = ""
    better: str = ""
    better_note: str = ""
    target_chance: str = ""
    outside: str = ""


def plan_numbers(draft: Draft, found: Evaluation) -> PlanNumbers:
    """The texts of one evaluation."""
    off = over_total(draft.total, found.spend) if draft.has_fixed_total else ""
    before = numbers.value_range(*found.current_revenue_hdi, numbers.outcome)
    has_margin = found.margin is not None
    counted = " after cost" if has_margin else ", whatever it costs"
    return PlanNumbers(
        revenue_label=f"{outcome_word()} from media",
        return_label=return_label(),
        spend=_both(found.current_spend, found.spend, numbers.money),
        spend_note=off or f"{numbers.money(found.moved)} moved",
        is_off_total=bool(off),
        revenue=_both(found.current_revenue, found.revenue, numbers.outcome),
        revenue_range=numbers.value_range(*found.revenue_hdi, numbers.outcome),
        revenue_note=f"mean and {range_name(found.level)}; before {before}",
        returned=_both(found.current_roas, found.roas, numbers.roas),
        gain_label="Gain after cost" if has_margin else f"More {numbers.look().things}",
        gain=net_text(found.net_gain, found.gain),
        gain_range=net_range(found.net_gain_hdi, found.gain_hdi),
        gain_note=_gain_note(found),
        better="–" if found.is_current else chances(found.probability_better),
        better_note="nothing changes: this is the current plan"
        if found.is_current
        else f"{likelihood_word(found.probability_better)}: more than the current plan{counted}",
        target_chance=_target_chance(found),
        outside=extrapolation_sentence(found.extrapolated),
    )


def _both(before: float | None, after: float | None, write: Callable[[float | None], str]) -> str:
    return f"{write(before)} → {write(after)}"


def net_text(net: float | None, gain: float) -> str:
    """The gain after cost, or of the outcome alone where nobody said what one is worth."""
    return numbers.signed_outcome(gain) if net is None else numbers.signed_money(net)


def net_range(net: Sequence[float] | None, gain: Sequence[float]) -> str:
    """Its range."""
    return numbers.value_range(*gain, numbers.outcome) if net is None else numbers.value_range(*net, numbers.money)


def _gain_note(found: Evaluation) -> str:
    rarely = "1 in 10 times below"
    if found.margin is None:
        return f"than the current plan; {rarely} {numbers.outcome(found.low_gain)}"
    worth = worth_text(found.margin)
    kept = f" at {worth}" if worth else ""
    return f"{outcome_word().lower()} added{kept} − spend added; {rarely} {numbers.money(found.low_gain)}"


def _target_chance(found: Evaluation) -> str:
    return "" if found.probability_of_target is None else f"Reaches the target: {chances(found.probability_of_target)}"
