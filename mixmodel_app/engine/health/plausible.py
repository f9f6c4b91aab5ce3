"""Whether the answer can be: a baseline, returns and shares as there are in real markets."""

import numpy as np
from scipy import special

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import ChannelResult, Estimate, HealthCheck
from mixmodel_app.engine.health.fitted import CHECK, GOOD, Fitted, finding, grade
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.spec import HeightOf, Pool
from mixmodel_app.engine.summarise import Summary
from mixmodel_app.wording import numbers

NEGATIVE_BASELINE_CHECK, NEGATIVE_BASELINE_LIMIT = 0.2, 0.8
SHARE_CHECK, SHARE_LIMIT = 0.6, 0.9
ROAS_LIMIT, ROAS_MULTIPLE = 20, 10
CONFLICT_LIMIT = 2.5


def check_baseline(baseline_total: Array) -> HealthCheck:
    """Probability that sales without media would be negative over the whole period, which cannot be.

    Good up to 20 %, unusable above 80 %, as in Google's Meridian.
    """
    probability = float((baseline_total < 0).mean())
    status = grade(probability <= NEGATIVE_BASELINE_CHECK, probability <= NEGATIVE_BASELINE_LIMIT)
    evidence = f"Sales without media stay positive with a probability of {numbers.percent(1 - probability)}."
    if status is not GOOD:
        evidence += " Media get credit that is not theirs; add controls such as price, season or holidays."
    return finding("baseline", status, evidence)


def check_returns(channels: list[ChannelResult], blended: Estimate | None, share: float) -> HealthCheck:
    """Returns out of all proportion: media that make up nearly everything, or a channel far above the others.

    Media that bring more than 60 % of the outcome are to be checked, above 90 % the answer is unusable: published
    shares of paid media are a tenth to a third. Of one channel, a return above 20 or ten times the average of all.

    Args:
        share: what all media bring ÷ the outcome.
    """
    if share > SHARE_CHECK:
        evidence = f"Media bring {numbers.percent(share)} of the outcome, which leaves hardly any sales without them."
        remedy = "Media get credit that is not theirs; add controls such as price, season or holidays."
        return finding("returns", grade(False, share <= SHARE_LIMIT), f"{evidence} {remedy}")
    rated = [(channel.name, channel.roas.median) for channel in channels if channel.roas]
    limit = min(ROAS_LIMIT, ROAS_MULTIPLE * blended.median) if blended else ROAS_LIMIT
    odd = [f"{name} ({numbers.roas(roas)})" for name, roas in rated if roas > limit]
    if not odd:
        return finding("returns", GOOD, "No channel has a return out of all proportion.")
    average = f", while all channels together return {numbers.roas(blended.median)}" if blended else ""
    evidence = (
        f"The return per 1 spent of {' and '.join(odd)} is out of proportion{average}."
        " Such a channel often follows demand instead of causing it; an experiment would tell."
    )
    return finding("returns", CHECK, evidence)


def media_share(summary: Summary) -> float:
    """What all media bring ÷ the outcome; 0 where the outcome adds up to nothing."""
    outcome = sum(summary.fit.actual)
    return sum(float(channel.mean.sum()) for channel in summary.channels) / outcome if outcome > 0 else 0.0


def check_conflict(fitted: Fitted) -> HealthCheck:
    """Returns that lie where hardly anybody expected them: more than 2.5 deviations from their prior.

    The distance is |mean of posterior − mean of prior| ÷ √(both variances), of log returns, or of the log of what the
    prior is on. Then either the expectation was wrong, or the model gives the channel credit that is not its own; the
    data alone cannot say which (Box 1980, "Sampling and Bayes' inference in scientific modelling and robustness").
    """
    distances = {name: distance(draws, *prior) for name, (draws, prior) in _believed(fitted).items()}
    if not distances:
        return finding("prior_conflict", GOOD, "Not checked: no channel has an effect to compare.")
    far = {name: value for name, value in distances.items() if abs(value) > CONFLICT_LIMIT}
    if not far:
        worst = max(distances, key=lambda name: abs(distances[name]))
        evidence = f"Every effect lies where it was expected; the farthest is that of {worst}, "
        return finding("prior_conflict", GOOD, f"{evidence}{numbers.plain(round(distances[worst], 1))} deviations off.")
    named = " and ".join(f"{name} is {'above' if value > 0 else 'below'}" for name, value in far.items())
    evidence = f"What the data say of {named} what was expected, by more than {CONFLICT_LIMIT} deviations."
    remedy = " Check the expectation and the spend figures; if both are right, test the channel in an experiment."
    return finding("prior_conflict", CHECK, evidence + remedy)


def distance(draws: Array, mean: float, deviation: float) -> float:
    """From the mean of a prior to that of draws (S,), in deviations of their difference."""
    return float((draws.mean() - mean) / np.hypot(draws.std(), deviation))


def _believed(fitted: Fitted) -> dict[str, tuple[Array, tuple[float, float]]]:
    """Of each channel that is used: log draws (S,), and mean and deviation of their prior."""
    found: dict[str, tuple[Array, tuple[float, float]]] = {}
    spec, gains = fitted.spec, fitted.effects.mean(axis=2)
    for channel in np.flatnonzero(fitted.data.used):
        height = spec.heights[channel]
        on_height = height.of is HeightOf.HEIGHT
        values = fitted.draws.beta[:, channel] if on_height else gains[channel]
        logs = np.log(np.maximum(values, 1e-300)) + (0.0 if on_height else spec.log_return_per_gain[channel])
        prior = pooled_moments(spec.pool) if height.prior is None else log_moments(height.prior)
        found[fitted.data.channels[channel]] = (logs, prior)
    return found


def pooled_moments(pool: Pool) -> tuple[float, float]:
    """Mean and deviation of one log return."""
    return pool.mean, float(np.hypot(pool.between, pool.common))


def log_moments(prior: PriorSpec) -> tuple[float, float]:
    """Mean and deviation of the log of a positive parameter (Johnson, Kotz and Balakrishnan 1994, ch. 14, 17, 19)."""
    p = dict(prior.params)
    if prior.dist == "LogNormal":
        return p["mu"], p["sigma"]
    if prior.dist == "HalfNormal":
        return float(np.log(p["sigma"]) - (np.euler_gamma + np.log(2)) / 2), float(np.pi / np.sqrt(8))
    if prior.dist == "Exponential":
        p = {"alpha": 1.0, "beta": p["lam"]}
    elif "mu" in p:
        p = {"alpha": p["mu"] ** 2 / p["sigma"] ** 2, "beta": p["mu"] / p["sigma"] ** 2}
    sign = -1.0 if prior.dist == "InverseGamma" else 1.0
    mean = sign * (special.digamma(p["alpha"]) - np.log(p["beta"]))
    return float(mean), float(np.sqrt(special.polygamma(1, p["alpha"])))
