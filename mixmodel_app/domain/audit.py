"""What an analyst needs to audit a fit, small enough to be stored with the results."""

from dataclasses import dataclass
from typing import Any, Self

from mixmodel_app.domain.estimates import Band, Estimate


@dataclass(frozen=True, slots=True)
class ParameterAudit:
    """One free parameter before and after the data.

    Attributes:
        prior: equally likely values of its prior, in rising order.
        ranks: (chain, bin) how many draws of each chain fall into each of equally wide bins of the ranks over all
            chains; about the same everywhere when the chains agree (Vehtari et al. 2021).
    """

    name: str
    prior: list[float]
    ranks: list[list[int]]


@dataclass(frozen=True, slots=True)
class EnergyAudit:
    """The sampler's energy: how often it took each value, and how far it moved from one draw to the next.

    `edges` bound the bins of both; `marginal` counts energies around their chain's mean, `transition` their changes.
    `e_bfmi` is by chain: mean squared change ÷ variance (Betancourt 2016).
    """

    edges: list[float]
    marginal: list[int]
    transition: list[int]
    e_bfmi: list[float]


@dataclass(frozen=True, slots=True)
class LooAudit:
    """Leave-one-out cross-validation (`engine.loo`), densities being those of the target in the file's units.

    `pareto_k` is by period: up to 0.7 the estimate can be trusted.
    """

    elpd: float
    standard_error: float
    p_loo: float
    pareto_k: list[float]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure of the outcome beside the same figure of outcomes that the model makes up.

    `share_above` is the share of made-up outcomes whose figure is at least the actual one.
    """

    name: str
    actual: float
    replicated: Estimate
    share_above: float


@dataclass(frozen=True, slots=True)
class PredictiveAudit:
    """Posterior predictive check: counts of periods between `edges`, actual and made up, and statistics."""

    edges: list[float]
    actual: list[int]
    replicated: Band
    statistics: list[Statistic]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parameters and the correlation of their draws."""

    first: str
    second: str
    correlation: float


@dataclass(frozen=True, slots=True)
class CorrelationAudit:
    """The largest correlations between parameters: `pairs` in order of size, `matrix` of the `names` among them."""

    names: list[str]
    matrix: list[list[float]]
    pairs: list[Pair]


@dataclass(frozen=True, slots=True)
class Audit:
    """All of it. `divergent` counts divergences by chain; `energy` is None where a sampler has none."""

    parameters: list[ParameterAudit]
    divergent: list[int]
    energy: EnergyAudit | None
    loo: LooAudit
    predictive: PredictiveAudit
    correlations: CorrelationAudit

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Rebuild from `dataclasses.asdict`."""
        energy, predictive, related = raw["energy"], raw["predictive"], raw["correlations"]
        return cls(
            parameters=[ParameterAudit(**each) for each in raw["parameters"]],
            divergent=raw["divergent"],
            energy=None if energy is None else EnergyAudit(**energy),
            loo=LooAudit(**raw["loo"]),
            predictive=PredictiveAudit(
                edges=predictive["edges"],
                actual=predictive["actual"],
                replicated=Band(**predictive["replicated"]),
                statistics=[_statistic(each) for each in predictive["statistics"]],
            ),
            correlations=CorrelationAudit(
                related["names"], related["matrix"], [Pair(**each) for each in related["pairs"]]
            ),
        )


def _statistic(raw: dict[str, Any]) -> Statistic:
    parts: dict[str, Any] = raw | {"replicated": Estimate(**raw["replicated"])}
    return Statistic(**parts)
