"""The mode of a model: it is one, its evidence is that of the density, and the way from a posterior to it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import logsumexp

from mixmodel_app.domain.model_options import PriorSet, Saturation, Sign
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.health.rivals import with_drivers
from mixmodel_app.engine.kernel.density import log_posterior
from mixmodel_app.engine.laplace import Mode, coverable, find_mode, point_of
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec

CONFIGS = {
    "default": RunConfig(),
    "hill": RunConfig(saturation_type=Saturation.HILL),
    "classic": RunConfig(prior_set=PriorSet.CLASSIC),
    "signed control": RunConfig(control_signs={"price_index": Sign.NEGATIVE}),
}


@cache
def spec_of(name: str) -> ModelSpec:
    dataset = simulate(n_periods=90, channels=CHANNELS[:2], seed=4)
    return model_spec(prepare(dataset.frame, dataset.mapping, CONFIGS[name]))


def mode_of(spec: ModelSpec) -> Mode:
    mode = find_mode(spec)
    assert mode is not None
    return mode


@pytest.mark.parametrize("name", CONFIGS)
def test_the_slope_is_gone_and_nowhere_near_is_higher(name: str) -> None:
    mode = mode_of(spec_of(name))
    slope = np.empty(len(mode.point))
    assert log_posterior(mode.point, slope, mode.kernel.problem) == pytest.approx(mode.log_density)
    assert np.abs(slope).max() < 0.05
    rng = np.random.default_rng(0)
    around = [mode.point + 0.05 * rng.standard_normal(len(slope)) for _ in range(50)]
    assert max(log_posterior(point, slope, mode.kernel.problem) for point in around) < mode.log_density


def test_the_evidence_is_the_integral_of_the_density() -> None:
    """Importance sampling from a wider t around the mode has no bias, whatever the shape of the posterior."""
    mode = mode_of(spec_of("default"))
    size, dim, freedom = 20_000, len(mode.point), 6
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(np.linalg.inv(mode.curvature))
    scale = np.sqrt(freedom / rng.chisquare(freedom, size))
    z = rng.standard_normal((size, dim)) * scale[:, None]
    from scipy.special import gammaln

    log_q = (
        gammaln((freedom + dim) / 2)
        - gammaln(freedom / 2)
        - 0.5 * dim * np.log(freedom * np.pi)
        - np.log(np.diag(root)).sum()
        - 0.5 * (freedom + dim) * np.log1p((z**2).sum(axis=1) / freedom)
    )
    slope = np.empty(dim)
    log_p = np.array([log_posterior(p, slope, mode.kernel.problem) for p in mode.point + z @ root.T])
    assert mode.log_evidence == pytest.approx(logsumexp(log_p - log_q) - np.log(size), abs=0.8)


def test_a_driver_of_zeros_changes_nothing_and_one_of_noise_costs_evidence() -> None:
    spec = spec_of("default")
    mode, normal = mode_of(spec), PriorSpec("Normal", {"mu": 0.0, "sigma": 1.0})
    zeros = find_mode(with_drivers(spec, "more", np.zeros((90, 2)), normal), mode.point)
    noise = np.random.default_rng(2).standard_normal((90, 2))
    noisy = find_mode(with_drivers(spec, "more", noise, normal), mode.point)
    assert zeros is not None
    assert noisy is not None
    assert zeros.log_evidence == pytest.approx(mode.log_evidence, abs=1e-3)
    assert noisy.log_evidence < mode.log_evidence - 2


@pytest.mark.parametrize("name", CONFIGS)
def test_a_posterior_leads_back_to_its_point(name: str) -> None:
    mode = mode_of(spec_of(name))
    posterior = Posterior(mode.kernel.parameters(np.tile(mode.point, (1, 3, 1)), 0), mode.spec)
    assert point_of(posterior) == pytest.approx(mode.point, abs=1e-6)


def test_draws_lie_around_the_mode_with_its_curvature() -> None:
    mode = mode_of(spec_of("default"))
    values = mode.parameters(seed=3)
    assert values["sigma"].shape == (1, 400)
    log_sigma = np.log(values["sigma"][0])
    spread = np.sqrt(np.linalg.inv(mode.curvature)[-1, -1])
    assert log_sigma.mean() == pytest.approx(mode.point[-1], abs=4 * spread / 20)
    assert log_sigma.std() == pytest.approx(spread, rel=0.15)
    assert np.array_equal(values["sigma"], mode.parameters(seed=3)["sigma"])


def test_what_the_residual_asks_for_is_wanted() -> None:
    spec = spec_of("default")
    mode = mode_of(spec)
    spike = (np.arange(90) == 40).astype(float)
    odd = replace(spec, data=replace(spec.data, target=spec.data.target + 0.3 * spec.data.target_scale * spike))
    shifted = mode_of(odd)
    columns = np.eye(90)
    assert int(np.argmax(shifted.wanting(columns))) == 40
    assert shifted.wanting(columns)[40] > 5 > mode.wanting(columns)[40]


def test_an_intercept_that_cannot_be_integrated_out_is_made_flat() -> None:
    dataset = simulate(n_periods=60, channels=CHANNELS[:1], seed=4)
    priors = {"intercept": {"dist": "StudentT", "nu": 3, "mu": 0, "sigma": 2}}
    spec = model_spec(prepare(dataset.frame, dataset.mapping, RunConfig(priors=priors)))
    assert coverable(spec).drivers[0].priors[0].dist == "Normal"
    assert coverable(spec).drivers[1:] == spec.drivers[1:]
    assert coverable(spec_of("default")) is spec_of("default")
