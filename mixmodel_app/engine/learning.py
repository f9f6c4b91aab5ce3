"""How much of a channel's return comes from its own data, and how much was there before.

Compared are the posterior of the log return and its *reference*, what the model would say without the channel's data:

* a return with a prior of its own, stated on it or on the height: that prior;
* a pooled return: its prior given the others, log r[c] | r[others], averaged over the posterior of the others. Pooling
  alone can make a return look certain; against this reference it counts as nothing learned.

*Contraction* is 1 − sd(posterior) ÷ sd(reference). *Sensitivity* is the power-scaling diagnostic of Kallioinen,
Paananen, Bürkner and Vehtari (2024), "Detecting and diagnosing prior and likelihood sensitivity with power-scaling":
the channel's own prior is raised to a power a little below and above 1, the draws are reweighted, and their distance
to the unweighted ones (cumulative Jensen-Shannon) is taken per log₂ of the power. Densities are on the scale that is
sampled (log of what is positive, logit of shares), where a power makes a prior stronger without moving it. The weights
vary so little, with a spread of about a quarter, that they need no smoothing.

A return counts as learned when its data halve the range, or bring it down clearly, and another strength of the prior
would not change it much. Down and not up, as the log of a small return has a tail to the left that no data cut.
`benchmarks/learning.py` shows what the rule is worth: with the default priors the median of an assumption is hardly
nearer to the truth than that of the reference, while what was learned has half its distance.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import Estimate, LearnedFrom, Learning
from mixmodel_app.engine.estimates import estimate
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prior_draws import by_shape, draw, prior_log_return
from mixmodel_app.engine.priors import HEIGHT, PriorSpec
from mixmodel_app.engine.spec import HeightOf, ModelSpec
from mixmodel_app.engine.summarise import Summary
from mixmodel_app.wording import learning as wording

POWERS = (0.8, 1.25)
CONTRACTION, SHIFT, SENSITIVITY = 0.5, -0.75, 0.2
_NEARLY = {"contraction": 0.25, "shift": 0.5}
_DRAWS = 1000
_LEAST = 1e-300  # of what is positive: its logarithm stays finite
_EDGE = 1e-15  # of a share, from 0 and from 1
_STANDARD_NORMAL = PriorSpec("Normal", {"mu": 0.0, "sigma": 1.0})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one channel's data did: log returns (S,) of posterior and reference, and the log density (S,) of its prior.

    `log_prior` belongs to the draws of the posterior; `shared` says that the reference comes from the other channels.
    """

    posterior: Array
    reference: Array
    log_prior: Array
    shared: bool

    @property
    def contraction(self) -> float:
        """1 where the data say everything, 0 where they say nothing."""
        return max(1 - float(self.posterior.std() / self.reference.std()), 0.0)

    @property
    def shift(self) -> float:
        """From the reference's median to the posterior's, in standard deviations of the reference."""
        return float((np.median(self.posterior) - np.median(self.reference)) / self.reference.std())

    @property
    def sensitivity(self) -> float:
        """How much the posterior moves with the strength of the channel's prior."""
        return power_sensitivity(self.posterior, self.log_prior)


def learning(posterior: Posterior, summary: Summary) -> list[Learning | None]:
    """By channel, in the order of the mapping; None where there is no return to speak of."""
    data = posterior.spec.data
    return [
        None if found is None else _learning(found, name, estimate(channel.total / spend))
        for found, name, channel, spend in zip(
            evidence(posterior, summary), data.channels, summary.channels, data.spend.sum(axis=0), strict=True
        )
    ]


def _learning(found: Evidence, channel: str, after: Estimate) -> Learning:
    contraction, shift, sensitivity = found.contraction, found.shift, found.sensitivity
    moved = contraction >= CONTRACTION or shift <= SHIFT
    if moved and sensitivity <= SENSITIVITY:
        source, sentence = LearnedFrom.DATA, wording.narrowed if contraction >= CONTRACTION else wording.brought_down
    else:
        nearly = contraction < _NEARLY["contraction"] and abs(shift) < _NEARLY["shift"]
        rest = wording.nearly_unchanged if nearly else wording.partly_learned
        source, sentence = LearnedFrom.ASSUMPTION, wording.hangs_on_prior if moved else rest
    before = estimate(np.exp(found.reference))
    return Learning(
        learned_from=source,
        prior=before,
        contraction=contraction,
        sensitivity=sensitivity,
        evidence=sentence(channel, before, after, shared=found.shared),
        finding=sentence.__name__,
        after=after,
        shared=found.shared,
    )


def evidence(posterior: Posterior, summary: Summary) -> list[Evidence | None]:
    """By channel; None where there is no return to speak of."""
    spec = posterior.spec
    totals = np.column_stack([channel.total for channel in summary.channels])
    picked = np.linspace(0, len(totals) - 1, min(_DRAWS, len(totals))).round().astype(int)
    priced = spec.data.used & spec.data.spend.any(axis=0)
    spend = np.where(priced, spec.data.spend.sum(axis=0), 1.0)
    log_returns = np.log(np.maximum(totals[picked] / spend, _LEAST))
    flat = {
        name: values.reshape(len(totals), -1)[picked]
        for name, values in posterior.values.items()
        if name in (*spec.shapes, HEIGHT)
    }
    return [_evidence(spec, flat, log_returns, channel) if priced[channel] else None for channel in range(len(priced))]


def _evidence(spec: ModelSpec, flat: dict[str, Array], log_returns: Array, channel: int) -> Evidence:
    own = log_returns[:, channel]
    log_prior = sum(log_density(p[channel], flat[name][:, channel]) for name, p in spec.shapes.items())
    height = spec.heights[channel]
    if height.of is HeightOf.POOLED:
        mean, variance = conditional(spec, log_returns, channel)
        log_prior = log_prior - 0.5 * (own - mean) ** 2 / variance
        noise = draw(_STANDARD_NORMAL, len(mean), np.random.default_rng([spec.config.random_seed, channel]))
        return Evidence(own, mean + np.sqrt(variance) * noise, log_prior, shared=len(spec.pooled) > 1)
    assert height.prior is not None
    stated = flat[HEIGHT][:, channel] if height.of is HeightOf.HEIGHT else np.exp(own)
    log_prior = log_prior + log_density(height.prior, stated)
    reference = prior_log_return(spec, channel, _DRAWS, spec.config.random_seed)
    return Evidence(own, reference, log_prior, shared=False)


def conditional(spec: ModelSpec, log_returns: Array, channel: int) -> tuple[Array, float]:
    """Mean (S,) and variance of a pooled log return given those of the others, in each draw of `log_returns` (S, C).

    With the precision Λ of the pool: mean − Σ Λ[c, j] (log r[j] − mean) ÷ Λ[c, c] over the others j, and 1 ÷ Λ[c, c].
    """
    pooled = spec.pooled
    position = int(np.flatnonzero(pooled == channel)[0])
    precision = np.linalg.inv(spec.pool.covariance(len(pooled)))
    others = np.arange(len(pooled)) != position
    distance = (log_returns[:, pooled] - spec.pool.mean)[:, others]
    variance = 1 / precision[position, position]
    return spec.pool.mean - variance * (distance @ precision[position, others]), float(variance)


def power_sensitivity(values: Array, log_prior: Array) -> float:
    """Cumulative Jensen-Shannon distance per log₂ of the power, averaged over a weaker and a stronger prior."""
    found = [_distance_after(values, (power - 1) * log_prior) / abs(np.log2(power)) for power in POWERS]
    return float(np.mean(found))


def _distance_after(values: Array, log_weights: Array) -> float:
    """The larger of the distances from below and from above, as the measure is not symmetric."""
    order = np.argsort(values)
    weights = np.exp(log_weights - log_weights.max())[order]
    weights /= weights.sum()
    return max(_jensen_shannon(values[order], weights), _jensen_shannon(-values[order][::-1], weights[::-1]))


def _jensen_shannon(ordered: Array, weights: Array) -> float:
    """Distance between the distribution functions P of draws in rising order and Q of the same draws with weights.

    √((Σ P log₂(P ÷ M) + Q log₂(Q ÷ M)) ÷ Σ (P + Q)), M the mean of both and each term times the gap to the next draw
    (Nguyen and Vreeken 2015, "Non-parametric Jensen-Shannon divergence"); 0 where they agree, 1 at most.
    """
    gaps = np.diff(ordered)
    plain = np.arange(1, len(ordered)) / len(ordered)
    weighted = np.cumsum(weights)[:-1]
    middle = (plain + weighted) / 2
    whole = float(gaps @ (plain + weighted))
    if whole <= 0:
        return 0.0
    apart = special.rel_entr(plain, middle) + special.rel_entr(weighted, middle)
    return float(np.sqrt(max(gaps @ apart / np.log(2) / whole, 0.0)))


def log_density(prior: PriorSpec, values: Array) -> Array:
    """Log density on the scale that is sampled, up to a constant: of log x for what is positive, logit x for Beta."""
    p, values = by_shape(prior), np.maximum(values, _LEAST)
    if prior.dist in ("Gamma", "Exponential"):
        shape, rate = (p["alpha"], p["beta"]) if prior.dist == "Gamma" else (1.0, p["lam"])
        return shape * np.log(values) - rate * values
    if prior.dist == "Beta":
        values = np.clip(values, _EDGE, 1 - _EDGE)
        return p["alpha"] * np.log(values) + p["beta"] * np.log1p(-values)
    if prior.dist == "InverseGamma":
        return -p["alpha"] * np.log(values) - p["beta"] / values
    if prior.dist == "HalfNormal":
        return np.log(values) - 0.5 * (values / p["sigma"]) ** 2
    if prior.dist == "LogNormal":
        return -0.5 * ((np.log(values) - p["mu"]) / p["sigma"]) ** 2
    raise ValueError(f"No shape and no height has a {prior.dist} prior.")
