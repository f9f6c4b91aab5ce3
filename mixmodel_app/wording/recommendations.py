"""What to do next, derived from the posterior and the plan; nothing is recommended from a model that is not usable."""

from dataclasses import dataclass
from enum import StrEnum

from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus, LearnedFrom, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import (
    BREAK_EVEN,
    break_even_phrase,
    chances,
    likelihood,
    next_one,
    range_name,
    return_sentence,
    return_with_range,
    spans_break_even,
)

MOST = 3
_SMALL_MOVE = 0.01  # of the budget: below this a move is noise
_WORTH_MOVING = 0.6  # below "leaning" a reallocation is too close to call
_WIDE = 1.0  # range wider than the median itself: the data say little


class Action(StrEnum):
    """What a recommendation asks for. A move of money between channels is `SCALE` and names who pays."""

    SCALE = "scale"
    HOLD = "hold"
    CUT = "cut"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing to do.

    Attributes:
        channels: whom it concerns, the receiver of money first.
        sentence: complete in itself: names channel, number and range.
        money: what moves or is at stake, over the plan's horizon or the data range; None when there is none.
        probability: that it is right, when the posterior says so.
        reason: why, in one sentence.
    """

    action: Action
    channels: tuple[str, ...]
    sentence: str
    money: float | None
    probability: float | None
    reason: str


def recommendations(
    results: ModelResults, plan: BudgetPlan | None, needed: float | None = BREAK_EVEN
) -> list[Recommendation]:
    """At most three: with a plan its moves first, then tests and holds; without one what the posterior says by itself.

    `needed` is the return at which a channel pays back, None where that is not known; nothing is said of it then.

    Every channel gets at most one statement of its own. Fewer than three when the model has fewer channels with
    spend; none when the verdict is "do not use".
    """
    if results.verdict is HealthStatus.DO_NOT_USE:
        return []
    if plan is None:
        return [_from_posterior(channel, needed) for channel in _by_stake(results, needed)][:MOST]
    return _from_plan(results, plan, needed)[:MOST]


def _from_plan(results: ModelResults, plan: BudgetPlan, needed: float | None) -> list[Recommendation]:
    """The move as a whole, its largest change, tests of doubtful channels, holds of untouched ones, further changes."""
    changes = _changes(plan)
    others = _by_stake(results, needed)
    if not changes or plan.gain <= 0 or plan.probability_better < _WORTH_MOVING:
        return [*_keep(plan), *(_test_or_hold(channel, needed) for channel in others)]
    largest = sorted(changes, key=lambda name: abs(changes[name]), reverse=True)
    single = [_change(results.channel(name), changes[name], plan, results.frequency) for name in largest]
    rest = [
        _test_or_hold(channel, needed)
        for channel in others
        if channel.name != largest[0] and (channel.name not in changes or _is_doubtful(channel, needed))
    ]
    tested = {item.channels[0] for item in rest}
    further = [item for item in single[1:] if item.channels[0] not in tested]
    return [_move(changes, plan, results.frequency), single[0], *rest, *further]


def _changes(plan: BudgetPlan) -> dict[str, float]:
    """Money per channel that the plan adds or takes, without moves too small to matter."""
    changes = {name: money - plan.current_allocation[name] for name, money in plan.optimized_allocation.items()}
    return {name: change for name, change in changes.items() if abs(change) >= _SMALL_MOVE * plan.total_budget}


def _move(changes: dict[str, float], plan: BudgetPlan, frequency: str) -> Recommendation:
    gainers = sorted((name for name in changes if changes[name] > 0), key=lambda name: -changes[name])
    payers = sorted((name for name in changes if changes[name] < 0), key=lambda name: changes[name])
    amount = max(sum(changes[name] for name in gainers), -sum(changes[name] for name in payers))
    sentence = (
        f"Move {numbers.money(amount)} {horizon(plan.weeks, frequency)}"
        f"{_listed(' from', payers, changes)}{_listed(' to', gainers, changes)}: "
        f"most likely {numbers.with_things(numbers.signed_outcome(plan.gain))} "
        f"(likely range {numbers.value_range(*plan.gain_hdi, numbers.outcome)}, {range_name(plan.level)}), "
        f"{chances(plan.probability_better)}."
    )
    reason = f"Better than the current split is {likelihood(plan.probability_better)}.{_guess(plan)}"
    return Recommendation(Action.SCALE, (*gainers, *payers), sentence, amount, plan.probability_better, reason)


def _listed(word: str, names: list[str], changes: dict[str, float]) -> str:
    """ " from TV", or with several: " from TV (€80k), Radio (€40k) and 2 others"."""
    if len(names) < 2:
        return f"{word} {names[0]}" if names else ""
    shown = [f"{name} ({numbers.money(abs(changes[name]))})" for name in names[:2]]
    others = len(names) - len(shown)
    if others:
        return f"{word} {', '.join(shown)} and {others} other{'s' if others > 1 else ''}"
    return f"{word} {' and '.join(shown)}"


def _guess(plan: BudgetPlan) -> str:
    if not plan.extrapolated:
        return ""
    return f" Part of it lies outside observed spend ({', '.join(plan.extrapolated)}), where the model guesses."


def _keep(plan: BudgetPlan) -> list[Recommendation]:
    names = list(plan.current_allocation)
    if len(names) < 2:
        return []
    split = f"Hold the current split between {_enumerated(names)}"
    if not _changes(plan):
        sentence = f"{split}: the best one found differs by less than {numbers.percent(_SMALL_MOVE)} of the budget."
        return [Recommendation(Action.HOLD, tuple(names), sentence, None, None, "No move is large enough to matter.")]
    probability = plan.probability_better
    gain = numbers.with_things(numbers.value_range(*plan.gain_hdi, numbers.outcome))
    spread = f"likely range of the gain {gain}, {range_name(plan.level)}"
    sentence = f"{split}: the best other one is {chances(probability)} to be better ({spread})."
    reason = f"That another split is better is {likelihood(probability)}."
    return [Recommendation(Action.HOLD, tuple(names), sentence, None, 1 - probability, reason)]


def _change(channel: ChannelResult, change: float, plan: BudgetPlan, frequency: str) -> Recommendation:
    """One channel's part of the plan, explained by what its next unit of money returns."""
    more = change > 0
    marginal = plan.current_marginal_roas.get(channel.name)
    known = return_with_range(channel.marginal_roas)
    amount = f"{numbers.money(abs(change))} {horizon(plan.weeks, frequency)}"
    sentence = (
        f"{'Scale' if more else 'Cut'} {channel.name} {'up' if more else 'back'} by {amount}: "
        f"{next_one()} there returns {known}."
    )
    after = plan.marginal_roas.get(channel.name)
    reason = (
        f"Within the plan its marginal return goes from {numbers.roas(marginal)} "
        f"to {numbers.returned(after)}; money moves until the next unit returns the same everywhere."
    )
    action = Action.SCALE if more else Action.CUT
    return Recommendation(action, (channel.name,), sentence, abs(change), plan.probability_better, reason)


def _by_stake(results: ModelResults, needed: float | None) -> list[ChannelResult]:
    """Channels with a return, those first where the most money hangs on the answer."""
    known = [channel for channel in results.channels if channel.roas is not None]
    return sorted(known, key=lambda channel: channel.spend * _doubt(channel, needed), reverse=True)


def _doubt(channel: ChannelResult, needed: float | None) -> float:
    """How much one unit of spend could gain or lose: distance of the marginal range's ends from break-even.

    Without a break-even: how far the ends are from each other.
    """
    estimate = channel.marginal_roas or channel.roas
    if estimate is None:
        return 0.0
    return estimate.hi - estimate.lo if needed is None else max(abs(estimate.lo - needed), abs(estimate.hi - needed))


def _from_posterior(channel: ChannelResult, needed: float | None) -> Recommendation:
    marginal = channel.marginal_roas
    if _is_doubtful(channel, needed) or marginal is None or needed is None or spans_break_even(marginal, needed):
        return _test_or_hold(channel, needed)
    return _scale_or_cut(channel, marginal, needed)


def _test_or_hold(channel: ChannelResult, needed: float | None) -> Recommendation:
    if channel.roas is not None and _is_doubtful(channel, needed):
        return _test(channel, channel.roas, needed)
    return _hold(channel, needed)


def _is_doubtful(channel: ChannelResult, needed: float | None) -> bool:
    """Whether an experiment would tell more than a change of spend: the return spans break-even or is wide."""
    return channel.roas is not None and (spans_break_even(channel.roas, needed) or _is_wide(channel.roas))


def _is_wide(estimate: Estimate) -> bool:
    return estimate.hi - estimate.lo > _WIDE * abs(estimate.median)


def _test(channel: ChannelResult, roas: Estimate, needed: float | None) -> Recommendation:
    sentence = (
        f"Test {channel.name} with an experiment before moving its money: it most likely returned "
        f"{return_with_range(roas)}{_so(roas, needed)}."
    )
    paid = channel.probability_pays_back
    assumed = channel.learning is not None and channel.learning.learned_from is LearnedFrom.ASSUMPTION
    reason = "The range is wide"
    reason += " and mostly assumption" if assumed else ""
    reason += f"; paying back is {likelihood(paid)}." if paid is not None else "."
    return Recommendation(Action.TEST, (channel.name,), sentence, channel.spend, paid, reason)


def _scale_or_cut(channel: ChannelResult, marginal: Estimate, needed: float) -> Recommendation:
    more = marginal.lo >= needed
    figures = return_with_range(marginal)
    advice = "room to grow" if more else "less than it costs"
    sentence = (
        f"{'Scale' if more else 'Cut'} {channel.name} {'up' if more else 'back'} in small steps: "
        f"{next_one()} there returns {figures}, {advice}."
    )
    side = "above" if more else "below"
    reason = f"The whole likely range of its marginal return lies {side} break-even."
    return Recommendation(Action.SCALE if more else Action.CUT, (channel.name,), sentence, channel.spend, None, reason)


def _hold(channel: ChannelResult, needed: float | None) -> Recommendation:
    marginal = channel.marginal_roas
    if marginal is None:
        known = f"what {next_one()} would return is {numbers.NOT_ESTIMATED}"
    else:
        figures = return_with_range(marginal)
        known = f"{next_one()} there returns {figures}{_so(marginal, needed)}"
    return Recommendation(
        action=Action.HOLD,
        channels=(channel.name,),
        sentence=f"Hold {channel.name} at its spend: {known}.",
        money=channel.spend,
        probability=channel.probability_pays_back,
        reason=return_sentence(channel.name, channel.roas, needed=needed),
    )


def _so(estimate: Estimate, needed: float | None) -> str:
    """What follows for paying back; "" where break-even is not known."""
    phrase = break_even_phrase(estimate, needed)
    return f", so it {phrase}" if phrase else ""


def horizon(periods: int, frequency: str) -> str:
    """How long a plan runs, in words: "a year", "over 13 weeks"."""
    kind = Frequency(frequency)
    if periods == kind.periods_per_year:
        return "a year"
    return f"over {periods} {kind.period}{'' if periods == 1 else 's'}"


def _enumerated(names: list[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} other channels"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
