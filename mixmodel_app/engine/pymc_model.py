"""The PyMC-Marketing model, and the two changes of variables that make it easy to sample.

Both leave the posterior exactly as it is (ADR 0003); the tests hold the densities equal to those of the stock model.

1. **Centred intercept.** Sampled is the level ℓ = intercept + mean over time of media and trend, with the prior
   ℓ | media ~ Prior(mu + mean): a location family, so the intercept keeps its stated prior. Without this the
   intercept and the heights of all channels trade off along one long ridge.
2. **Scaled height** (logistic only). Sampled is g = β · f(typical media), with g | λ ~ Prior(scale · f): a scale
   family, so β keeps its stated prior. Without it β and λ trade off wherever the data see only the straight part.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.run import Adstock, Saturation
from mixmodel_app.engine.priors import PriorSpec, resolve_priors
from mixmodel_app.engine.types import PreparedData

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM

DATE, TARGET = "date", "target"
TREND = "trend"
_SHORTEST_WEIBULL = 2

# How the parameters of a positive prior change when the variable is multiplied by a factor: parameter to power.
_SCALING = {
    ("Gamma", "beta"): -1,
    ("Gamma", "mu"): 1,
    ("Gamma", "sigma"): 1,
    ("HalfNormal", "sigma"): 1,
    ("Exponential", "lam"): -1,
    ("InverseGamma", "beta"): 1,
}


def _marketing() -> Any:
    return import_module("pymc_marketing.mmm")


def _xtensor() -> Any:
    return import_module("pytensor.xtensor")


def _dims() -> Any:
    return import_module("pymc.dims")


def build_mmm(data: PreparedData, *, reparametrised: bool = True) -> "MMM":
    """The MMM of `data.config`, built on scaled data.

    Channels, controls and Fourier terms are coordinates named by `PreparedData`; the free variables are those of
    PyMC-Marketing, except `level` for `intercept_contribution` and `gain` for `saturation_beta` where reparametrised.

    Raises:
        InvalidInput: for priors that do not fit, or a carryover too short for its shape.
    """
    priors = resolve_priors(data.config)
    intercept = _prior(priors["intercept"])
    mmm = _marketing().MMM(
        date_column=DATE,
        target_column=TARGET,
        channel_columns=[f"media_{i}" for i in range(len(data.channels))],
        control_columns=[f"control_{i}" for i in range(len(data.control_names))] or None,
        adstock=_adstock(data, priors),
        saturation=_saturation(data, priors, reparametrised=reparametrised),
        yearly_seasonality=data.config.yearly_seasonality or None,
        model_config={
            "intercept": DeferredIntercept() if reparametrised else intercept,
            "likelihood": _likelihood(priors["sigma"]),
            "gamma_control": _prior(priors["gamma_control"], "control"),
            "gamma_fourier": _prior(priors["gamma_fourier"], "fourier_mode"),
        },
    )
    if data.config.trend:
        mmm.add_mu_effect(_trend(priors["trend"]))
    if reparametrised:
        mmm.add_mu_effect(CentredIntercept(priors["intercept"]))
    mmm.build_model(*tables(data))
    return mmm


def tables(data: PreparedData) -> tuple[pd.DataFrame, pd.Series]:
    """What PyMC-Marketing reads, X and y, under neutral names: no header of a file can collide with them."""
    columns: dict[str, Any] = {DATE: data.dates}
    columns |= {f"control_{i}": data.controls[:, i] for i in range(data.controls.shape[1])}
    columns |= {f"media_{i}": data.media[:, i] for i in range(data.media.shape[1])}
    return pd.DataFrame(columns), pd.Series(data.target, name=TARGET)


def _prior(spec: PriorSpec, dims: str | None = None) -> Any:
    return import_module("pymc_extras.prior").Prior(spec.dist, **spec.params, dims=dims)


def _likelihood(sigma: PriorSpec) -> Any:
    return import_module("pymc_extras.prior").Prior("Normal", sigma=_prior(sigma), dims="date")


def _trend(spec: PriorSpec) -> Any:
    """A straight line from 0 to the sampled change: PyMC-Marketing's trend with its only change point at the start."""
    line = _marketing().LinearTrend(
        n_changepoints=1, prefix=TREND, priors={"delta": _prior(spec, f"{TREND}_changepoint")}
    )
    return import_module("pymc_marketing.mmm.additive_effect").LinearTrendEffect(trend=line, prefix=TREND)


def _adstock(data: PreparedData, priors: dict[str, PriorSpec]) -> Any:
    l_max = data.config.l_max
    if data.config.adstock_type is Adstock.GEOMETRIC:
        return _marketing().GeometricAdstock(l_max=l_max, priors={"alpha": _prior(priors["adstock_alpha"], "channel")})
    if l_max < _SHORTEST_WEIBULL:
        raise InvalidInput(
            f"Weibull carryover needs at least {_SHORTEST_WEIBULL} periods.",
            errors=(FieldError("config.l_max", f"must be at least {_SHORTEST_WEIBULL} for weibull"),),
        )
    shapes = {name: _prior(priors[f"adstock_{name}"], "channel") for name in ("lam", "k")}
    return _weibull_density()(l_max=l_max, priors=shapes)


@cache
def _weibull_density() -> type:
    """Weibull density weights, normalised to sum 1 and without PyMC-Marketing's subtraction of the smallest weight.

    That subtraction has a kink wherever another lag becomes the smallest, which costs divergences, and it is 0 ÷ 0
    where the density underflows; otherwise this is `WeibullPDFAdstock`.
    """
    ptx = _xtensor()
    convolve = import_module("pymc_marketing.mmm.transformers").batched_convolution

    class WeibullDensityAdstock(_marketing().WeibullPDFAdstock):
        lookup_name = "weibull_density"

        def function(self, x: Any, lam: Any, k: Any, *, dim: str) -> Any:
            lag = f"{dim}_kernel"
            z = ptx.as_xtensor(np.arange(1.0, self.l_max + 1), dims=(lag,)) / lam
            log_density = (k - 1) * ptx.math.log(z) - z**k
            weights = ptx.math.exp(log_density - log_density.max(dim=lag))
            return convolve(x, weights / weights.sum(dim=lag), dim=dim, kernel_dim=lag, mode=self.mode)

    return WeibullDensityAdstock


def _saturation(data: PreparedData, priors: dict[str, PriorSpec], *, reparametrised: bool) -> Any:
    beta = _prior(priors["saturation_beta"], "channel")
    if data.config.saturation_type is Saturation.HILL:
        shapes = {name: _prior(priors[f"saturation_{name}"], "channel") for name in ("slope", "kappa")}
        return _marketing().HillSaturation(priors={**shapes, "beta": beta})
    height = ScaledHeight(priors["saturation_beta"], typical_media(data)) if reparametrised else beta
    return _marketing().LogisticSaturation(priors={"lam": _prior(priors["saturation_lam"], "channel"), "beta": height})


def typical_media(data: PreparedData) -> Array:
    """(C,) root mean square of each channel's scaled media, 1 for one that was never on."""
    return np.where(data.used, np.sqrt((data.scaled_media**2).mean(axis=0)), 1.0)


class DeferredIntercept:
    """Stands where PyMC-Marketing creates the intercept, before there are media to centre on: adds 0."""

    dims: tuple[str, ...] = ()

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        return _xtensor().as_xtensor(0.0)


@dataclass
class CentredIntercept:
    """The intercept, sampled as the level around which media and trend move; an effect for `MMM.add_mu_effect`."""

    spec: PriorSpec

    def create_data(self, mmm: Any) -> None:
        """Needs no data of its own."""

    def set_data(self, mmm: Any, model: Any, X: Any) -> None:  # noqa: N803 - the name is PyMC-Marketing's
        """Needs no data of its own."""

    def create_effect(self, mmm: Any) -> Any:
        pmd = _dims()
        moving = mmm.model["channel_contribution"].sum(dim="channel")
        if f"{TREND}_effect_contribution" in mmm.model.named_vars:
            moving = moving + mmm.model[f"{TREND}_effect_contribution"]
        offset = moving.mean(dim="date")
        params = {**self.spec.params, "mu": self.spec.params["mu"] + offset}
        level = getattr(pmd, self.spec.dist)("level", **params)
        return pmd.Deterministic("intercept_contribution", level - offset)


@dataclass
class ScaledHeight:
    """β of the logistic curve, sampled as its value at typical media; a variable factory for a saturation prior."""

    spec: PriorSpec
    typical: Array
    dims: tuple[str, ...] = ("channel",)

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        pmd, ptx = _dims(), _xtensor()
        lam = import_module("pymc").modelcontext(None)["saturation_lam"]
        response = ptx.math.tanh(lam * ptx.as_xtensor(self.typical, dims=self.dims) / 2)
        gain = getattr(pmd, self.spec.dist)("gain", **self._scaled_params(response), dims=self.dims)
        return pmd.Deterministic(name, gain / response)

    def _scaled_params(self, response: Any) -> dict[str, Any]:
        if self.spec.dist == "LogNormal":
            return {**self.spec.params, "mu": self.spec.params["mu"] + _xtensor().math.log(response)}
        powers = {key: _SCALING.get((self.spec.dist, key), 0) for key in self.spec.params}
        return {key: value * response ** powers[key] for key, value in self.spec.params.items()}
