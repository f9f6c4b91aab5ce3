"""The model of a `ModelSpec` in PyMC-Marketing: the reference for the fast path, and what is sampled where that ends.

Sampled in its stock form it fails on ordinary data, so two changes of variables are offered that leave the posterior
exactly as it is (ADR 0003); the tests hold the densities equal to those of the stock form.

1. **Centred intercept.** Sampled is the level ℓ = intercept + mean over time of everything that moves, with the prior
   ℓ | rest ~ Prior(mu + mean): a location family, so the intercept keeps its stated prior. Without this the intercept
   and the heights of all channels trade off along one long ridge.
2. **Gain.** Sampled is g = β · mean response, with g | shapes ~ Prior(scale · mean response): a scale family, so β
   keeps its stated prior. Without it β and the shape trade off where the data see only the straight part of a curve.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.engine import pymc_parts as parts
from mixmodel_app.engine.priors import HEIGHT
from mixmodel_app.engine.spec import Drivers, HeightOf, ModelSpec
from mixmodel_app.engine.types import PreparedData

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM

DATE, TARGET = "date", "target"
_OWN_BLOCKS = ("intercept", "gamma_control", "gamma_fourier")  # those that PyMC-Marketing has itself

# PyMC-Marketing's class for a saturation, its name of the height, and its names of the shapes.
_SATURATION = {
    Saturation.LOGISTIC: ("LogisticSaturation", "beta", ("lam",)),
    Saturation.HILL: ("HillSaturation", "beta", ("slope", "kappa")),
    Saturation.MICHAELIS_MENTEN: ("MichaelisMentenSaturation", "alpha", ("lam",)),
    Saturation.TANH: ("TanhSaturation", "b", ("c",)),
    Saturation.ROOT: ("RootSaturation", "beta", ("alpha",)),
}
_ADSTOCK = {
    Adstock.GEOMETRIC: "GeometricAdstock",
    Adstock.DELAYED: "DelayedAdstock",
    Adstock.BINOMIAL: "BinomialAdstock",
    Adstock.WEIBULL_CDF: "WeibullCDFAdstock",
}


def _marketing() -> Any:
    return import_module("pymc_marketing.mmm")


def build_mmm(spec: ModelSpec, *, reparametrised: bool = True) -> "MMM":
    """The MMM of a model, built on scaled data.

    Channels, controls and Fourier terms are coordinates named by `PreparedData`. Every parameter of `spec` is a
    variable of the model (see `variable_names`), sampled or following from what is sampled.
    """
    data = spec.data
    blocks = {drivers.block.name: drivers for drivers in spec.drivers}
    intercept = blocks["intercept"].priors[0]
    adstock = _adstock(spec)
    kind, height, shapes = _SATURATION[spec.config.saturation_type]
    curves = parts.Curves(spec, adstock, height, reparametrised=reparametrised)
    curves.saturation = getattr(_marketing(), kind)(priors=_saturation_priors(curves, height, shapes))
    mmm = _marketing().MMM(
        date_column=DATE,
        target_column=TARGET,
        channel_columns=[f"media_{i}" for i in range(len(data.channels))],
        control_columns=[f"control_{i}" for i in range(len(data.control_names))] or None,
        adstock=adstock,
        saturation=curves.saturation,
        yearly_seasonality=data.config.yearly_seasonality or None,
        model_config={
            "intercept": parts.DeferredIntercept() if reparametrised else parts.prior(intercept),
            "likelihood": _likelihood(spec),
            **{name: _own_prior(blocks[name], dim) for name, dim in _OWN_DIMS.items() if name in blocks},
        },
    )
    for drivers in spec.drivers:
        if drivers.block.name not in _OWN_BLOCKS:
            mmm.add_mu_effect(parts.DriverEffect(drivers))
    if reparametrised:
        mmm.add_mu_effect(parts.CentredIntercept(intercept))
    mmm.build_model(*tables(data))
    with mmm.model:
        for number, test in enumerate(spec.experiments):
            parts.add_experiment(number, test, spec, curves, mmm.model[f"saturation_{height}"])
    return mmm


def _saturation_priors(curves: parts.Curves, height: str, shapes: tuple[str, ...]) -> dict[str, Any]:
    """PyMC-Marketing's own priors where the stock form has them, else variables that are created in our order."""
    spec = curves.spec
    stock = not curves.reparametrised and all(each.of is HeightOf.HEIGHT for each in spec.heights)
    if not stock or spec.config.saturation_type is Saturation.TANH:
        return {name: parts.Shape(curves, name) for name in (*shapes, height)}
    heights = tuple(each.prior for each in spec.heights if each.prior is not None)
    entries = {name: spec.shapes[f"saturation_{name}"] for name in shapes} | {height: heights}
    return {name: parts.vector(priors, (1.0,) * len(priors), parts.CHANNEL) for name, priors in entries.items()}


_OWN_DIMS = {"gamma_control": "control", "gamma_fourier": "fourier_mode"}


def variable_names(spec: ModelSpec) -> dict[str, str]:
    """Where the model holds each parameter of `spec`: PyMC's name by ours."""
    height = _SATURATION[spec.config.saturation_type][1]
    names = {drivers.block.name: drivers.block.name for drivers in spec.drivers}
    names |= {"intercept": "intercept_contribution", "sigma": "y_sigma", HEIGHT: f"saturation_{height}"}
    return names | {name: name for name in spec.shapes}


def tables(data: PreparedData) -> tuple[pd.DataFrame, pd.Series]:
    """What PyMC-Marketing reads, X and y, under neutral names: no header of a file can collide with them."""
    columns: dict[str, Any] = {DATE: data.dates}
    columns |= {f"control_{i}": data.controls[:, i] for i in range(data.controls.shape[1])}
    columns |= {f"media_{i}": data.media[:, i] for i in range(data.media.shape[1])}
    return pd.DataFrame(columns), pd.Series(data.target, name=TARGET)


def _own_prior(drivers: Drivers, dim: str) -> Any:
    return parts.vector(drivers.priors, drivers.signs, dim)


def _likelihood(spec: ModelSpec) -> Any:
    return import_module("pymc_extras.prior").Prior("Normal", sigma=parts.prior(spec.sigma), dims="date")


def _adstock(spec: ModelSpec) -> Any:
    kind, l_max = spec.config.adstock_type, spec.config.l_max
    priors = {
        name.removeprefix("adstock_"): parts.vector(specs, (1.0,) * len(specs), parts.CHANNEL)
        for name, specs in spec.shapes.items()
        if name.startswith("adstock_")
    }
    if kind is not Adstock.WEIBULL:
        return getattr(_marketing(), _ADSTOCK[kind])(l_max=l_max, priors=priors)
    return _weibull_density()(l_max=l_max, priors=priors)


@cache
def _weibull_density() -> type:
    """Weibull density weights, normalised to sum 1 and without PyMC-Marketing's subtraction of the smallest weight.

    That subtraction has a kink wherever another lag becomes the smallest, which costs divergences, and it is 0 ÷ 0
    where the density underflows; otherwise this is `WeibullPDFAdstock`.
    """
    ptx = parts.ptx()
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
