"""Log posterior density and gradient of the model, with everything linear and Gaussian integrated out.

With media effects m(θ) and drivers of Gaussian prior (intercept, trend, season, controls) D γ, γ ~ N(γ₀, V):

    y = m(θ) + D γ + ε, ε ~ N(0, σ²)   ⇒   y | θ, σ ~ N(m(θ) + D γ₀, σ² I + D V Dᵀ)

With D V^½ = U Σ Wᵀ, r = y − D γ₀ − m(θ), v = Uᵀ r and k = Σ² / (Σ² + σ²) that is

    log p = −½ [T log 2π + T log σ² + Σ log(1 + Σ²/σ²) + rᵀ(r − U k v) / σ²]

(Bishop 2006, eq. 2.115, by the matrix inversion lemma). U depends on the data alone, so one evaluation costs no more
than adding the drivers up, and the sampler neither sees them nor the ridge between baseline and media.

The height β of a channel is sampled as its log gain h = log(β · mean_t f[t]): what data tell about a channel is
mostly its total effect, so h hardly depends on the shapes of the curve. The Jacobian of (β → h) is β.
"""

import math
from typing import NamedTuple

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.kernel.carryover import carry, carryover_weights, slope_by_lag
from mixmodel_app.engine.kernel.distributions import log_density
from mixmodel_app.engine.kernel.jit import jit, reordered
from mixmodel_app.engine.kernel.saturation import saturate

IDENTITY, LOG, LOGIT = range(3)
ON_HEIGHT, ON_RETURN, POOLED = range(3)

_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


class Problem(NamedTuple):
    """Everything that a density depends on but its parameters: T periods, C channels, E explicit drivers, J lift tests.

    Parameters are laid out as: first carryover parameter of each channel, second, first saturation parameter, second,
    log gain of each channel, coefficient of each explicit driver, log σ; kinds without a second parameter have none.

    Attributes:
        target: (T,) scaled target less the prior mean of the integrated drivers.
        media: (C, T) scaled media; used: (C,) whether a channel was ever on.
        basis: (P, T) rows Uᵀ; strength: (P,) Σ².
        drivers: (E, T) drivers whose prior is not Gaussian.
        families, transforms: (dim,); hyper: (dim, 3) priors of all parameters; those of gains hold the height's.
        height_prior: (C,) ON_HEIGHT, ON_RETURN or POOLED.
        log_return_per_gain: (C,) log ROAS − log gain, 0 where the prior is on the gain.
        pool: mean, precision and shrinkage of the pooled log returns.
        lift_channel: (J,); lift_media: (J, T) scaled media without the test's extra spend; lift_window: (J, 2) first
            and last period of the measurement; lift_result: (J, 2) effect and error on the scaled target over it.
        constant: (1,) what the constants of the priors add up to.
    """

    carryover: int
    saturation: int
    n_lags: int
    n_carryover: int
    n_saturation: int
    target: Array
    media: Array
    used: np.ndarray
    basis: Array
    strength: Array
    drivers: Array
    families: np.ndarray
    transforms: np.ndarray
    hyper: Array
    height_prior: np.ndarray
    log_return_per_gain: Array
    pool: Array
    lift_channel: np.ndarray
    lift_media: Array
    lift_window: np.ndarray
    lift_result: Array
    constant: Array


@reordered
def log_posterior(point, gradient, problem):
    """Log density at `point` (dim,), which fills `gradient` (dim,)."""
    n_channels, n_periods = problem.media.shape
    n_shapes = problem.n_carryover + problem.n_saturation
    gains = n_shapes * n_channels
    gradient[:] = 0.0
    value = problem.constant[0] + _priors(point, gradient, problem)

    weights = np.empty((n_channels, 3, problem.n_lags))
    exposure = np.empty((n_channels, n_periods))
    curves = np.zeros((n_channels, 4, n_periods))
    heights = np.empty(n_channels)
    mean_response = np.ones(n_channels)
    residual = problem.target.copy()
    for channel in range(n_channels):
        _respond(point, channel, problem, problem.media[channel], weights, exposure[channel], curves[channel])
        if problem.used[channel]:
            mean_response[channel] = curves[channel, 0].mean()
        heights[channel] = math.exp(point[gains + channel]) / mean_response[channel]
        for t in range(n_periods):
            residual[t] -= heights[channel] * curves[channel, 0, t]
    for driver in range(problem.drivers.shape[0]):
        effect = _effect(point, gains + n_channels + driver, problem)
        for t in range(n_periods):
            residual[t] -= effect * problem.drivers[driver, t]

    by_height = np.zeros(n_channels)
    slopes = np.zeros((n_channels, n_periods))
    value += _height_priors(point, gradient, heights, by_height, problem)
    value += _likelihood(point, gradient, residual, problem)
    for channel in range(n_channels):
        total = 0.0
        for t in range(n_periods):
            slopes[channel, t] = heights[channel] * residual[t]
            total += residual[t] * curves[channel, 0, t]
        by_height[channel] += heights[channel] * total
    for driver in range(problem.drivers.shape[0]):
        _driver_slope(point, gradient, gains + n_channels + driver, driver, residual, problem)
    for test in range(problem.lift_channel.shape[0]):
        value += _lift_test(point, gradient, test, problem, weights, curves, heights, by_height, slopes)

    for channel in range(n_channels):
        gradient[gains + channel] += by_height[channel]
        if problem.used[channel]:
            share = by_height[channel] / (n_periods * mean_response[channel])
            for t in range(n_periods):
                slopes[channel, t] -= share
            _respond_back(gradient, channel, problem, problem.media[channel], weights, curves[channel], slopes[channel])
    return value


@jit
def _priors(point, gradient, problem):
    """Priors of everything but the heights, with the Jacobians of the transforms."""
    n_channels = problem.media.shape[0]
    gains = (problem.n_carryover + problem.n_saturation) * n_channels
    total = 0.0
    for i in range(point.shape[0]):
        if gains <= i < gains + n_channels:
            continue
        hyper = problem.hyper[i]
        if problem.transforms[i] == IDENTITY:
            density, slope = log_density(problem.families[i], point[i], hyper[0], hyper[1], hyper[2])
            gradient[i] += slope
            total += density
        elif problem.transforms[i] == LOG:
            natural = math.exp(point[i])
            density, slope = log_density(problem.families[i], natural, hyper[0], hyper[1], hyper[2])
            gradient[i] += slope * natural + 1.0
            total += density + point[i]
        else:
            natural = 1.0 / (1.0 + math.exp(-point[i]))
            density, slope = log_density(problem.families[i], natural, hyper[0], hyper[1], hyper[2])
            gradient[i] += slope * natural * (1.0 - natural) + 1.0 - 2.0 * natural
            total += density + math.log(natural) + math.log1p(-natural)
    return total


@jit
def _height_priors(point, gradient, heights, by_height, problem):
    """Priors of the heights, stated on the height itself, on the return, or on all returns together."""
    n_channels = problem.media.shape[0]
    gains = (problem.n_carryover + problem.n_saturation) * n_channels
    mean, precision, shrinkage = problem.pool
    total, pooled, square = 0.0, 0.0, 0.0
    for channel in range(n_channels):
        i = gains + channel
        log_return = point[i] + problem.log_return_per_gain[channel]
        if problem.height_prior[channel] == POOLED:
            pooled += log_return - mean
            square += (log_return - mean) ** 2
            continue
        natural = heights[channel] if problem.height_prior[channel] == ON_HEIGHT else math.exp(log_return)
        hyper = problem.hyper[i]
        density, slope = log_density(problem.families[i], natural, hyper[0], hyper[1], hyper[2])
        total += density + math.log(natural)
        if problem.height_prior[channel] == ON_HEIGHT:
            by_height[channel] += slope * natural + 1.0
        else:
            gradient[i] += slope * natural + 1.0
    for channel in range(n_channels):
        if problem.height_prior[channel] == POOLED:
            distance = point[gains + channel] + problem.log_return_per_gain[channel] - mean
            gradient[gains + channel] -= precision * (distance - shrinkage * pooled)
    return total - 0.5 * precision * (square - shrinkage * pooled * pooled)


@reordered
def _likelihood(point, gradient, residual, problem):
    """Density of the residual; `residual` becomes its derivative by the fitted mean."""
    n_periods = residual.shape[0]
    log_sigma = point[-1]
    variance = math.exp(2.0 * log_sigma)
    by_sigma = -float(n_periods)
    log_volume = 0.0
    whole = 0.0
    for t in range(n_periods):
        whole += residual[t] * residual[t]
    left = residual.copy()
    for p in range(problem.strength.shape[0]):
        projection = 0.0
        for t in range(n_periods):
            projection += problem.basis[p, t] * residual[t]
        total = problem.strength[p] + variance
        kept = problem.strength[p] / total
        for t in range(n_periods):
            left[t] -= kept * projection * problem.basis[p, t]
        whole -= kept * projection * projection
        log_volume += math.log(total / variance)
        by_sigma += kept - projection * projection * problem.strength[p] / (total * total)
    gradient[-1] += by_sigma + whole / variance
    for t in range(n_periods):
        residual[t] = left[t] / variance
    return -0.5 * (whole / variance + log_volume) - n_periods * (log_sigma + _HALF_LOG_TWO_PI)


@jit
def _respond(point, channel, problem, media, weights, exposure, curve):
    """Weights, exposure, response and its derivatives of one channel under some media (T,)."""
    n_channels = problem.media.shape[0]
    second = point[n_channels + channel] if problem.n_carryover > 1 else 0.0
    carryover_weights(
        problem.carryover, point[channel], second, weights[channel, 0], weights[channel, 1], weights[channel, 2]
    )
    carry(media, weights[channel, 0], exposure)
    first = problem.n_carryover * n_channels + channel
    second = point[first + n_channels] if problem.n_saturation > 1 else 0.0
    saturate(problem.saturation, point[first], second, exposure, curve[0], curve[1], curve[2], curve[3])


@reordered
def _respond_back(gradient, channel, problem, media, weights, curve, slopes):
    """Add to `gradient` what follows from `slopes` (T,), the derivatives by the channel's response."""
    n_channels, n_periods = problem.media.shape
    first = problem.n_carryover * n_channels + channel
    by_first, by_second = 0.0, 0.0
    for t in range(n_periods):
        by_first += slopes[t] * curve[2, t]
        by_second += slopes[t] * curve[3, t]
    gradient[first] += by_first
    if problem.n_saturation > 1:
        gradient[first + n_channels] += by_second
    by_exposure = np.empty(n_periods)
    for t in range(n_periods):
        by_exposure[t] = slopes[t] * curve[1, t]
    for lag in range(problem.n_lags):
        slope = slope_by_lag(media, lag, by_exposure)
        gradient[channel] += slope * weights[channel, 1, lag]
        if problem.n_carryover > 1:
            gradient[n_channels + channel] += slope * weights[channel, 2, lag]


@jit
def _lift_test(point, gradient, test, problem, weights, curves, heights, by_height, slopes):
    """Density of an experiment: what was measured is normal around the effect of the extra spend with its carryover."""
    channel = problem.lift_channel[test]
    first, last = problem.lift_window[test]
    measured, error = problem.lift_result[test]
    n_periods = problem.media.shape[1]
    exposure = np.empty(n_periods)
    without = np.zeros((4, n_periods))
    _respond(point, channel, problem, problem.lift_media[test], weights, exposure, without)
    effect = 0.0
    for t in range(first, last + 1):
        effect += heights[channel] * (curves[channel, 0, t] - without[0, t])
    z = (measured - effect) / error
    pull = z / error
    by_height[channel] += pull * effect
    back = np.zeros(n_periods)
    for t in range(first, last + 1):
        slopes[channel, t] += pull * heights[channel]
        back[t] = -pull * heights[channel]
    _respond_back(gradient, channel, problem, problem.lift_media[test], weights, without, back)
    return -0.5 * z * z


@jit
def _effect(point, i, problem):
    return point[i] if problem.transforms[i] == IDENTITY else math.exp(point[i])


@jit
def _driver_slope(point, gradient, i, driver, residual, problem):
    total = 0.0
    for t in range(residual.shape[0]):
        total += residual[t] * problem.drivers[driver, t]
    gradient[i] += total if problem.transforms[i] == IDENTITY else total * math.exp(point[i])
