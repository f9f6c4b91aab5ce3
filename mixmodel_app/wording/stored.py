"""Sentences that results keep from the day of the fit, written again as the reader of today wants numbers."""

from dataclasses import replace

from mixmodel_app.domain.results import ChannelResult, HealthCheck, Learning, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.learning import SENTENCES

OVER_ALL = "Over all data: "
"""Begins what is said of the whole fit beside figures of some periods."""


def as_read(results: ModelResults) -> ModelResults:
    """The results with the evidence of checks and returns in the look of the reader, ranges at their level."""
    names = results.channel_names
    return replace(
        results,
        channels=[_channel(channel) for channel in results.channels],
        health=[_check(check, names) for check in results.health],
    )


def _check(check: HealthCheck, names: list[str]) -> HealthCheck:
    return replace(check, evidence=numbers.rewritten(check.evidence, names))


def _channel(channel: ChannelResult) -> ChannelResult:
    found = channel.learning
    return channel if found is None else replace(channel, learning=replace(found, evidence=_evidence(channel, found)))


def _evidence(channel: ChannelResult, found: Learning) -> str:
    """From its parts; of an older version only the separators can be changed."""
    if found.finding not in SENTENCES or found.after is None:
        return numbers.rewritten(found.evidence, [channel.name])
    sentence = SENTENCES[found.finding](channel.name, found.prior, found.after, shared=found.shared)
    return f"{OVER_ALL}{sentence}" if found.evidence.startswith(OVER_ALL) else sentence
