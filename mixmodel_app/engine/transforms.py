"""Carryover weights and saturation slopes from parameter draws, in numpy."""

import numpy as np

from mixmodel_app.domain.curves import Array, saturate


def geometric_weights(alpha: Array, l_max: int) -> Array:
    """Weights α^l ÷ Σ α^l for l = 0 … `l_max` − 1: `alpha` (S, C) gives (S, C, L).

    Jin et al. (2017), as PyMC-Marketing's `GeometricAdstock` with `normalize=True`.
    """
    weights = np.power(alpha[..., None], np.arange(l_max))
    return weights / weights.sum(axis=-1, keepdims=True)


def weibull_weights(lam: Array, k: Array, l_max: int) -> Array:
    """Weibull density with scale `lam` and shape `k` at 1 … `l_max`, normalised: (S, C) each give (S, C, L).

    Formed from the log density, so that it stays finite where the density itself underflows.
    """
    z = np.arange(1, l_max + 1) / lam[..., None]
    log_density = (k[..., None] - 1) * np.log(z) - np.power(z, k[..., None])
    weights = np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def saturation_elasticity(kind: str, params: dict[str, Array], adstocked: Array) -> Array:
    """x · f′(x) of the saturations of `domain.curves.saturate`: the change of f per proportional change of x.

    Logistic: (λx / 2) · (1 − tanh²(λx / 2)). Hill: s · f · (1 − f).
    """
    response = saturate(kind, params, adstocked)
    if kind == "logistic":
        return params["lam"] * adstocked / 2 * (1 - response**2)
    return params["slope"] * response * (1 - response)


def half_life(weights: Array) -> Array:
    """Periods until half of the effect has arrived: (S, L) gives (S,).

    The cumulative weight is 0 at time 0, reaches Σ w[0…l] at time l + 1 and is linear between, which for a geometric
    decay α^l is log ½ ÷ log α at whole periods.
    """
    cumulative = np.cumsum(weights, axis=-1)
    lag = np.argmax(cumulative >= 0.5 - 1e-12, axis=-1)
    rows = np.arange(len(weights))
    return lag + (0.5 - (cumulative[rows, lag] - weights[rows, lag])) / weights[rows, lag]
