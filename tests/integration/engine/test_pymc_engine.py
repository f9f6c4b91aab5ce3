"""The PyMC engine at its edges: the other shapes, what it refuses, and a sampler that finds no way."""

from typing import Any

import numpy as np
import pytest

from mixmodel_app.domain.errors import FieldError, FitFailed, InvalidInput
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import BaseMMM, create_engine
from mixmodel_app.engine.progress import ProgressReporter
from mixmodel_app.engine.pymc_target import compile_model
from mixmodel_app.engine.sampling import SamplerPlan, sample
from mixmodel_app.engine.simulate import CHANNELS, simulate

pytestmark = pytest.mark.fit


def build(**settings: Any) -> BaseMMM:
    dataset = simulate(channels=CHANNELS[:3], seed=6)
    engine = create_engine(RunConfig.from_json({"random_seed": 1, **settings}))
    engine.build_model(engine.prepare_data(dataset.frame, dataset.mapping))
    return engine


def test_weibull_and_hill_without_trend_season_or_controls() -> None:
    dataset = simulate(channels=CHANNELS[:2], controls=(), seed=6)
    config = {"adstock_type": "weibull", "saturation_type": "hill", "trend": False, "yearly_seasonality": 0}
    engine = create_engine(RunConfig.from_json({**config, "n_samples": 400, "random_seed": 5}))
    engine.fit(engine.prepare_data(dataset.frame, dataset.mapping))
    results = engine.extract_results().results
    assert max(parameter.rhat for parameter in results.parameters) < 1.05
    assert {parameter.name.partition("[")[0] for parameter in results.parameters} == {
        "intercept", "sigma", "adstock_lam", "adstock_k", "saturation_slope", "saturation_kappa", "saturation_beta"
    }  # fmt: skip
    parts = results.decomposition
    total = np.array(parts.intercept) + np.sum(list(parts.channels.values()), axis=0)
    assert total == pytest.approx(np.array(results.fit.mean), rel=1e-9)
    assert not any(parts.trend)
    assert not any(parts.seasonality)


def test_weibull_needs_more_than_one_period() -> None:
    with pytest.raises(InvalidInput) as caught:
        build(adstock_type="weibull", l_max=1)
    assert caught.value.errors == (FieldError("config.l_max", "must be at least 2 for weibull"),)


def test_a_wrong_prior_is_refused_before_anything_is_compiled() -> None:
    with pytest.raises(InvalidInput, match="saturation_gamma"):
        build(priors={"saturation_gamma": {"dist": "Gamma", "alpha": 1, "beta": 1}})


class Impossible:
    """A target without a finite density anywhere."""

    channels = ()

    def __init__(self) -> None:
        import pymc as pm

        with pm.Model() as model:
            level = pm.Normal("level")
            pm.Potential("impossible", level * np.inf)
        self.compiled = compile_model(model, ["level"], lambda: None)

    def returns(self, values: dict[str, np.ndarray]) -> np.ndarray:
        return np.empty((2, 1, 0))

    def parameters(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return values


def test_a_model_without_a_place_to_start_fails_in_words() -> None:
    plan = SamplerPlan(draws=50, tune=50, chains=2, seed=1, target_accept=0.9)
    with pytest.raises(FitFailed, match="point to start from"):
        sample(Impossible(), plan, lambda parameters: 1.0, ProgressReporter(), lambda: None)


def test_an_error_of_the_compiler_reaches_the_caller() -> None:
    with pytest.raises(AttributeError):
        compile_model(None, [], lambda: None)
