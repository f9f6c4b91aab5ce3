"""The PyMC engine against PyMC-Marketing itself: same density, same contributions, same ROAS."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from mixmodel_app.domain.run import Adstock, RunConfig, Saturation
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.pymc_model import build_mmm, tables, typical_media
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.summarise import contribution, summarise
from mixmodel_app.engine.types import PreparedData

pytestmark = pytest.mark.fit

FAST = {"mode": "FAST_COMPILE"}  # these graphs run once: compiling them to machine code would take longer
PAIRS = list(product(Adstock, Saturation))
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "lognormal": {"saturation_beta": {"dist": "LogNormal", "mu": -1, "sigma": 0.5}},
    "inverse gamma": {"saturation_beta": {"dist": "InverseGamma", "alpha": 3, "beta": 1}},
    "gamma by mean": {"saturation_beta": {"dist": "Gamma", "mu": 0.4, "sigma": 0.2}},
    "student t": {"intercept": {"dist": "StudentT", "nu": 4, "mu": 0.5, "sigma": 1}},
}


def prepared(**settings: Any) -> PreparedData:
    dataset = simulate(n_periods=60, channels=CHANNELS[:3], seed=4)
    return prepare(dataset.frame, dataset.mapping, RunConfig(**settings))


def stock_point(data: PreparedData, seed: int) -> dict[str, np.ndarray]:
    """Values of the stock model's parameters, as PyMC-Marketing names them."""
    rng = np.random.default_rng(seed)
    n_channels, n_controls = len(data.channels), len(data.control_names)
    point: dict[str, np.ndarray] = {
        "intercept_contribution": np.array(rng.normal(0.6, 0.3)),
        "y_sigma": np.array(rng.uniform(0.02, 0.2)),
        "saturation_beta": rng.uniform(0.1, 0.6, n_channels),
        "gamma_control": rng.normal(0, 0.1, n_controls),
        "gamma_fourier": rng.normal(0, 0.1, data.fourier_basis.shape[1]),
        "trend_delta": rng.normal(0, 0.1, 1),
    }
    shapes = {"adstock_alpha": (0.1, 0.9), "adstock_lam": (1, 4), "adstock_k": (0.7, 4)}
    shapes |= {"saturation_lam": (0.3, 3), "saturation_slope": (0.5, 3), "saturation_kappa": (0.2, 2)}
    names = {v.name for v in build_mmm(data, reparametrised=False).model.free_RVs}
    return point | {name: rng.uniform(*span, n_channels) for name, span in shapes.items() if name in names}


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


def as_posterior(point: dict[str, np.ndarray], data: PreparedData) -> Posterior:
    names = {"intercept_contribution": "intercept", "y_sigma": "sigma", "trend_delta": "trend"}
    values = {names.get(name, name): np.asarray(value)[None, None] for name, value in point.items()}
    values["trend"] = values["trend"][:, :, 0]
    return Posterior(values, data)


@pytest.mark.parametrize("priors", ALTERNATIVES.values(), ids=ALTERNATIVES.keys())
def test_the_changes_of_variables_leave_the_density_as_it_is(priors: dict[str, Any]) -> None:
    """Density of (level, gain) = stock density of (intercept, β) × |d(intercept, β) / d(level, gain)|.

    The two may differ by a constant (PyMC keeps some constants of a density in single precision), which no posterior
    can see, so what has to vanish is how the gap changes from point to point.
    """
    data = prepared(priors=priors)
    stock = log_density(build_mmm(data, reparametrised=False).model)
    ours = log_density(build_mmm(data).model)
    gaps = []
    for seed in (1, 2, 3):
        point = stock_point(data, seed)
        mapped, log_jacobian = change_of_variables(point, data)
        gaps.append(ours(mapped) - stock(point) - log_jacobian)
    assert np.ptp(gaps) < 1e-9
    assert np.abs(gaps).max() < 1e-6


def change_of_variables(point: dict[str, np.ndarray], data: PreparedData) -> tuple[dict[str, np.ndarray], float]:
    """A stock point in the variables that are sampled, and log |d(stock) / d(sampled)|."""
    draws = as_posterior(point, data).model_draws()
    media = sum(contribution(draws, data, c)[0] for c in range(len(data.channels))) / data.target_scale
    response = np.tanh(point["saturation_lam"] * typical_media(data) / 2)
    level = point["intercept_contribution"] + (media + point["trend_delta"] * data.trend_axis).mean()
    return point | {"level": level, "gain": point["saturation_beta"] * response}, -float(np.log(response).sum())


@pytest.mark.parametrize(("adstock", "saturation"), PAIRS, ids=lambda value: value.value)
def test_numpy_contributions_are_those_of_pymc_marketing(adstock: Adstock, saturation: Saturation) -> None:
    data = prepared(adstock_type=adstock, saturation_type=saturation)
    model = build_mmm(data, reparametrised=False).model
    point = stock_point(data, seed=9)
    theirs = deterministics(model, point)
    draws = as_posterior(point, data).model_draws()
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
        v.name: (("chain", "draw", *model.named_vars_to_dims.get(v.name, ())), point[v.name]) for v in model.free_RVs
    }
    dataset = xr.Dataset({name: (dims, value[None, None]) for name, (dims, value) in free.items()})
    wanted = ["channel_contribution", "control_contribution", "yearly_seasonality_contribution", "mu"]
    computed = pm.compute_deterministics(dataset, model=model, var_names=wanted, progressbar=False, compile_kwargs=FAST)
    return {name: computed[name].values[0, 0] for name in wanted}


def test_roas_is_the_incremental_contribution_over_spend_of_pymc_marketing() -> None:
    data = prepared()
    mmm = build_mmm(data, reparametrised=False)
    point = stock_point(data, seed=2)
    mmm.idata = stock_idata(mmm, point, data)
    theirs = mmm.incrementality.contribution_over_spend(frequency="all_time")
    draws = as_posterior(point, data).model_draws()
    ours = [contribution(draws, data, c).sum() / data.spend[:, c].sum() for c in range(len(data.channels))]
    assert ours == pytest.approx(np.asarray(theirs).ravel(), rel=1e-9)


def stock_idata(mmm: Any, point: dict[str, np.ndarray], data: PreparedData) -> Any:
    """One draw in the form in which PyMC-Marketing keeps its own fits."""
    import xarray as xr

    model = mmm.model
    coords = {name: list(values) for name, values in model.coords.items() if values is not None}
    dims = model.named_vars_to_dims
    posterior = {name: (("chain", "draw", *dims.get(name, ())), value[None, None]) for name, value in point.items()}
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
