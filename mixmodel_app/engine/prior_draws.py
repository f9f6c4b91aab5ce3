"""Draws of a whole model from its priors, in numpy: what is thought before any data are seen.

Every parameter is drawn by Latin hypercube sampling (McKay, Beckman and Conover 1979): S draws hold exactly the
quantiles at (i + ½) / S of their distribution, in random order. Ranges of a few hundred draws are then as smooth as
those of some thousand independent ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from mixmodel_app.domain.curves import Array, lagged, saturate
from mixmodel_app.engine.posterior import Posterior, without_prefix
from mixmodel_app.engine.priors import HEIGHT, PriorSpec
from mixmodel_app.engine.spec import Drivers, HeightOf, ModelSpec
from mixmodel_app.engine.transforms import carryover_weights

_STANDARD_NORMAL = PriorSpec("Normal", {"mu": 0.0, "sigma": 1.0})
_REAL = ("Normal", "Laplace", "StudentT")
_LEAST, _MOST = 1e-40, 1e40  # what a parameter is held to, so that an absurd prior gives numbers that can be shown
_BLOCK = 500_000  # multiplications of a matrix product that starts no threads, which would fight over a busy web


@dataclass(frozen=True, slots=True)
class PriorDraws:
    """S joint draws from the priors of a model.

    Attributes:
        parameters: as of a posterior with one chain.
        returns: (S, C) contribution with carryover ÷ spend; nan where there is no spend to divide by.
        media: (S, T) effect of all channels together on the scaled target.
    """

    parameters: Posterior
    returns: Array
    media: Array


def prior_draws(spec: ModelSpec, size: int, seed: int) -> PriorDraws:
    """Draw `size` times from all priors; lift tests are data and have no say here."""
    rng, data = np.random.default_rng(seed), spec.data
    shapes = {name: np.column_stack([draw(p, size, rng) for p in priors]) for name, priors in spec.shapes.items()}
    heights = _stated_heights(spec, size, rng)
    gains = heights.copy()
    media = np.zeros((size, data.n_periods))
    for channel in np.flatnonzero(data.used):
        curve = response(spec, {name: values[:, channel] for name, values in shapes.items()}, int(channel))
        mean = np.maximum(curve.mean(axis=1), _LEAST)
        if spec.heights[channel].of is HeightOf.HEIGHT:
            gains[:, channel] *= mean
        else:
            heights[:, channel] /= mean
        media += heights[:, channel, None] * curve
    values = {**shapes, HEIGHT: heights, "sigma": draw(spec.sigma, size, rng)}
    values |= {drivers.block.name: _coefficients(drivers, size, rng) for drivers in spec.drivers}
    return PriorDraws(
        parameters=Posterior({name: each[None] for name, each in values.items()}, spec),
        returns=np.where(data.used & data.spend.any(axis=0), gains * _return_per_gain(spec), np.nan),
        media=media,
    )


def prior_log_return(spec: ModelSpec, channel: int, size: int, seed: int) -> Array:
    """(S,) log return of a channel whose prior is its own: stated on the return or on the height, not pooled.

    Raises:
        ValueError: for a pooled channel.
    """
    height, rng = spec.heights[channel], np.random.default_rng([seed, channel])
    if height.prior is None:
        raise ValueError("The return of a pooled channel has no prior of its own.")
    stated = np.log(draw(height.prior, size, rng))
    if height.of is not HeightOf.HEIGHT:
        return stated
    shapes = {name: draw(priors[channel], size, rng) for name, priors in spec.shapes.items()}
    mean = np.maximum(response(spec, shapes, channel).mean(axis=1), _LEAST)
    return stated + np.log(mean) + spec.log_return_per_gain[channel]


def response(spec: ModelSpec, shapes: dict[str, Array], channel: int) -> Array:
    """(S, T) f(carryover(media)) of one channel, before its height: `shapes` are its parameters, each (S,)."""
    config, media = spec.config, spec.data.scaled_media[:, channel]
    weights = carryover_weights(config.adstock_type, without_prefix(shapes, "adstock_"), config.l_max)
    params = {name: values[:, None] for name, values in without_prefix(shapes, "saturation_").items()}
    delayed = lagged(media, config.l_max)
    found = np.empty((len(weights), len(media)))
    step = max(_BLOCK // (config.l_max * len(media)), 1)
    for rows in (slice(start, start + step) for start in range(0, len(weights), step)):
        own = {name: values[rows] for name, values in params.items()}
        found[rows] = saturate(config.saturation_type.value, own, weights[rows] @ delayed)
    return found


def draw(prior: PriorSpec, size: int, rng: np.random.Generator) -> Array:
    """(size,) a Latin hypercube sample of one parameter."""
    return rng.permutation(_ordered(prior.dist, tuple(prior.params.items()), size))


def quantile(prior: PriorSpec, probability: Array) -> Array:
    """The value below which a parameter lies with this probability, for every family of `engine.priors`."""
    return _QUANTILES[prior.dist](by_shape(prior), probability)


def by_shape(prior: PriorSpec) -> dict[str, float]:
    """The parameters of a prior; those of Gamma and Beta by their shapes where mean and deviation are given."""
    params = dict(prior.params)
    if prior.dist not in ("Gamma", "Beta") or "mu" not in params:
        return params
    mu, variance = params["mu"], params["sigma"] ** 2
    if prior.dist == "Gamma":
        return {"alpha": mu**2 / variance, "beta": mu / variance}
    together = mu * (1 - mu) / variance - 1
    return {"alpha": mu * together, "beta": (1 - mu) * together}


def _laplace(p: dict[str, float], u: Array) -> Array:
    return p["mu"] - p["b"] * np.sign(u - 0.5) * np.log1p(-2 * np.abs(u - 0.5))


_QUANTILES: dict[str, Callable[[dict[str, float], Array], Array]] = {
    "Normal": lambda p, u: p["mu"] + p["sigma"] * special.ndtri(u),
    "Laplace": _laplace,
    "StudentT": lambda p, u: p["mu"] + p["sigma"] * special.stdtrit(p["nu"], u),
    "HalfNormal": lambda p, u: p["sigma"] * special.ndtri((1 + u) / 2),
    "Gamma": lambda p, u: special.gammaincinv(p["alpha"], u) / p["beta"],
    "Beta": lambda p, u: special.betaincinv(p["alpha"], p["beta"], u),
    "LogNormal": lambda p, u: np.exp(p["mu"] + p["sigma"] * special.ndtri(u)),
    "Exponential": lambda p, u: -np.log1p(-u) / p["lam"],
    "InverseGamma": lambda p, u: p["beta"] / special.gammainccinv(p["alpha"], u),
}


@lru_cache(maxsize=256)
def _ordered(dist: str, params: tuple[tuple[str, float], ...], size: int) -> Array:
    """(size,) the middles of `size` equally likely slices, in rising order."""
    with np.errstate(over="ignore", divide="ignore"):
        values = quantile(PriorSpec(dist, dict(params)), (np.arange(size) + 0.5) / size)
    return np.clip(values, -_MOST if dist in _REAL else _LEAST, _MOST)


def _stated_heights(spec: ModelSpec, size: int, rng: np.random.Generator) -> Array:
    """(S, C) heights where the prior is on the height, gains everywhere else."""
    per_gain, pooled = _return_per_gain(spec), spec.pooled
    stated = np.empty((size, len(spec.heights)))
    for channel, height in enumerate(spec.heights):
        if height.prior is not None:
            values = draw(height.prior, size, rng)
            stated[:, channel] = values if height.of is HeightOf.HEIGHT else values / per_gain[channel]
    if len(pooled):
        normal = np.column_stack([draw(_STANDARD_NORMAL, size, rng) for _ in pooled])
        root = np.linalg.cholesky(spec.pool.covariance(len(pooled)))
        stated[:, pooled] = np.exp(spec.pool.mean + normal @ root.T) / per_gain[pooled]
    return stated


def _return_per_gain(spec: ModelSpec) -> Array:
    return np.exp(spec.log_return_per_gain)


def _coefficients(drivers: Drivers, size: int, rng: np.random.Generator) -> Array:
    """(S, K), or (S,) of a block without labels."""
    columns = [sign * draw(prior, size, rng) for prior, sign in zip(drivers.priors, drivers.signs, strict=True)]
    return np.column_stack(columns) if drivers.block.labels else columns[0]
