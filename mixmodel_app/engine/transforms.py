"""Carryover weights from parameter draws, and figures of curves, in numpy."""

import numpy as np
from scipy.special import xlogy

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.model_options import Adstock

CARRYOVER_PARAMETERS: dict[Adstock, tuple[str, ...]] = {
    Adstock.GEOMETRIC: ("alpha",),
    Adstock.DELAYED: ("alpha", "theta"),
    Adstock.BINOMIAL: ("alpha",),
    Adstock.WEIBULL: ("lam", "k"),
    Adstock.WEIBULL_CDF: ("lam", "k"),
}


def carryover_weights(kind: Adstock, params: dict[str, Array], l_max: int) -> Array:
    """Weights of lags 0 … `l_max` − 1, each set summing to 1: parameters (S, C) give (S, C, L).

    Formed from log weights, so that they stay finite where the weights themselves underflow:

    | kind | log weight of lag l | source |
    |---|---|---|
    | geometric | l · log α | Jin et al. (2017), eq. 2 |
    | delayed | (l − θ)² · log α | Jin et al. (2017), eq. 3 |
    | binomial | (1/α − 1) · log(1 − l / (L + 1)) | PyMC-Marketing `binomial_adstock` |
    | weibull | (k − 1) · log z − z^k, z = (l + 1) / λ | Weibull density |
    | weibull_cdf | − Σ_{0 < i ≤ l} (i / λ)^k | product of Weibull survival |
    """
    lags = np.arange(l_max, dtype=float)
    values = {name: value[..., None] for name, value in params.items()}
    log_weights = _log_weights(kind, values, lags)
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def geometric_weights(alpha: Array, l_max: int) -> Array:
    """Weights α^l ÷ Σ α^l: `alpha` (S, C) gives (S, C, L)."""
    return carryover_weights(Adstock.GEOMETRIC, {"alpha": alpha}, l_max)


def _log_weights(kind: Adstock, params: dict[str, Array], lags: Array) -> Array:
    if kind is Adstock.GEOMETRIC:
        return xlogy(lags, params["alpha"])
    if kind is Adstock.DELAYED:
        return xlogy((lags - params["theta"]) ** 2, params["alpha"])
    if kind is Adstock.BINOMIAL:
        return (1 / params["alpha"] - 1) * np.log1p(-lags / (len(lags) + 1))
    if kind is Adstock.WEIBULL:
        log_z = np.log((lags + 1) / params["lam"])
        return (params["k"] - 1) * log_z - np.exp(params["k"] * log_z)
    return -np.cumsum(np.power(lags / params["lam"], params["k"]), axis=-1)


def saturation_elasticity(kind: str, params: dict[str, Array], adstocked: Array, level: Array) -> Array:
    """x · f′(x) of the saturations of `domain.curves` from x and `level`, f(x): the change of f per proportional change
    of x. Logistic: (λx/2)(1 − f²). Tanh: γx(1 − f²). Hill: s·f·(1 − f). Michaelis-Menten: f·(1 − f). Root: α·f.
    """
    if kind in ("logistic", "tanh"):
        steepness = params["lam"] / 2 if kind == "logistic" else params["gamma"]
        return steepness * adstocked * (1 - level**2)
    if kind == "root":
        return params["alpha"] * level
    rise = level * (1 - level)
    return params["slope"] * rise if kind == "hill" else rise


def half_life(weights: Array) -> Array:
    """Periods until half of the effect has arrived: (S, L) gives (S,).

    The cumulative weight is 0 at time 0, reaches Σ w[0…l] at time l + 1 and is linear between, which for a geometric
    decay α^l is log ½ ÷ log α at whole periods.
    """
    cumulative = np.cumsum(weights, axis=-1)
    lag = np.argmax(cumulative >= 0.5 - 1e-12, axis=-1)
    rows = np.arange(len(weights))
    return lag + (0.5 - (cumulative[rows, lag] - weights[rows, lag])) / weights[rows, lag]
