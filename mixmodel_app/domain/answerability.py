"""What a table can and cannot tell about its channels, said before any fit."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How much of a channel's return will come from these data."""

    LEARNED = "can be learned"
    PARTLY = "partly"
    ASSUMED = "will rest on assumptions"


@dataclass(frozen=True, slots=True)
class History:
    """How much there is: `period` is "day", "week" or "month"; `parameters` are those of the default model."""

    periods: int
    period: str
    years: float
    parameters: int

    @property
    def rows_per_parameter(self) -> float:
        return self.periods / self.parameters


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """What can be learned about one channel.

    Attributes:
        active: periods with anything in the column.
        variation: standard deviation ÷ mean of the column; 0 when it is empty.
        contrast: share, 0 to 1, of its movement that season, trend and controls do not have as well.
        separable: the same when the other channels are taken out too.
        strength: size of an effect of usual size ÷ the uncertainty that the data would leave.
        reason: one sentence for the verdict.
    """

    channel: str
    column: str
    verdict: Verdict
    reason: str
    active: int
    variation: float
    contrast: float
    separable: float
    strength: float


@dataclass(frozen=True, slots=True)
class Glance:
    """Series for three charts: the outcome and each channel's column over time, and their correlations.

    Attributes:
        dates: (T) ISO days, sorted.
        target: (T), in units of the outcome.
        media: (T) by channel name; `units` says by channel name "spend", "impressions" or "clicks".
        columns: (N) names of the channels, then the controls, that vary; the axes of `correlation` (N × N).
    """

    dates: tuple[str, ...]
    target: tuple[float, ...]
    media: dict[str, tuple[float, ...]]
    units: dict[str, str]
    columns: tuple[str, ...]
    correlation: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Answerability:
    """Whether the data can answer the question: one sentence, the history, the channels, and groups that move together.

    Attributes:
        groups: names of channels with a correlation of 0.8 or more, largest group first.
    """

    summary: str
    history: History
    channels: tuple[ChannelAnswer, ...]
    groups: tuple[tuple[str, ...], ...]
    glance: Glance

    def of(self, verdict: Verdict) -> tuple[ChannelAnswer, ...]:
        return tuple(channel for channel in self.channels if channel.verdict is verdict)

    def to_json(self) -> dict[str, Any]:
        return {
            "summary": self.summary,
            "history": asdict(self.history) | {"rows_per_parameter": round(self.history.rows_per_parameter, 2)},
            "channels": [asdict(channel) | {"verdict": channel.verdict.value} for channel in self.channels],
            "groups": [list(group) for group in self.groups],
            "glance": asdict(self.glance),
        }
