"""The choices that a run offers: modes, shapes, priors, events and experiments."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FitMode(StrEnum):
    QUICK = "quick"
    FULL = "full"
    CUSTOM = "custom"


class Adstock(StrEnum):
    """Carryover shapes; formulas in `engine.transforms`."""

    GEOMETRIC = "geometric"
    DELAYED = "delayed"
    BINOMIAL = "binomial"
    WEIBULL = "weibull"
    WEIBULL_CDF = "weibull_cdf"


class Saturation(StrEnum):
    """Diminishing-returns shapes; formulas in `domain.curves`."""

    LOGISTIC = "logistic"
    HILL = "hill"
    MICHAELIS_MENTEN = "michaelis_menten"
    TANH = "tanh"
    ROOT = "root"


class Trend(StrEnum):
    """How the baseline may drift: not at all, along a line, or smoothly and slower than a year."""

    NONE = "none"
    LINEAR = "linear"
    SMOOTH = "smooth"


class PriorSet(StrEnum):
    """The priors to start from: those that won the accuracy benchmark, or those of the HTTP contract."""

    DEFAULT = "default"
    CLASSIC = "classic"


class Sign(StrEnum):
    """What is known about the direction of a control's effect."""

    FREE = "free"
    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch of days, first and last included, with an effect of its own; spans of one name share the effect."""

    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class ExpectedReturn:
    """What somebody expects of a channel before seeing the data: return per 1 spent.

    `low` and `high` are passed with a probability of one in twenty each, `likely` is the middle.
    """

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class LiftTest:
    """An experiment: money spent on top of the plan from `start` to `end`, and what it brought up to `measured_to`.

    Attributes:
        extra_spend: money over the whole test, part of the data; below 0 where spend was held back.
        extra_outcome: units of the target over the whole test; `error`: its standard error.
    """

    channel: str
    start: date
    end: date
    measured_to: date
    extra_spend: float
    extra_outcome: float
    error: float


PRESETS: dict[FitMode, dict[str, int]] = {
    FitMode.QUICK: {"n_samples": 500, "n_chains": 2, "tune_steps": 500},
    FitMode.FULL: {"n_samples": 2000, "n_chains": 4, "tune_steps": 1000},
}
