"""The fast path against PyMC-Marketing: the same log density and the same gradient, for every model it takes.

The fast path integrates the linear drivers γ out. Two identities bring that to the reference, both exact:

    log p(θ, γ | y) = log p(θ | y) + log p(γ | θ, y)          the chain rule
    ∂θ log p(θ | y) = E[ ∂θ log p(θ, γ | y) | θ, y ]          Fisher's identity

The expectation is over a normal distribution of what is quadratic in γ, so that the mean over the P + 1 corners of a
simplex with its mean and covariance is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.linalg import helmert
from scipy.stats import norm

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.kernel.density import log_posterior
from mixmodel_app.engine.kernel.problem import KernelModel, why_not_covered
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.pymc_model import build_mmm
from mixmodel_app.engine.pymc_parts import is_one_variable
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import HeightOf, ModelSpec, model_spec

pytestmark = pytest.mark.fit

TOLERANCE = 1e-8
LIFT = {"start": "2022-03-07", "end": "2022-03-28", "measured_to": "2022-04-11", "extra_outcome": 9e4, "error": 2e4}
MODELS: dict[str, dict[str, Any]] = {
    "classic priors": {"priors": "classic"},
    "classic priors, Hill": {"priors": "classic", "saturation_type": "hill"},
    "no trend, season or drift": {"trend": "none", "yearly_seasonality": 0},
    "a straight trend": {"trend": "linear", "l_max": 1},
    "expected returns": {"expected_returns": {"TV": {"low": 0.5, "likely": 1.5, "high": 4}}},
    "heights of four families": {
        "priors": {
            "saturation_beta[TV]": {"dist": "LogNormal", "mu": -1, "sigma": 0.5},
            "saturation_beta[Search]": {"dist": "InverseGamma", "alpha": 3, "beta": 1},
            "saturation_beta[Social]": {"dist": "Gamma", "mu": 0.4, "sigma": 0.2},
            "saturation_lam": {"dist": "Exponential", "lam": 0.5},
        }
    },
    "half-normal heights, one channel with a carryover of its own": {
        "priors": {
            "saturation_beta": {"dist": "HalfNormal", "sigma": 0.7},
            "adstock_alpha[TV]": {"dist": "Beta", "mu": 0.6, "sigma": 0.1},
        }
    },
    "drivers that are not Gaussian": {
        "priors": {
            "gamma_fourier": {"dist": "Laplace", "mu": 0.01, "b": 0.2},
            "gamma_control": {"dist": "StudentT", "nu": 4, "mu": 0, "sigma": 0.3},
            "intercept": {"dist": "Normal", "mu": 0.6, "sigma": 0.3},
            "sigma": {"dist": "Exponential", "lam": 10},
        }
    },
    "ten waves a year": {"yearly_seasonality": 10},
    "signs of controls": {"control_signs": {"price_index": "negative", "promotion": "positive"}},
    "events and holidays": {
        "events": [{"name": "Sale", "start": "2022-05-03", "end": "2022-05-17"}],
        "holidays": "DE",
    },
    "lift tests": {
        "lift_tests": [
            {"channel": "TV", "extra_spend": 2e4, **LIFT, "start": "2022-02-07"},
            {"channel": "Search", "extra_spend": -3e4, **LIFT, "extra_outcome": -8e4},
        ]
    },
}


def spec_of(**settings: Any) -> ModelSpec:
    """Four channels: spend, spend, impressions of known cost and, never on, spend."""
    dataset = simulate(n_periods=60, channels=CHANNELS[:3], seed=4)
    frame = dataset.frame.assign(cinema=0, views=dataset.frame["social_spend"] * 140.0)
    media = dict(list(dataset.mapping.media_columns.items())[:2])
    media |= {
        "views": MediaColumn("Social", SpendType.IMPRESSIONS, "social_spend"),
        "cinema": MediaColumn("Cinema"),
    }
    mapping = ColumnMapping("week", "revenue", media, dataset.mapping.control_columns)
    return model_spec(prepare(frame, mapping, RunConfig.from_json({"random_seed": 1, **settings})))


@dataclass
class Reference:
    """PyMC-Marketing's density of a model, read at points of the fast path."""

    spec: ModelSpec
    evaluate: Callable[[dict[str, np.ndarray]], Any]
    model: Any

    @classmethod
    def of(cls, spec: ModelSpec) -> "Reference":
        from pymc.pytensorf import gradient, rewrite_pregrad

        model = build_mmm(spec).model
        density = model.logp()
        slope = gradient(rewrite_pregrad(density), model.continuous_value_vars)  # `dlogp` makes the density again
        return cls(spec, model.compile_fn([density, slope], mode="FAST_COMPILE"), model)  # machine code: longer

    def __call__(self, point: np.ndarray, kernel: KernelModel, drivers: np.ndarray) -> tuple[float, np.ndarray]:
        """Log density, and its gradient in the order of the fast path's parameters."""
        values, places = self.values(point, kernel), {}
        values |= self.driver_values(point, kernel, drivers)
        value, gradient = self.evaluate(values)
        start = 0
        for variable in self.model.value_vars:
            size = int(np.size(values[variable.name]))
            places[variable.name] = gradient[start : start + size]
            start += size
        return float(value), np.concatenate([np.atleast_1d(places[n][i]) for n, i in self.order(kernel)])

    def order(self, kernel: KernelModel) -> list[tuple[str, int]]:
        """For each parameter of the fast path the variable that holds it, and its index there."""
        spec = self.spec
        names = [variable.name for variable in self.model.value_vars]

        def find(name: str) -> str:
            return next(found for found in names if found in (name, f"{name}_log__", f"{name}_logodds__"))

        order = []
        for name, priors in spec.shapes.items():
            order += [
                (find(name), i) if is_one_variable(priors) else (find(f"{name}_{i}"), 0) for i in range(len(priors))
            ]
        pooled = list(spec.pooled)
        prefix = {HeightOf.HEIGHT: "gain", HeightOf.RETURN: "return", HeightOf.GAIN: "gain"}
        for i, height in enumerate(spec.heights):
            is_pooled = height.of is HeightOf.POOLED
            order.append(("log_return", pooled.index(i)) if is_pooled else (find(f"{prefix[height.of]}_{i}"), 0))
        for drivers, i in kernel.explicit:
            name = drivers.block.name
            order.append((find(name), i) if name in names else (find(f"{name}_{i}"), 0))
        return [*order, ("y_sigma_log__", 0)]

    def values(self, point: np.ndarray, kernel: KernelModel) -> dict[str, np.ndarray]:
        shifted = point.copy()
        first = len(self.spec.shapes) * kernel.n_channels
        on_height = np.array([height.of is HeightOf.HEIGHT for height in self.spec.heights])
        shifted[first : first + kernel.n_channels] += np.where(on_height, 0, self.spec.log_return_per_gain)
        entries: dict[str, list[float]] = {}
        for (name, _), value in zip(self.order(kernel), shifted, strict=True):
            entries.setdefault(name, []).append(value)
        shapes = {variable.name: variable.type.ndim for variable in self.model.value_vars}
        return {name: np.array(value) if shapes[name] else np.array(value[0]) for name, value in entries.items()}

    def driver_values(self, point: np.ndarray, kernel: KernelModel, drivers: np.ndarray) -> dict[str, np.ndarray]:
        """Values of the integrated drivers; the intercept as the level around which everything else moves."""
        found: dict[str, list[float]] = {}
        moving = effect_of_media(point, kernel)
        for (name, index), value in zip(kernel.marginal.names, drivers, strict=True):
            found.setdefault(name, []).append(value)
            if name in ("trend", "drift", "gamma_event", "gamma_holiday"):
                block = next(d.block for d in self.spec.drivers if d.block.name == name)
                moving = moving + block.columns[:, index] * value
        level = found.pop("intercept")[0] + moving.mean()
        # a block whose entries have different priors is a variable for each that is Gaussian
        whole = {variable.name for variable in self.model.value_vars}
        values = {name: np.array(value) for name, value in found.items() if name in whole}
        for number, (name, index) in enumerate(kernel.marginal.names):
            if name not in whole and name != "intercept":
                values[f"{name}_{index}"] = np.array(drivers[number])
        return {**values, "level": np.array(level)}


def effect_of_media(point: np.ndarray, kernel: KernelModel) -> np.ndarray:
    """(T,) on the scaled target."""
    size, first = kernel.n_channels, len(kernel.spec.shapes) * kernel.n_channels
    found = kernel.parameters(point[None, None], seed=0)
    shapes = {name: found[name][0] for name in kernel.spec.shapes}
    return kernel._heights(shapes, np.exp(point[None, first : first + size]))[1][0]


def conditional(point: np.ndarray, kernel: KernelModel) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (P,) of the rotated drivers z given everything else."""
    marginal, sigma = kernel.marginal, np.exp(point[-1])
    first = len(kernel.spec.shapes) * kernel.n_channels + kernel.n_channels
    residual = kernel.problem.target - effect_of_media(point, kernel)
    for row, value, transform in zip(
        kernel.problem.drivers, point[first:-1], kernel.problem.transforms[first:-1], strict=True
    ):
        residual = residual - row * (np.exp(value) if transform else value)
    total = marginal.strength + sigma**2
    return np.sqrt(marginal.strength) * (marginal.basis @ residual) / total, sigma / np.sqrt(total)


def check(spec: ModelSpec) -> None:
    assert why_not_covered(spec) is None
    kernel, reference = KernelModel(spec), Reference.of(spec)
    for seed in (1, 2):
        point = kernel.start(seed)
        gradient = np.empty(kernel.dimension)
        value = log_posterior(point, gradient, kernel.problem)
        mean, deviation = conditional(point, kernel)

        z = mean + deviation * np.random.default_rng(seed).standard_normal(len(mean))
        joint, _ = reference(point, kernel, drivers_at(z, kernel))
        density_of_drivers = norm.logpdf(z, mean, deviation).sum() - np.log(kernel.marginal.deviation).sum()
        assert joint == pytest.approx(value + density_of_drivers, rel=TOLERANCE, abs=TOLERANCE)

        corners = mean + deviation * np.sqrt(len(mean) + 1) * helmert(len(mean) + 1).T
        theirs = np.mean([reference(point, kernel, drivers_at(corner, kernel))[1] for corner in corners], axis=0)
        assert gradient == pytest.approx(theirs, rel=TOLERANCE, abs=TOLERANCE * np.abs(theirs).max())


def drivers_at(z: np.ndarray, kernel: KernelModel) -> np.ndarray:
    return kernel.marginal.mean + kernel.marginal.deviation * (kernel.marginal.rotation @ z)


@pytest.mark.parametrize(("adstock", "saturation"), list(product(Adstock, Saturation)), ids=lambda kind: kind.value)
def test_every_pair_of_shapes_has_the_density_of_pymc_marketing(adstock: Adstock, saturation: Saturation) -> None:
    check(spec_of(adstock_type=adstock.value, saturation_type=saturation.value, l_max=6))


@pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS.keys())
def test_every_kind_of_prior_and_driver_has_the_density_of_pymc_marketing(settings: dict[str, Any]) -> None:
    check(spec_of(**settings))


def test_an_intercept_that_is_not_gaussian_is_left_to_pymc() -> None:
    spec = spec_of(priors={"intercept": {"dist": "StudentT", "nu": 4, "mu": 0.5, "sigma": 1}})
    assert "StudentT" in (why_not_covered(spec) or "")
