"""Convergence of every free parameter: R-hat and effective sample size, in numpy.

Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and localization: an improved
R-hat for assessing convergence of MCMC"; the tests hold the numbers equal to ArviZ's.
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import Parameter
from mixmodel_app.engine.estimates import estimate
from mixmodel_app.engine.types import ParameterDraws

_SHOWN_DRAWS = 200
_ENDS = ("lo", "hi", "lo50", "hi50", "lo80", "hi80", "lo90", "hi90")
_STUCK = 1000.0  # stands for infinity, which JSON cannot carry: every chain stands still, each somewhere else


class Mixing(NamedTuple):
    """How well the chains of one parameter agree and how many independent draws they are worth.

    `rhat` is the rank-normalised split R-hat, the worse of bulk and folded; `ess_bulk` the effective sample size of the
    centre; `ess_tail` that of the 5 % and the 95 % quantile, the smaller of the two.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float


def mixing(values: Array) -> Mixing:
    """From draws (chain, draw)."""
    halves = _split(values)
    scores = _rank_normal(halves)
    tails = np.quantile(values, (0.05, 0.95))
    return Mixing(
        rhat=max(_plain_rhat(scores), _plain_rhat(_folded(halves))),
        ess_bulk=_ess(scores),
        ess_tail=min(_ess((halves <= end).astype(float)) for end in tails),
    )


def rhat(values: Array) -> float:
    """`Mixing.rhat` alone, from draws (chain, draw)."""
    halves = _split(values)
    return max(_plain_rhat(_rank_normal(halves)), _plain_rhat(_folded(halves)))


def parameter_table(parameters: list[ParameterDraws], mixed: list[Mixing]) -> list[Parameter]:
    """One `Parameter` per free parameter and its mixing, with up to 200 draws spread evenly over the chains."""
    return [_parameter(draws, own) for draws, own in zip(parameters, mixed, strict=True)]


def _parameter(draws: ParameterDraws, mixed: Mixing) -> Parameter:
    flat = draws.values.ravel()
    spread = estimate(flat)
    shown = np.linspace(0, flat.size - 1, min(_SHOWN_DRAWS, flat.size)).round().astype(int)
    return Parameter(
        name=draws.name,
        channel=draws.channel,
        mean=float(flat.mean()),
        std=float(flat.std(ddof=1)),
        **{end: getattr(spread, end) for end in _ENDS},
        **mixed._asdict(),
        samples=flat[shown].tolist(),
    )


def _split(values: Array) -> Array:
    """Each chain cut in two, so that a chain that drifts disagrees with itself; works with one chain too."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _folded(halves: Array) -> Array:
    """Scores of the distance from the centre, in which chains of different spread disagree."""
    return _rank_normal(np.abs(halves - np.median(halves)))


def _rank_normal(values: Array) -> Array:
    """Ranks over all chains, ties averaged, as normal scores (Blom 1958)."""
    ranks = stats.rankdata(values).reshape(values.shape)
    return special.ndtri((ranks - 0.375) / (values.size + 0.25))


def _plain_rhat(values: Array) -> float:
    n_draws = values.shape[1]
    between = n_draws * values.mean(axis=1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    if within == 0:
        return 1.0 if between == 0 else _STUCK
    return float(np.sqrt((between / within + n_draws - 1) / n_draws))


def _autocovariance(values: Array) -> Array:
    n_draws = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    padded = 2 ** (2 * n_draws - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, n=padded, axis=1)) ** 2
    return np.fft.irfft(power, n=padded, axis=1)[:, :n_draws] / n_draws


def _ess(values: Array) -> float:
    """Geyer's initial monotone sequence over the mean autocorrelation of the chains."""
    n_chains, n_draws = values.shape
    total = n_chains * n_draws
    covariance = _autocovariance(values)
    within = covariance[:, 0].mean() * n_draws / (n_draws - 1)
    pooled = within * (n_draws - 1) / n_draws
    if n_chains > 1:
        pooled += values.mean(axis=1).var(ddof=1)
    if pooled <= 0:
        return float(total)
    correlation = 1 - (within - covariance.mean(axis=0)) / pooled
    correlation[0] = 1.0
    time = _autocorrelation_time(correlation)
    return float(total / max(time, 1 / np.log10(total)))


def _autocorrelation_time(correlation: Array) -> float:
    """−1 + 2 Σ of the pair sums ρ[2k] + ρ[2k + 1], up to the first negative one and never rising.

    The first part of the pair that ends the sum still counts once where it is positive. Without a negative pair the
    sum ends three lags before the last, which is too noisy to use.
    """
    n_pairs = max((len(correlation) - 3) // 2, 0) + 1
    pairs = correlation[: 2 * n_pairs].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    end = int(negative[0]) if negative.size else n_pairs - 1
    kept = np.minimum.accumulate(pairs[:end])
    return float(-1 + 2 * kept.sum() + max(correlation[2 * end], 0.0))
