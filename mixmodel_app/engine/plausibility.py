"""Whether priors say what anybody would believe: named checks on a preview, before any data are seen."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.preview import ChannelPreview, PreviewWarning
from mixmodel_app.engine.spec import HeightOf, ModelSpec
from mixmodel_app.engine.types import ModelDraws
from mixmodel_app.wording import previews

RETURN_UNSEEN = 20.0
RETURN_HIGH, RETURN_LOW = 10.0, 0.1
MEDIA_EXCEEDS = 0.5
SURE_FACTOR, VAGUE_FACTOR = 1.3, 100.0
LONGEST_HALF_LIFE_WEEKS = 13
"""The longest durations that were published, 90 % of an effect within nine months (Clarke 1976, "Econometric
measurement of the duration of advertising effect on sales"), are half-lives of 12 weeks."""
LEAST_PLAUSIBLE = 0.01
STILL_STRONG, MOSTLY_CUT = 0.5, 0.5
_WEEKS_PER_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class PriorFacts:
    """What the checks look at.

    Attributes:
        exceeds: probability that media cause more than the whole outcome.
        half_lives: (S, C) in periods.
        draws: the prior draws themselves.
    """

    spec: ModelSpec
    channels: tuple[ChannelPreview, ...]
    exceeds: float
    half_lives: Array
    draws: ModelDraws


def warnings_of(facts: PriorFacts) -> tuple[PreviewWarning, ...]:
    """Every implausible thing, the one about the whole model first."""
    found = [*_media(facts), *_returns(facts), *_expectations(facts), *_carryover(facts)]
    return tuple(found)


def _media(facts: PriorFacts) -> Iterable[PreviewWarning]:
    if facts.exceeds > MEDIA_EXCEEDS:
        target = facts.spec.data.mapping.target_column
        yield PreviewWarning("media_more_than_all", (), previews.media_more_than_all(facts.exceeds, target))


def _returns(facts: PriorFacts) -> Iterable[PreviewWarning]:
    """A range entirely above or below what is known of returns, or one that only reaches there."""
    ranges = {each.channel: each.prior_return for each in facts.channels if each.prior_return is not None}
    high = [name for name, prior in ranges.items() if prior.lo > RETURN_HIGH]
    low = [name for name, prior in ranges.items() if prior.hi < RETURN_LOW]
    open_ended = [name for name, prior in ranges.items() if prior.hi > RETURN_UNSEEN and name not in high]
    if high:
        yield PreviewWarning("returns_high", tuple(high), previews.returns_all_high(high, RETURN_HIGH))
    if low:
        yield PreviewWarning("returns_low", tuple(low), previews.returns_all_low(low, RETURN_LOW))
    if open_ended:
        highest = max(ranges[name].hi for name in open_ended)
        message = previews.returns_without_bound(open_ended, highest, RETURN_UNSEEN)
        yield PreviewWarning("returns_unbounded", tuple(open_ended), message)


def _expectations(facts: PriorFacts) -> Iterable[PreviewWarning]:
    """What a person said of single channels."""
    stated = facts.spec.config.expected_returns
    used = {
        name: expected
        for name, height in zip(facts.spec.data.channels, facts.spec.heights, strict=True)
        if height.of is HeightOf.RETURN and (expected := stated.get(name)) is not None
    }
    for name, each in used.items():
        factor = each.high / each.low
        if factor < SURE_FACTOR:
            message = previews.expectation_too_sure(name, each.low, each.high)
            yield PreviewWarning("expectation_sure", (name,), message)
        elif factor > VAGUE_FACTOR:
            message = previews.expectation_too_vague(name, each.low, each.high)
            yield PreviewWarning("expectation_vague", (name,), message)
    unused = [name for name in stated if name not in used]
    if unused:
        yield PreviewWarning("expectation_unused", tuple(unused), previews.expectation_not_used(unused))


def _carryover(facts: PriorFacts) -> Iterable[PreviewWarning]:
    data, config = facts.spec.data, facts.spec.config
    longest = LONGEST_HALF_LIFE_WEEKS * data.frequency.periods_per_year / _WEEKS_PER_YEAR
    plausible = (facts.half_lives <= longest).mean(axis=0)
    long = [data.channels[i] for i in np.flatnonzero(plausible < LEAST_PLAUSIBLE)]
    if long:
        shortest = float(facts.half_lives[:, plausible < LEAST_PLAUSIBLE].min())
        period = data.frequency.period
        message = previews.half_life_too_long(long, shortest, LONGEST_HALF_LIFE_WEEKS, period)
        yield PreviewWarning("half_life", tuple(long), message)
    weights = facts.draws.weights
    strong = (weights[:, :, -1] > STILL_STRONG * weights.max(axis=2)).mean(axis=0)
    cut = [data.channels[i] for i in np.flatnonzero(strong > MOSTLY_CUT)] if config.l_max > 1 else []
    if cut:
        message = previews.carryover_cut_off(cut, config.l_max, data.frequency.period)
        yield PreviewWarning("carryover_cut", tuple(cut), message)
