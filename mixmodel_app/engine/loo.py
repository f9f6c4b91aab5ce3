"""Leave-one-out cross-validation from the draws of one fit: what each period's prediction is without that period.

The log density of period t given all others is estimated by importance sampling, with weights 1 ÷ p(y[t] | draw) whose
largest values are replaced by quantiles of a generalised Pareto distribution fitted to them. Its shape k tells how
far that can be trusted, and how much the fit hangs on the period: up to 0.7 well, above it not.

Vehtari, Gelman and Gabry (2017), "Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC";
Vehtari, Simpson, Gelman, Yao and Gabry (2024), "Pareto smoothed importance sampling"; the Pareto distribution is fitted
as by Zhang and Stephens (2009). All periods at once, in numpy; the tests hold the numbers equal to ArviZ's.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.expected import expected, media_effects, thinned
from mixmodel_app.engine.posterior import Posterior

PARETO_LIMIT = 0.7
_DRAWS = 1000
_FEWEST_DRAWS = 25  # five for the tail
_PRIOR_WEIGHT, _PRIOR_SHAPE = 10, 0.5
_GRID_START, _GRID_PRIOR = 30, 3
_NEGLIGIBLE = 10 * np.finfo(float).eps


@dataclass(frozen=True, slots=True)
class Loo:
    """Leave-one-out for T periods, densities being those of the scaled target.

    Attributes:
        elpd: (T,) log predictive density of each period without itself.
        pareto_k: (T,) shape of the tail of its weights.
        log_weights: (S, T) smoothed and normalised over the draws.
        p_loo: effective number of parameters, log density of the fit − `elpd`, summed.
    """

    elpd: Array
    pareto_k: Array
    log_weights: Array
    p_loo: float

    @property
    def elpd_loo(self) -> float:
        return float(self.elpd.sum())

    @property
    def standard_error(self) -> float:
        """Of `elpd_loo`, from the spread over the periods."""
        return float(np.sqrt(len(self.elpd) * self.elpd.var()))


def loo(posterior: Posterior) -> Loo:
    """Leave-one-out of a fitted model from up to 1,000 of its draws."""
    data, draws = posterior.spec.data, thinned(posterior.model_draws(), _DRAWS)
    blocks = [drivers.block for drivers in posterior.spec.drivers]
    mean = expected(draws, blocks, media_effects(draws, data))
    return leave_one_out(log_density(data.target / data.target_scale, mean, draws.sigma))


def log_density(target: Array, mean: Array, sigma: Array) -> Array:
    """(S, T) normal log density of a target (T,) around `mean` (S, T) with deviation `sigma` (S,)."""
    z = (target - mean) / sigma[:, None]
    return -0.5 * z**2 - np.log(sigma)[:, None] - 0.5 * np.log(2 * np.pi)


def leave_one_out(log_likelihood: Array) -> Loo:
    """From log densities (S, T) of each period under each draw.

    Raises:
        ValueError: fewer draws than a tail can be fitted to.
    """
    log_weights, shape = smoothed_weights(-log_likelihood)
    elpd = np.asarray(logsumexp(log_likelihood + log_weights, axis=0))
    of_the_fit = logsumexp(log_likelihood, axis=0) - np.log(len(log_likelihood))
    return Loo(elpd, shape, log_weights, float((of_the_fit - elpd).sum()))


def smoothed_weights(log_ratios: Array) -> tuple[Array, Array]:
    """Pareto smoothed log weights (S, T), each column normalised, and the shapes k (T,) of their tails."""
    size = len(log_ratios)
    if size < _FEWEST_DRAWS:
        raise ValueError(f"Leave-one-out needs {_FEWEST_DRAWS} draws.")
    weights = log_ratios - log_ratios.max(axis=0)
    tail = int(3 * np.sqrt(size)) if size > 225 else size // 5
    order = np.argpartition(weights, (size - tail - 1, size - tail), axis=0)[size - tail - 1 :]
    largest = np.take_along_axis(weights, order, axis=0)
    rank = np.argsort(largest, axis=0, kind="stable")
    order, largest = np.take_along_axis(order, rank, axis=0), np.exp(np.take_along_axis(largest, rank, axis=0))
    cutoff, above = largest[0], largest[1:]
    shape, scale = fit_pareto(above - cutoff)
    probability = ((np.arange(tail) + 0.5) / tail)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        quantile = cutoff + scale * np.expm1(-shape * np.log1p(-probability)) / shape
    smooth = np.where(np.isfinite(quantile), np.minimum(quantile, 1.0), above)  # 1 is the largest raw weight
    np.put_along_axis(weights, order[1:], np.log(np.maximum(smooth, np.finfo(float).tiny)), axis=0)
    return weights - logsumexp(weights, axis=0), shape


def fit_pareto(excess: Array) -> tuple[Array, Array]:
    """Shape and scale (T,) of generalised Pareto distributions from sorted excesses (M, T).

    The posterior mean over a grid of θ = shape ÷ −scale under Zhang and Stephens' prior; the shape is then pulled
    towards ½ as by ten observations, which steadies short tails. A tail that hardly varies has shape −∞.
    """
    size = len(excess)
    points = _GRID_START + int(np.sqrt(size))
    quartile, largest = excess[int(size / 4 + 0.5) - 1], excess[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = 1 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))
        theta = 1 / largest + steps[:, None] / (_GRID_PRIOR * quartile)
        mean = np.stack([np.log1p(-row * excess).mean(axis=0) for row in theta])
        log_weight = size * (np.log(-theta / mean) - mean - 1)
        weight = np.exp(log_weight - logsumexp(log_weight, axis=0))
        weight = np.where(weight >= _NEGLIGIBLE, weight, 0.0)
        best = (theta * weight).sum(axis=0) / weight.sum(axis=0)
        shape = np.log1p(-best * excess).mean(axis=0)
        scale = -shape / best
    shape = (size * shape + _PRIOR_WEIGHT * _PRIOR_SHAPE) / (size + _PRIOR_WEIGHT)
    flat = ~np.isfinite(shape) | (quartile <= excess[0])
    return np.where(flat, -np.inf, shape), np.where(flat, np.nan, scale)
