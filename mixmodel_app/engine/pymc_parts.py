"""What PyMC-Marketing's model is given besides its own components, through its own doors.

`create_variable` is how PyMC-Marketing asks a prior for its variable, and `create_effect` how it asks an additive
effect for its part of the mean. Both are answered here for what its `Prior` and its effects cannot say.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.spec import Drivers, Experiment, HeightOf, ModelSpec

CHANNEL = "channel"

# How the parameters of a positive prior change when the variable is multiplied by a factor: parameter to power.
_SCALING = {
    ("Gamma", "beta"): -1,
    ("Gamma", "mu"): 1,
    ("Gamma", "sigma"): 1,
    ("HalfNormal", "sigma"): 1,
    ("Exponential", "lam"): -1,
    ("InverseGamma", "beta"): 1,
}


def ptx() -> Any:
    return import_module("pytensor.xtensor")


def pmd() -> Any:
    return import_module("pymc.dims")


def prior(spec: PriorSpec, dims: str | None = None) -> Any:
    """PyMC-Marketing's own form of a prior."""
    return import_module("pymc_extras.prior").Prior(spec.dist, **spec.params, dims=dims)


def variable(name: str, spec: PriorSpec, **kwargs: Any) -> Any:
    """A random variable in the model at hand."""
    return getattr(pmd(), spec.dist)(name, **spec.params, **kwargs)


def vector(specs: tuple[PriorSpec, ...], signs: tuple[float, ...], dim: str) -> Any:
    """A prior of a vector: one `Prior` where all entries are alike, one variable where only their parameters differ."""
    if not is_one_variable(specs, signs):
        return Entries(specs, signs, dim)
    return prior(specs[0], dim) if all(spec.params == specs[0].params for spec in specs) else Vector(specs, dim)


def is_one_variable(specs: tuple[PriorSpec, ...], signs: tuple[float, ...] = (1.0,)) -> bool:
    """Whether all entries are of one family with the same parameters given, and none is turned around."""
    return len({(spec.dist, *sorted(spec.params)) for spec in specs}) == 1 and set(signs) == {1.0}


@dataclass
class Vector:
    """A vector whose entries are of one family, each with parameters of its own."""

    specs: tuple[PriorSpec, ...]
    dim: str

    @property
    def dims(self) -> tuple[str, ...]:
        return (self.dim,)

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        values = {key: np.array([spec.params[key] for spec in self.specs]) for key in self.specs[0].params}
        params = {key: ptx().as_xtensor(value, dims=self.dims) for key, value in values.items()}
        return getattr(pmd(), self.specs[0].dist)(name, **params, dims=self.dims)


@dataclass
class Entries:
    """A vector whose entries have priors of their own; an entry is its sign times a variable named like `name_0`."""

    specs: tuple[PriorSpec, ...]
    signs: tuple[float, ...]
    dim: str

    @property
    def dims(self) -> tuple[str, ...]:
        return (self.dim,)

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        entries = [
            sign * variable(f"{name}_{i}", spec)
            for i, (spec, sign) in enumerate(zip(self.specs, self.signs, strict=True))
        ]
        return pmd().Deterministic(name, stacked(entries, self.dim))


def stacked(entries: list[Any], dim: str) -> Any:
    return ptx().concat([entry.expand_dims(dim) for entry in entries], dim=dim)


class DeferredIntercept:
    """Stands where PyMC-Marketing creates the intercept, before there are media to centre on: adds 0."""

    dims: tuple[str, ...] = ()

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        return ptx().as_xtensor(0.0)


class _Effect:
    """An additive effect without data of its own."""

    def create_data(self, mmm: Any) -> None:
        """Nothing to create."""

    def set_data(self, mmm: Any, model: Any, X: Any) -> None:  # noqa: N803 - the name is PyMC-Marketing's
        """Nothing to set."""


@dataclass
class CentredIntercept(_Effect):
    """The intercept, sampled as the level around which media and the other effects move."""

    spec: PriorSpec

    def create_effect(self, mmm: Any) -> Any:
        moving = mmm.model["channel_contribution"].sum(dim=CHANNEL)
        for name in mmm.model.named_vars:
            if name.endswith(_CONTRIBUTION):
                moving = moving + mmm.model[name]
        offset = moving.mean(dim="date")
        params = {**self.spec.params, "mu": self.spec.params["mu"] + offset}
        level = getattr(pmd(), self.spec.dist)("level", **params)
        return pmd().Deterministic("intercept_contribution", level - offset)


_CONTRIBUTION = "_driver_contribution"


@dataclass
class DriverEffect(_Effect):
    """Trend, drift, events or holidays: Σ column · coefficient."""

    drivers: Drivers

    def create_effect(self, mmm: Any) -> Any:
        block, dim = self.drivers.block, f"{self.drivers.block.name}_entry"
        mmm.model.add_coord(dim, list(block.labels) or [block.name])
        coefficients = vector(self.drivers.priors, self.drivers.signs, dim).create_variable(block.name, xdist=True)
        columns = ptx().as_xtensor(block.columns, dims=("date", dim))
        return pmd().Deterministic(f"{block.name}{_CONTRIBUTION}", (columns * coefficients).sum(dim=dim))


class Curves:
    """The saturation parameters of all channels, created in an order in which each finds what it depends on.

    Args:
        adstock, saturation: PyMC-Marketing's components, in whose functions the gain of a channel is formed.
        height: PyMC-Marketing's name of the height parameter.
        reparametrised: whether the gain is sampled where the prior is on the height (scale families only).
    """

    def __init__(self, spec: ModelSpec, adstock: Any, height: str, *, reparametrised: bool) -> None:
        self.spec = spec
        self.adstock = adstock
        self.height = height
        self.reparametrised = reparametrised
        self.saturation: Any = None
        self._made: dict[str, Any] = {}

    def shape(self, name: str) -> Any:
        """The variable of a shape parameter such as `lam`, created when it is first asked for."""
        model, own = import_module("pymc").modelcontext(None), f"saturation_{name}"
        if own in model.named_vars:
            return model[own]
        specs = self.spec.shapes[own]
        return vector(specs, (1.0,) * len(specs), CHANNEL).create_variable(own, xdist=True)

    def heights(self) -> Any:
        """(channel) height of every curve."""
        if self.height not in self._made:
            mean = self.mean_response()
            entries = [self._height(i, mean.isel({CHANNEL: i})) for i in range(len(self.spec.heights))]
            self._made[self.height] = stacked(entries, CHANNEL)
        return self._made[self.height]

    def mean_response(self) -> Any:
        """(channel) mean over time of f(carryover(media)), 1 for a channel that was never on."""
        data = self.spec.data
        media = ptx().as_xtensor(data.scaled_media, dims=("date", CHANNEL))
        mean = self.response(media).mean(dim="date")
        used = ptx().as_xtensor(data.used, dims=(CHANNEL,))
        return ptx().where(used, mean, 1.0)

    def response(self, media: Any, channel: int | None = None) -> Any:
        """f(carryover(media)) with the height 1, of all channels (date, channel) or of one (date)."""
        model = import_module("pymc").modelcontext(None)

        def pick(value: Any) -> Any:
            return value if channel is None else value.isel({CHANNEL: channel})

        carry = {key: pick(model[name]) for key, name in self.adstock.variable_mapping.items()}
        exposure = self.adstock.function(media, **carry, dim="date")
        shapes = {name: pick(value) for name, value in self._shapes().items()}
        return self.saturation.function(exposure, **shapes, **{self.height: 1.0}, dim="date")

    def _shapes(self) -> dict[str, Any]:
        """Shape parameters by PyMC-Marketing's names, for a curve of height 1."""
        if self.height == "b":
            return {"c": 1 / self.shape("gamma")}
        names = [name.removeprefix("saturation_") for name in self.spec.shapes if name.startswith("saturation_")]
        return {name: self.shape(name) for name in names}

    def _height(self, i: int, mean: Any) -> Any:
        height, per_gain = self.spec.heights[i], float(np.exp(self.spec.log_return_per_gain[i]))
        if height.of is HeightOf.POOLED:
            return ptx().math.exp(self._pooled()[i]) / (per_gain * mean)
        assert height.prior is not None
        if height.of is not HeightOf.HEIGHT:
            return variable(f"{height.of}_{i}", height.prior) / (per_gain * mean)
        if not self.reparametrised:
            return variable(f"height_{i}", height.prior)
        return getattr(pmd(), height.prior.dist)(f"gain_{i}", **_scaled(height.prior, mean)) / mean

    def _pooled(self) -> dict[int, Any]:
        """Log returns of the pooled channels, by the channel's index."""
        if "log_return" not in self._made:
            pooled, pool = self.spec.pooled, self.spec.pool
            joint = import_module("pymc").MvNormal(
                "log_return", mu=np.full(len(pooled), pool.mean), cov=pool.covariance(len(pooled))
            )
            self._made["log_return"] = {int(i): ptx().as_xtensor(joint[k], dims=()) for k, i in enumerate(pooled)}
        return self._made["log_return"]


def _scaled(spec: PriorSpec, factor: Any) -> dict[str, Any]:
    """Parameters of `factor` times a variable of a scale family."""
    if spec.dist == "LogNormal":
        return {**spec.params, "mu": spec.params["mu"] + ptx().math.log(factor)}
    powers = {key: _SCALING.get((spec.dist, key), 0) for key in spec.params}
    return {key: value * factor ** powers[key] for key, value in spec.params.items()}


@dataclass
class Shape:
    """A saturation parameter as PyMC-Marketing asks for it."""

    curves: Curves
    name: str
    dims: tuple[str, ...] = (CHANNEL,)

    def create_variable(self, name: str, *, xdist: bool = True) -> Any:
        if self.name == self.curves.height:
            return pmd().Deterministic(name, self.curves.heights())
        if self.name == "c" and self.curves.height == "b":  # b · tanh(x / (b c)) with γ = 1 / (b c)
            return pmd().Deterministic(name, 1 / (self.curves.heights() * self.curves.shape("gamma")))
        return self.curves.shape(self.name)


def add_experiment(number: int, test: Experiment, spec: ModelSpec, curves: Curves, heights: Any) -> None:
    """An observed normal variable: what the test's extra spend brought, carryover included, against its measurement."""
    scale = spec.data.media_scale[test.channel]
    with_test, without = (_series(media / scale) for media in (spec.data.media[:, test.channel], test.without))
    effect = curves.response(with_test, test.channel) - curves.response(without, test.channel)
    window = slice(test.first, test.last + 1)
    total = (effect.isel(date=window) * heights.isel({CHANNEL: test.channel})).sum(dim="date")
    pmd().Normal(f"lift_test_{number}", mu=total, sigma=test.error, observed=ptx().as_xtensor(test.effect, dims=()))


def _series(values: Array) -> Any:
    return ptx().as_xtensor(values, dims=("date",))
