"""Carryover weights and their derivatives, one formula per kind, each as a softmax of log weights.

With log weights ℓ[l], l = 0 … L − 1, the weights are w[l] = e^ℓ[l] ÷ Σ e^ℓ, so every kind sums to 1 and stays finite
where the weights themselves underflow. Parameters arrive unconstrained: logit α, log θ, log λ, log k.

| kind | log weight | source |
|---|---|---|
| geometric | l · log α | Jin et al. (2017), eq. 2 |
| delayed | (l − θ)² · log α | Jin et al. (2017), eq. 3 |
| binomial | (1/α − 1) · log(1 − l / (L + 1)) | PyMC-Marketing `binomial_adstock` |
| weibull | (k − 1) · log z − z^k, z = (l + 1) / λ | Weibull density, as in Robyn and PyMC-Marketing |
| weibull_cdf | − Σ_{i ≤ l} (i / λ)^k | product of Weibull survival, as in Robyn and PyMC-Marketing |
"""

import math

from mixmodel_app.engine.kernel.jit import jit, reordered

GEOMETRIC, DELAYED, BINOMIAL, WEIBULL, WEIBULL_CDF = range(5)


@jit
def carryover_weights(kind, first, second, weights, by_first, by_second):
    """Fill `weights` (L,) and its derivatives by the two unconstrained parameters, each (L,)."""
    by_second[:] = 0.0
    if kind == GEOMETRIC:
        _geometric(first, weights, by_first)
    elif kind == DELAYED:
        _delayed(first, second, weights, by_first, by_second)
    elif kind == BINOMIAL:
        _binomial(first, weights, by_first)
    elif kind == WEIBULL:
        _weibull(first, second, weights, by_first, by_second)
    else:
        _weibull_cdf(first, second, weights, by_first, by_second)
    _softmax(weights, by_first, by_second)


@jit
def _log_expit(value):
    return -math.log1p(math.exp(-value)) if value > -30.0 else value


@jit
def _geometric(logit_alpha, log_weights, by_alpha):
    fading = 1.0 - math.exp(_log_expit(logit_alpha))
    for lag in range(log_weights.shape[0]):
        log_weights[lag] = lag * _log_expit(logit_alpha)
        by_alpha[lag] = lag * fading


@jit
def _delayed(logit_alpha, log_theta, log_weights, by_alpha, by_theta):
    log_alpha, theta = _log_expit(logit_alpha), math.exp(log_theta)
    for lag in range(log_weights.shape[0]):
        distance = lag - theta
        log_weights[lag] = distance * distance * log_alpha
        by_alpha[lag] = distance * distance * (1.0 - math.exp(log_alpha))
        by_theta[lag] = -2.0 * distance * theta * log_alpha


@jit
def _binomial(logit_alpha, log_weights, by_alpha):
    n_lags = log_weights.shape[0]
    power = math.exp(-logit_alpha)  # 1/α − 1
    for lag in range(n_lags):
        log_weights[lag] = power * math.log1p(-lag / (n_lags + 1.0))
        by_alpha[lag] = -log_weights[lag]


@jit
def _weibull(log_lam, log_k, log_weights, by_lam, by_k):
    k = math.exp(log_k)
    for lag in range(log_weights.shape[0]):
        log_z = math.log(lag + 1.0) - log_lam
        powered = math.exp(k * log_z)
        log_weights[lag] = (k - 1.0) * log_z - powered
        by_lam[lag] = 1.0 - k + k * powered
        by_k[lag] = k * log_z * (1.0 - powered)


@jit
def _weibull_cdf(log_lam, log_k, log_weights, by_lam, by_k):
    k = math.exp(log_k)
    log_weights[0], by_lam[0], by_k[0] = 0.0, 0.0, 0.0
    for lag in range(1, log_weights.shape[0]):
        log_z = math.log(lag) - log_lam
        powered = math.exp(k * log_z)
        log_weights[lag] = log_weights[lag - 1] - powered
        by_lam[lag] = by_lam[lag - 1] + k * powered
        by_k[lag] = by_k[lag - 1] - k * log_z * powered


@jit
def _softmax(weights, by_first, by_second):
    """In place: log weights become weights, their slopes the slopes of the weights."""
    n_lags = weights.shape[0]
    top = weights[0]
    for lag in range(1, n_lags):
        top = max(top, weights[lag])
    total = 0.0
    for lag in range(n_lags):
        weights[lag] = math.exp(weights[lag] - top)
        total += weights[lag]
    mean_first, mean_second = 0.0, 0.0
    for lag in range(n_lags):
        weights[lag] /= total
        mean_first += weights[lag] * by_first[lag]
        mean_second += weights[lag] * by_second[lag]
    for lag in range(n_lags):
        by_first[lag] = weights[lag] * (by_first[lag] - mean_first)
        by_second[lag] = weights[lag] * (by_second[lag] - mean_second)


# Slices, not offsets: an index that might be negative keeps the compiler from doing four periods at once.


@reordered
def carry(media, weights, out):
    """out[t] = Σ_l weights[l] · media[t − l]; what came before the series counts as 0."""
    n_periods = media.shape[0]
    out[:] = 0.0
    for lag in range(min(weights.shape[0], n_periods)):
        weight, early, late = weights[lag], media[: n_periods - lag], out[lag:]
        for t in range(late.shape[0]):
            late[t] += weight * early[t]


@reordered
def slope_by_lag(media, lag, slopes):
    """Σ_t slopes[t] · media[t − lag]: the derivative by `weights[lag]`, from those by the result of `carry`."""
    if lag >= media.shape[0]:
        return 0.0
    early, late = media[: media.shape[0] - lag], slopes[lag:]
    total = 0.0
    for t in range(late.shape[0]):
        total += late[t] * early[t]
    return total
