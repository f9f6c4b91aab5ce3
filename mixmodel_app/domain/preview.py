"""What a model thinks before it has seen the data: the preview of its priors."""

from dataclasses import asdict, dataclass
from typing import Any

from mixmodel_app.domain.results import Band, Estimate


@dataclass(frozen=True, slots=True)
class ChannelPreview:
    """One channel before the data.

    Attributes:
        prior_return: contribution with carryover ÷ spend; None where there is no spend to divide by.
        half_life: periods until half of an effect has arrived.
    """

    channel: str
    prior_return: Estimate | None
    half_life: Estimate


@dataclass(frozen=True, slots=True)
class OutcomePreview:
    """The outcome before the data, one entry per period, in units of the target.

    Attributes:
        expected: media and all other drivers moving around the observed mean; without noise, whose prior is so open
            that nothing else would be seen.
        media: the part that all channels together cause.
    """

    dates: list[str]
    actual: list[float]
    expected: Band
    media: Band


@dataclass(frozen=True, slots=True)
class PreviewWarning:
    """Something implausible in the priors: a stable code, the channels concerned (none: the model), and a sentence."""

    code: str
    channels: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Ranges before the data, what is implausible about them, and the same in words.

    Attributes:
        media_share: what all channels together cause ÷ the whole outcome.
        media_exceeds_all: probability that this is more than 1.
    """

    channels: tuple[ChannelPreview, ...]
    media_share: Estimate
    media_exceeds_all: float
    outcome: OutcomePreview
    warnings: tuple[PreviewWarning, ...]
    sentences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """With the band of the outcome flat beside its dates, that of media under `media`."""
        outcome = self.outcome
        return {
            "channels": [asdict(channel) for channel in self.channels],
            "media_share": {**asdict(self.media_share), "exceeds_all": self.media_exceeds_all},
            "outcome": {
                "dates": outcome.dates,
                "actual": outcome.actual,
                **asdict(outcome.expected),
                "media": asdict(outcome.media),
            },
            "warnings": [{**asdict(warning), "channels": list(warning.channels)} for warning in self.warnings],
            "sentences": list(self.sentences),
        }
