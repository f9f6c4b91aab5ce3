"""What a fit is reduced to, once: summaries for every view, and the joint draws that planning needs.

Conventions. Money and target are in the units of the file. A point estimate is the posterior median, a range the
94 % highest-density interval (HDI) unless `at` exchanged it, and a mean appears only where parts must add up
(`Decomposition`).
Series are lists of equal length, one entry per period of the data.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from mixmodel_app.domain.audit import Audit
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.estimates import HDI_PROB as HDI_PROB
from mixmodel_app.domain.estimates import Band, Estimate, Ranged, at_level, know
from mixmodel_app.domain.headroom import Headroom

RESULTS_VERSION = 4
_READABLE = (1, 2, 3, 4)
"""Versions that `ModelResults.from_json` reads: what came later has a default."""


@dataclass(frozen=True, slots=True)
class SaturationCurve:
    """Spend per period against the contribution per period that it settles at (steady state).

    `spend` runs from 0 to 1.5 × the highest spend seen in one period; `observed_max` marks where data end;
    `current` is the mean spend of the last quarter of periods with their length capped at one year.
    """

    spend: list[float]
    response: Band
    current: float
    observed_max: float


@dataclass(frozen=True, slots=True)
class AdstockCurve:
    """Share of the effect that arrives `lag` periods after the spend; sums to 1. Half-life is in periods."""

    lag: list[int]
    effect: Band
    half_life: Estimate


class LearnedFrom(StrEnum):
    """Where what is said of a channel mostly comes from."""

    DATA = "data"
    ASSUMPTION = "assumption"

    @property
    def label(self) -> str:
        return {"data": "Learned from the data", "assumption": "Mostly assumption"}[self.value]


@dataclass(frozen=True, slots=True)
class Learning:
    """How much the data moved what was thought of a channel's return.

    Attributes:
        prior: the return per 1 spent before seeing the channel's own data; where returns are shared between channels,
            what the others suggest.
        contraction: 1 − posterior ÷ prior standard deviation of the log return; 0 where nothing was learned.
        sensitivity: change of the posterior of the log return when the channel's prior is made a little stronger or
            weaker (power scaling; Kallioinen et al. 2024); above 0.05 the prior matters.
        evidence: a sentence for people.
        finding: which sentence of `wording.learning` that is, with what goes into it: `after`, the return over all
            data, and whether returns are `shared` between channels. "" in results of older versions.
    """

    learned_from: LearnedFrom
    prior: Estimate
    contraction: float
    sensitivity: float
    evidence: str
    finding: str = ""
    after: Estimate | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """One channel over the whole data range.

    `roas` is incremental contribution with carryover ÷ spend; `marginal_roas` the return on the next 1 spent at
    today's pattern. Both are None where there is no spend to divide by: "not estimated", never zero. `learning` says
    how much of the return comes from the data; None in results of older versions and where there is no return.
    `headroom` is to a marginal return of 1; None in results of older versions, until it is asked for.
    """

    column: str
    name: str
    spend: float
    share_of_spend: float
    share_of_effect: float
    contribution: Estimate
    roas: Estimate | None
    marginal_roas: Estimate | None
    probability_pays_back: float | None
    saturation: SaturationCurve | None
    adstock: AdstockCurve
    learning: Learning | None = None
    headroom: Headroom | None = None


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Posterior means per period that add up: intercept + trend + seasonality + controls + channels = fitted.

    `unexplained` is actual − fitted. `channels` and `controls` are keyed by the names shown on screen.
    """

    intercept: list[float]
    trend: list[float]
    seasonality: list[float]
    controls: dict[str, list[float]]
    channels: dict[str, list[float]]
    unexplained: list[float]

    def breakdown(self) -> "Breakdown":
        """The whole data range in three parts that sum to the actual total.

        The baseline is level, trend and season, with what stayed unexplained; `controls` may be negative.
        """
        baseline = (self.intercept, self.trend, self.seasonality, self.unexplained)
        return Breakdown(
            media=sum(sum(series) for series in self.channels.values()),
            baseline=sum(sum(series) for series in baseline),
            controls=sum(sum(series) for series in self.controls.values()),
        )


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The outcome in three parts: means, so that they add up."""

    media: float
    baseline: float
    controls: float

    @property
    def total(self) -> float:
        return self.media + self.baseline + self.controls


@dataclass(frozen=True, slots=True)
class Fit:
    """Actual against predicted: `mean` is the fitted mean, `predicted` the posterior predictive band."""

    dates: list[str]
    actual: list[float]
    mean: list[float]
    predicted: Band
    residuals: list[float]
    r2: float
    mape: float | None


@dataclass(frozen=True, slots=True)
class Parameter(Ranged):
    """One free parameter on the model's scale, with its convergence and up to 200 draws for drawing.

    `lo` to `hi` is the HDI of `level`; those of other levels are None in results of older versions.
    """

    name: str
    channel: str | None
    mean: float
    std: float
    lo: float
    hi: float
    rhat: float
    ess_bulk: float
    ess_tail: float
    samples: list[float]
    lo50: float | None = None
    hi50: float | None = None
    lo80: float | None = None
    hi80: float | None = None
    lo90: float | None = None
    hi90: float | None = None
    level: float = HDI_PROB


class HealthStatus(StrEnum):
    """The verdict on a model, in the words people see: Good, Check, Do not use."""

    GOOD = "good"
    CHECK = "check"
    DO_NOT_USE = "do_not_use"

    @property
    def label(self) -> str:
        return {"good": "Good", "check": "Check", "do_not_use": "Do not use"}[self.value]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One named check with its evidence in words."""

    code: str
    title: str
    status: HealthStatus
    evidence: str


@dataclass(frozen=True, slots=True)
class ModelResults:
    """Everything that the views, charts and exports read.

    `incomplete` results were cut short by the time limit; they are shown with their diagnostics and never exported.
    `outcome` is what the target is an amount of; `audit` is None in results of older versions. `level` is that of every
    range in them.
    """

    version: int
    engine: str
    engine_versions: dict[str, str]
    data_digest: str
    target: str
    frequency: str
    n_periods: int
    date_start: str
    date_end: str
    total_spend: float
    total_target: float
    blended_roas: Estimate | None
    channels: list[ChannelResult]
    decomposition: Decomposition
    fit: Fit
    parameters: list[Parameter]
    divergences: int
    n_draws: int
    n_chains: int
    health: list[HealthCheck]
    fit_seconds: float
    incomplete: bool = False
    audit: Audit | None = None
    outcome: OutcomeKind = OutcomeKind.MONEY
    level: float = HDI_PROB

    def at(self, level: float) -> "ModelResults":
        """With the ranges of another level; unchanged, so still of 94 %, where an older fit did not keep them all."""
        if level == self.level or not know(self, level):
            return self
        return replace(at_level(self, level), level=level)

    @property
    def verdict(self) -> HealthStatus:
        """The worst of the named checks."""
        order = [HealthStatus.GOOD, HealthStatus.CHECK, HealthStatus.DO_NOT_USE]
        return max((check.status for check in self.health), key=order.index, default=HealthStatus.GOOD)

    @property
    def channel_names(self) -> list[str]:
        return [channel.name for channel in self.channels]

    def channel(self, name: str) -> ChannelResult:
        return next(channel for channel in self.channels if channel.name == name)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Rebuild from `to_json`, as stored in the database."""
        if raw.get("version") not in _READABLE:
            raise ValueError(
                f"Results of version {raw.get('version')} cannot be read by this version ({RESULTS_VERSION})."
            )
        return cls(
            **{
                **raw,
                "blended_roas": _estimate(raw["blended_roas"]),
                "channels": [_channel(c) for c in raw["channels"]],
                "decomposition": Decomposition(**raw["decomposition"]),
                "fit": Fit(**{**raw["fit"], "predicted": Band(**raw["fit"]["predicted"])}),
                "parameters": [_parameter(p) for p in raw["parameters"]],
                "health": [HealthCheck(**{**h, "status": HealthStatus(h["status"])}) for h in raw["health"]],
                "outcome": OutcomeKind(raw.get("outcome", OutcomeKind.MONEY)),
                "audit": Audit.from_json(raw["audit"]) if raw.get("audit") else None,
            }
        )


def _estimate(raw: dict[str, float] | None) -> Estimate | None:
    return None if raw is None else Estimate(**raw)


def _parameter(raw: dict[str, Any]) -> Parameter:
    """Older versions named the ends of the range by their quantiles."""
    names = {"hdi_3": "lo", "hdi_97": "hi"}
    return Parameter(**{names.get(name, name): value for name, value in raw.items()})


def _learning(raw: dict[str, Any] | None) -> Learning | None:
    if raw is None:
        return None
    parts: dict[str, Any] = raw | {
        "learned_from": LearnedFrom(raw["learned_from"]),
        "prior": Estimate(**raw["prior"]),
        "after": _estimate(raw.get("after")),
    }
    return Learning(**parts)


def _saturation(raw: dict[str, Any] | None) -> SaturationCurve | None:
    if raw is None:
        return None
    parts: dict[str, Any] = raw | {"response": Band(**raw["response"])}
    return SaturationCurve(**parts)


def _channel(raw: dict[str, Any]) -> ChannelResult:
    adstock: dict[str, Any] = raw["adstock"]
    parts: dict[str, Any] = {
        "contribution": Estimate(**raw["contribution"]),
        "roas": _estimate(raw["roas"]),
        "marginal_roas": _estimate(raw["marginal_roas"]),
        "saturation": _saturation(raw["saturation"]),
        "learning": _learning(raw.get("learning")),
        "headroom": Headroom.from_json(raw["headroom"]) if raw.get("headroom") else None,
        "adstock": AdstockCurve(
            lag=adstock["lag"], effect=Band(**adstock["effect"]), half_life=Estimate(**adstock["half_life"])
        ),
    }
    return ChannelResult(**(raw | parts))
