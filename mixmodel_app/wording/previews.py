"""What a model thinks before it has seen the data, and what is implausible about that, in sentences."""

from mixmodel_app.domain.results import Estimate
from mixmodel_app.wording import numbers
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import chances, per_one, return_sentence

_ASK = "Say what return you would expect"


def prior_return_sentence(channel: str, prior: Estimate | None) -> str:
    """ "Before seeing the data the model thinks TV returns 0.40–3.10 per 1 spent." """
    if prior is None:
        return return_sentence(channel, None, needed=None)
    return f"Before seeing the data the model thinks {channel} returns {_returns(prior)}."


def prior_share_sentence(share: Estimate, target: str) -> str:
    """The same about all channels together."""
    shown = numbers.value_range(share.lo, share.hi, numbers.percent)
    return f"Before seeing the data the model thinks media cause {shown} of {outcome_name(target)}."


def media_more_than_all(probability: float, target: str) -> str:
    """Media that cause more than there is."""
    return (
        f"By these priors media cause more than all of {outcome_name(target)} with a chance of "
        f"{chances(probability)}. {_ASK} of each channel, or make the priors of their heights smaller."
    )


def returns_without_bound(channels: list[str], highest: float, limit: float) -> str:
    """A range that reaches where no return is."""
    return (
        f"The prior of {named(channels)} allows returns above {_round(limit)} {per_one()}, up to "
        f"{_round(highest)}. {_ASK}, so that the data need not rule these out."
    )


def returns_all_high(channels: list[str], limit: float) -> str:
    """A range that starts where few returns are."""
    return _sure(channels, f"more than {_round(limit)} {per_one()}", "lower")


def returns_all_low(channels: list[str], limit: float) -> str:
    """A range that ends before most returns begin."""
    return _sure(channels, f"less than {_round(limit)} {per_one()}", "higher")


def expectation_too_sure(channel: str, low: float, high: float) -> str:
    """A stated range that leaves the data no say."""
    shown = numbers.value_range(low, high, numbers.roas)
    return (
        f"You expect {channel} to return {shown}, which is so narrow that the data will hardly change it. "
        "Widen it, unless an experiment stands behind it."
    )


def expectation_too_vague(channel: str, low: float, high: float) -> str:
    """A stated range that says nothing."""
    shown = numbers.value_range(low, high, numbers.roas)
    return f"You expect {channel} to return {shown}, which rules out next to nothing. Narrow it, or leave it out."


def expectation_not_used(channels: list[str]) -> str:
    """A stated return where there is no spend to speak of."""
    return f"No spend of {named(channels)} is known, so the return that you expect there cannot be used."


def half_life_too_long(channels: list[str], shortest: float, weeks: int, period: str) -> str:
    """Carryover longer than was ever measured."""
    return (
        f"The prior of the carryover of {named(channels)} expects half-lives of {numbers.plain(shortest)} "
        f"{period}s or more. Effects of advertising rarely last longer than {weeks} weeks."
    )


def carryover_cut_off(channels: list[str], l_max: int, period: str) -> str:
    """A window that ends while the effect is still strong."""
    return (
        f"By the prior most effects of {named(channels)} are still strong after {numbers.count(l_max)} {period}s, "
        "where the model cuts them off. Allow a longer carryover, or expect a shorter one."
    )


def named(channels: list[str]) -> str:
    """ "TV", "TV and Search", "TV, Search and 3 other channels"."""
    if len(channels) > 3:
        return f"{', '.join(channels[:2])} and {len(channels) - 2} other channels"
    return " and ".join([", ".join(channels[:-1]), channels[-1]] if len(channels) > 1 else channels)


def _sure(channels: list[str], bound: str, other: str) -> str:
    verb = "return" if len(channels) > 1 else "returns"
    return (
        f"Before seeing the data the model is sure that {named(channels)} {verb} {bound}. "
        f"Allow {other} returns, so that the data can have a say."
    )


def _round(value: float) -> str:
    return f"{numbers.look().outcome_prefix}{numbers.plain(value)}"


def _returns(prior: Estimate) -> str:
    return f"{numbers.value_range(prior.lo, prior.hi, numbers.roas)} {per_one()}"
