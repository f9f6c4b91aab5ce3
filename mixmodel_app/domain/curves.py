"""How spend becomes contribution, from joint posterior draws: plain numpy, shared by engines and planning.

For draw s, channel c and period t, with media x (file units), lag weights w (sum 1) and saturation f:

    adstocked[t] = Σ_l w[s, c, l] · x[t − l, c] / media_scale[c]
    contribution[s, t, c] = target_scale · beta[s, c] · f(adstocked[t])

Jin et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects", and PyMC-Marketing.
"""

import io
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]

_TINY = 1e-9  # of the media scale: where a curve may be infinitely steep at exactly 0

CONCAVE = frozenset({"logistic", "michaelis_menten", "tanh", "root"})
"""Saturations whose slope never rises; Hill curves may start slowly."""


@dataclass(frozen=True, slots=True)
class ResponseDraws:
    """Joint draws (S of them) of everything that turns spend into contribution for C channels.

    Attributes:
        channels: names, length C.
        saturation: a kind of `saturate`.
        weights: (S, C, L) lag weights, each summing to 1.
        params: saturation parameters by name, each (S, C).
        beta: (S, C) height of each channel's curve on the scaled target.
        media_scale: (C,) divides media; target_scale: multiplies the scaled target.
        unit_cost: (C,) money per unit of media: 1 for spend columns, mean cost for exposure, nan when unknown.
        spend: (T, C) spend history in money, oldest first; the last L − 1 rows carry over into a plan.
        media: (T, C) the same history in units of media; None in draws of older versions.
    """

    channels: tuple[str, ...]
    saturation: str
    weights: Array
    params: dict[str, Array]
    beta: Array
    media_scale: Array
    target_scale: float
    unit_cost: Array
    spend: Array
    media: Array | None = None

    @property
    def n_draws(self) -> int:
        return self.beta.shape[0]

    @property
    def n_lags(self) -> int:
        return self.weights.shape[2]

    def to_bytes(self) -> bytes:
        """A compressed npz without pickles; single precision for the draws, which is far finer than their error."""
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {
            "channels": np.array(self.channels, dtype=np.str_),
            "saturation": np.array(self.saturation, dtype=np.str_),
            "weights": self.weights.astype(np.float32),
            "beta": self.beta.astype(np.float32),
            "media_scale": self.media_scale,
            "target_scale": np.array(self.target_scale),
            "unit_cost": self.unit_cost,
            "spend": self.spend,
        }
        arrays |= {f"param_{name}": value.astype(np.float32) for name, value in self.params.items()}
        if self.media is not None:
            arrays["media"] = self.media
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        with np.load(io.BytesIO(raw), allow_pickle=False) as file:
            return cls(
                channels=tuple(str(name) for name in file["channels"]),
                saturation=str(file["saturation"]),
                weights=file["weights"].astype(np.float64),
                params={
                    key.removeprefix("param_"): file[key].astype(np.float64)
                    for key in file.files
                    if key.startswith("param_")
                },
                beta=file["beta"].astype(np.float64),
                media_scale=file["media_scale"],
                target_scale=float(file["target_scale"]),
                unit_cost=file["unit_cost"],
                spend=file["spend"],
                media=file["media"] if "media" in file.files else None,
            )


def saturate(kind: str, params: dict[str, Array], adstocked: Array) -> Array:
    """f(adstocked) for every draw: `params` and `adstocked` broadcast against each other.

    | kind | f(x) |
    |---|---|
    | logistic | (1 − e^(−λx)) / (1 + e^(−λx)) = tanh(λx / 2) |
    | hill | x^s / (κ^s + x^s), s the slope |
    | michaelis_menten | x / (λ + x) |
    | tanh | tanh(γx); with height b and cost of the first unit c, γ = 1 / (bc) |
    | root | x^α |
    """
    if kind == "logistic":
        return _tanh(params["lam"] * adstocked / 2)
    if kind == "tanh":
        return _tanh(params["gamma"] * adstocked)
    if kind == "hill":
        with np.errstate(divide="ignore"):  # the logarithm of 0 is −∞, whose level is 0
            distance = np.log(np.maximum(adstocked, 0.0)) - np.log(params["kappa"])
        return expit(params["slope"] * distance)
    if kind == "michaelis_menten":
        return adstocked / (params["lam"] + adstocked)
    if kind == "root":
        return np.power(np.maximum(adstocked, 0.0), params["alpha"])
    raise ValueError(f"There is no saturation {kind!r}.")


def _tanh(x: Array) -> Array:
    """tanh of what is not negative, to about 1e-16, in two thirds of the time of `np.tanh`."""
    fallen = np.exp(-2 * x)
    return (1 - fallen) / (1 + fallen)


def saturation_slope(kind: str, params: dict[str, Array], adstocked: Array) -> Array:
    """f'(adstocked) of the curves of `saturate`; `params` and `adstocked` broadcast.

    Logistic: (λ/2)(1 − f²). Tanh: γ(1 − f²). Hill: s·f·(1 − f)/x. Michaelis-Menten: λ/(λ + x)². Root: α·x^(α − 1).
    Where a curve has no derivative at 0 (Hill with a slope below 1, root), x is held just above it.
    """
    if kind in ("logistic", "tanh"):
        steepness = params["lam"] / 2 if kind == "logistic" else params["gamma"]
        return steepness * (1 - _tanh(steepness * adstocked) ** 2)
    if kind == "michaelis_menten":
        return params["lam"] / (params["lam"] + adstocked) ** 2
    x = np.maximum(adstocked, _TINY)
    if kind == "hill":
        level = expit(params["slope"] * (np.log(x) - np.log(params["kappa"])))
        return params["slope"] * level * (1 - level) / x
    if kind == "root":
        return params["alpha"] * np.power(x, params["alpha"] - 1)
    raise ValueError(f"There is no saturation {kind!r}.")


def carry_over(media: Array, weights: Array) -> Array:
    """Adstock of one channel's media (T,) under lag weights (S, L): (S, T). What came before the series counts as 0."""
    return weights @ lagged(media, weights.shape[1])


def lagged(media: Array, n_lags: int) -> Array:
    """(L, T) the series (T,) delayed by 0 … L − 1 periods, with 0 before its start."""
    return np.stack(
        [np.concatenate([np.zeros(min(lag, len(media))), media[: max(len(media) - lag, 0)]]) for lag in range(n_lags)]
    )
