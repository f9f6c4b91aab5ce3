"""A budget plan in words: what it brings, why each move, and what nobody has observed."""

from collections.abc import Mapping

from mixmodel_app.domain.budget import Attitude, Objective, Timing
from mixmodel_app.domain.headroom import OBSERVED_REACH
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import next_one, return_label

_SMALL = 0.002  # of all money: below this a move is not explained
_MOST = 6


def objectives() -> dict[Objective, str]:
    """What a plan can have most of, in words of the outcome; the profit of a count follows from what one is worth."""
    word = outcome_word()
    return {
        Objective.REVENUE: f"Most {word.lower()}",
        Objective.PROFIT: "Most profit",
        Objective.TARGET_REVENUE: f"Cheapest way to {'a number of ' if numbers.look().counts else 'a '}{word.lower()}",
        Objective.TARGET_ROAS: f"{return_label()} of at least",
        Objective.TARGET_MARGINAL_ROAS: "Return on the next 1 of",
    }


def outcome_word() -> str:
    """What media bring: "Revenue", or the name of what is counted."""
    look = numbers.look()
    return look.things.capitalize() if look.counts else "Revenue"


ATTITUDES: dict[Attitude, str] = {
    Attitude.EXPECTED: "Expected: by the mean",
    Attitude.CAUTIOUS: "Cautious: by the 10th percentile",
}

TIMINGS: dict[Timing, str] = {
    Timing.EVEN: "Evenly",
    Timing.LAST_YEAR: "As a year before",
    Timing.OWN: "By own weights",
}

OUTSIDE = "outside observed spend"


def reasons(
    allocation: Mapping[str, float],
    current: Mapping[str, float],
    now: Mapping[str, float],
    then: Mapping[str, float],
) -> list[str]:
    """Why each channel's money changes, the largest change first.

    Args:
        allocation, current: money by channel of the plan and of the current one.
        now, then: return on the next 1 at the current money and at the plan's.
    """
    changes = {name: allocation[name] - current[name] for name in allocation}
    all_money = max(sum(allocation.values()), sum(current.values()))
    moved = [name for name in changes if abs(changes[name]) > _SMALL * all_money]
    moved.sort(key=lambda name: -abs(changes[name]))
    return [_reason(name, changes, now, then) for name in moved[:_MOST]]


def _reason(name: str, changes: Mapping[str, float], now: Mapping[str, float], then: Mapping[str, float]) -> str:
    """One channel against the channel on the other side whose next unit differs most."""
    change = changes[name]
    more = change > 0
    amount = numbers.signed_money(change)
    opposite = [other for other in changes if changes[other] * change < 0]
    text = f"{name} {amount}: {next_one()} returns {numbers.returned(now[name])} there today"
    if opposite:
        rival = (min if more else max)(opposite, key=lambda other: now[other])
        text += f", against {numbers.roas(now[rival])} in {rival}"
    return f"{text}. After the change it is {numbers.returned(then[name])}."


def reach_text() -> str:
    """How far from the highest spend a plan counts as observed: "1.3 ×"."""
    return f"{numbers.decimal(OBSERVED_REACH, 1)} ×"


def extrapolation_sentence(names: list[str]) -> str:
    """What it means that channels leave what was observed; "" when none does."""
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{listed} {verb} {OUTSIDE}: more than {reach_text()} the highest spend of any period in the data. "
        "What happens there nobody has seen; the model continues its curve."
    )


def over_total(total: float, spend: float) -> str:
    """How far an allocation is from a fixed total; "" when it meets it to a thousandth."""
    rest = total - spend
    if abs(rest) <= 1e-3 * max(total, 1.0):
        return ""
    amount = numbers.money(abs(rest))
    return f"{amount} {'left to place' if rest > 0 else 'over the total'}"
