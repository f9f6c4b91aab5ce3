"""The PyMC engine against PyMC-Marketing itself: same density, same contributions, same ROAS."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.priors import HEIGHT
from mixmodel_app.engine.pymc_model import build_mmm, tables, variable_names
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.summarise import contribution, summarise
from mixmodel_app.engine.types import ModelDraws, PreparedData

pytestmark = pytest.mark.fit

FAST = {"mode": "FAST_COMPILE"}  # these graphs run once: compiling them to machine code would take longer
PAIRS = list(product(Adstock, Saturation))
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "classic": {},
    "lognormal": {"saturation_beta": {"dist": "LogNormal", "mu": -1, "sigma": 0.5}},
    "inverse gamma": {"saturation_beta": {"dist": "InverseGamma", "alpha": 3, "beta": 1}},
    "gamma by mean": {"saturation_beta": {"dist": "Gamma", "mu": 0.4, "sigma": 0.2}},
    "student t": {"intercept": {"dist": "StudentT", "nu": 4, "mu": 0.5, "sigma": 1}},
}


def spec_of(**settings: Any) -> ModelSpec:
    dataset = simulate(n_periods=60, channels=CHANNELS[:3], seed=4)
    config = RunConfig.from_json({"random_seed": 1, "priors": "classic", **settings})
    return model_spec(prepare(dataset.frame, dataset.mapping, config))


def point_of(spec: ModelSpec, seed: int) -> dict[str, np.ndarray]:
    """Values of the parameters, by our names."""
    rng = np.random.default_rng(seed)
    spans = {"adstock_alpha": (0.1, 0.9), "adstock_theta": (0.2, 3), "adstock_lam": (1, 4), "adstock_k": (0.7, 4)}
    spans |= {"saturation_lam": (0.3, 3), "saturation_slope": (0.5, 3), "saturation_kappa": (0.2, 2)}
    spans |= {"saturation_gamma": (0.3, 2), "saturation_alpha": (0.2, 0.8)}
    point = {name: rng.uniform(*spans[name], len(spec.heights)) for name in spec.shapes}
    point |= {d.block.name: rng.normal(0, 0.1, len(d.priors)) for d in spec.drivers}
    return point | {"intercept": np.array([0.6]), "sigma": np.array(0.05), HEIGHT: rng.uniform(0.1, 0.6, 3)}


def in_pymc(spec: ModelSpec, point: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same by PyMC-Marketing's names, with every variable of the stock form."""
    names, values = variable_names(spec), {}
    for name, value in point.items():
        values[names[name]] = value[0] if name == "intercept" else value
    if spec.config.saturation_type is Saturation.TANH:
        values["saturation_c"] = 1 / (point[HEIGHT] * point["saturation_gamma"])
    return values | {f"height_{i}": height for i, height in enumerate(point[HEIGHT])}


def as_draws(spec: ModelSpec, point: dict[str, np.ndarray]) -> ModelDraws:
    values = {name: np.asarray(value)[None, None] for name, value in point.items()}
    plain = {d.block.name for d in spec.drivers if not d.block.labels}
    return Posterior({n: v[:, :, 0] if n in plain else v for n, v in values.items()}, spec).model_draws()


@pytest.mark.parametrize("priors", ALTERNATIVES.values(), ids=ALTERNATIVES.keys())
def test_the_changes_of_variables_leave_the_density_as_it_is(priors: dict[str, Any]) -> None:
    """Density of (level, gain) = stock density of (intercept, β) × |d(intercept, β) / d(level, gain)|.

    The two may differ by a constant (PyMC keeps some constants of a density in single precision), which no posterior
    can see, so what has to vanish is how the gap changes from point to point.
    """
    spec = spec_of(priors={"saturation_beta": {"dist": "Gamma", "alpha": 2, "beta": 1}, **priors})
    stock = log_density(build_mmm(spec, reparametrised=False).model)
    ours = log_density(build_mmm(spec).model)
    gaps = []
    for seed in (1, 2, 3):
        point = point_of(spec, seed)
        mapped, log_jacobian = change_of_variables(spec, point)
        gaps.append(ours(mapped) - stock(in_pymc(spec, point)) - log_jacobian)
    assert np.ptp(gaps) < 1e-9
    assert np.abs(gaps).max() < 1e-6


def log_density(model: Any) -> Callable[[dict[str, np.ndarray]], float]:
    """Density of the parameters themselves: the Jacobians of the sampler's own transforms are left out."""
    compiled = model.compile_logp(jacobian=False, **FAST)
    transforms = {"": np.asarray, "log__": np.log, "logodds__": logit}

    def density(point: dict[str, np.ndarray]) -> float:
        values = {}
        for variable in model.free_RVs:
            name = model.rvs_to_values[variable].name
            values[name] = transforms[name.removeprefix(variable.name).removeprefix("_")](point[variable.name])
        return float(compiled(values))

    return density


def change_of_variables(spec: ModelSpec, point: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], float]:
    """A stock point in the variables that are sampled, and log |d(stock) / d(sampled)|."""
    data, draws = spec.data, as_draws(spec, point)
    effects = np.array([contribution(draws, data, c)[0] for c in range(len(data.channels))]) / data.target_scale
    drifting = [d.block.columns @ point[d.block.name] for d in spec.drivers if d.block.name in ("trend", "drift")]
    level = point["intercept"][0] + np.sum([*effects, *drifting], axis=0).mean()
    gains = effects.mean(axis=1)
    mapped = in_pymc(spec, point) | {"level": level} | {f"gain_{i}": gain for i, gain in enumerate(gains)}
    return mapped, -float(np.log(gains / point[HEIGHT]).sum())


@pytest.mark.parametrize(("adstock", "saturation"), PAIRS, ids=lambda value: value.value)
def test_numpy_contributions_are_those_of_pymc_marketing(adstock: Adstock, saturation: Saturation) -> None:
    spec = spec_of(adstock_type=adstock.value, saturation_type=saturation.value)
    data, point = spec.data, point_of(spec, seed=9)
    theirs = deterministics(build_mmm(spec, reparametrised=False).model, in_pymc(spec, point))
    draws = as_draws(spec, point)
    ours = np.column_stack([contribution(draws, data, c)[0] for c in range(len(data.channels))])
    assert ours / data.target_scale == pytest.approx(theirs["channel_contribution"], abs=1e-9)
    summary = summarise(draws, data)
    assert np.array(summary.fit.mean) / data.target_scale == pytest.approx(theirs["mu"], abs=1e-9)
    assert np.array(summary.decomposition.seasonality) / data.target_scale == pytest.approx(
        theirs["yearly_seasonality_contribution"], abs=1e-9
    )
    by_control = np.column_stack(list(summary.decomposition.controls.values()))
    assert by_control / data.target_scale == pytest.approx(theirs["control_contribution"], abs=1e-9)


def deterministics(model: Any, point: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """PyMC's own values of every deterministic at one point."""
    import pymc as pm
    import xarray as xr

    free = {
        v.name: (("chain", "draw", *model.named_vars_to_dims.get(v.name, ())), np.asarray(point[v.name]))
        for v in model.free_RVs
    }
    dataset = xr.Dataset({name: (dims, value[None, None]) for name, (dims, value) in free.items()})
    wanted = ["channel_contribution", "control_contribution", "yearly_seasonality_contribution", "mu"]
    computed = pm.compute_deterministics(dataset, model=model, var_names=wanted, progressbar=False, compile_kwargs=FAST)
    return {name: computed[name].values[0, 0] for name in wanted}


@pytest.mark.parametrize("saturation", [Saturation.LOGISTIC, Saturation.MICHAELIS_MENTEN], ids=str)
def test_returns_are_the_incremental_contribution_over_spend_of_pymc_marketing(saturation: Saturation) -> None:
    spec = spec_of(saturation_type=saturation.value, trend="none")
    mmm = build_mmm(spec, reparametrised=False)
    data, point = spec.data, point_of(spec, seed=2)
    mmm.idata = stock_idata(mmm, in_pymc(spec, point), data)
    theirs = mmm.incrementality.contribution_over_spend(frequency="all_time")
    draws, spend = as_draws(spec, point), data.spend.sum(axis=0)
    ours = [contribution(draws, data, c).sum() / spend[c] for c in range(len(data.channels))]
    assert ours == pytest.approx(np.asarray(theirs).ravel(), rel=1e-9)


def stock_idata(mmm: Any, point: dict[str, np.ndarray], data: PreparedData) -> Any:
    """One draw in the form in which PyMC-Marketing keeps its own fits."""
    import xarray as xr

    model = mmm.model
    coords = {name: list(values) for name, values in model.coords.items() if values is not None}
    dims = model.named_vars_to_dims
    posterior = {
        name: (("chain", "draw", *dims.get(name, ())), np.asarray(value)[None, None]) for name, value in point.items()
    }
    constant = {
        name: (dims.get(name, ()), model[name].get_value())
        for name in ("channel_data", "target_data", "control_data", "channel_scale", "target_scale", "dayofyear")
    }
    table, target = tables(data)
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(posterior).assign_coords({k: v for k, v in coords.items() if k in used(posterior)}),
            "constant_data": xr.Dataset(constant).assign_coords(
                {k: v for k, v in coords.items() if k in used(constant)}
            ),
            "fit_data": mmm.create_fit_data(table, target),
        }
    )
    mmm.set_idata_attrs(tree)
    return tree


def used(variables: dict[str, Any]) -> set[str]:
    return {dim for dims, _ in variables.values() for dim in dims}
