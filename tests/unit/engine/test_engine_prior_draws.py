"""Draws from the priors: each family by its quantiles, heights from returns, and returns from heights."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.prior_draws import draw, prior_draws, prior_log_return, quantile
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.summarise import contribution
from mixmodel_app.engine.types import ModelDraws

FAMILIES = {
    "Normal": (PriorSpec("Normal", {"mu": 1.5, "sigma": 2}), stats.norm(1.5, 2)),
    "Laplace": (PriorSpec("Laplace", {"mu": -1, "b": 0.5}), stats.laplace(-1, 0.5)),
    "StudentT": (PriorSpec("StudentT", {"nu": 4, "mu": 1, "sigma": 3}), stats.t(4, 1, 3)),
    "HalfNormal": (PriorSpec("HalfNormal", {"sigma": 2}), stats.halfnorm(scale=2)),
    "Gamma": (PriorSpec("Gamma", {"alpha": 3, "beta": 2}), stats.gamma(3, scale=1 / 2)),
    "Gamma by moments": (PriorSpec("Gamma", {"mu": 2, "sigma": 1}), stats.gamma(4, scale=1 / 2)),
    "Beta": (PriorSpec("Beta", {"alpha": 2, "beta": 5}), stats.beta(2, 5)),
    "Beta by moments": (PriorSpec("Beta", {"mu": 0.25, "sigma": 0.25}), stats.beta(0.5, 1.5)),
    "LogNormal": (PriorSpec("LogNormal", {"mu": 0.3, "sigma": 0.7}), stats.lognorm(0.7, scale=np.exp(0.3))),
    "Exponential": (PriorSpec("Exponential", {"lam": 4}), stats.expon(scale=1 / 4)),
    "InverseGamma": (PriorSpec("InverseGamma", {"alpha": 3, "beta": 2}), stats.invgamma(3, scale=2)),
}
EXPECTED = {"low": 0.5, "likely": 1.5, "high": 4}


def spec_of(n_periods: int = 60, **settings: Any) -> ModelSpec:
    """TV and Search in money, Social by impressions of known cost, Video of unknown cost, Cinema never on."""
    dataset = simulate(n_periods=n_periods, channels=CHANNELS[:3], seed=4)
    views = dataset.frame["social_spend"] * 140.0
    frame = dataset.frame.assign(cinema=0, views=views, clips=views[::-1].to_numpy())
    media = dict(list(dataset.mapping.media_columns.items())[:2])
    media |= {
        "views": MediaColumn("Social", SpendType.IMPRESSIONS, "social_spend"),
        "clips": MediaColumn("Video", SpendType.IMPRESSIONS),
        "cinema": MediaColumn("Cinema"),
    }
    mapping = ColumnMapping("week", "revenue", media, dataset.mapping.control_columns)
    return model_spec(prepare(frame, mapping, RunConfig.from_json({"random_seed": 1, **settings})))


def returns_of(spec: ModelSpec, draws: ModelDraws, channel: int) -> Array:
    """(S,) the way a fit's results have them: contribution with carryover ÷ spend."""
    return contribution(draws, spec.data, channel).sum(axis=1) / spec.data.spend[:, channel].sum()


@pytest.mark.parametrize(("prior", "reference"), FAMILIES.values(), ids=FAMILIES.keys())
def test_quantiles_are_those_of_the_family(prior: PriorSpec, reference: Any) -> None:
    probability = np.array([0.001, 0.03, 0.25, 0.5, 0.8, 0.97, 0.999])
    assert quantile(prior, probability) == pytest.approx(reference.ppf(probability), rel=1e-9)


@pytest.mark.parametrize(("prior", "reference"), FAMILIES.values(), ids=FAMILIES.keys())
def test_draws_are_the_middles_of_equal_slices_in_random_order(prior: PriorSpec, reference: Any) -> None:
    first, second = (draw(prior, 400, np.random.default_rng(seed)) for seed in (1, 2))
    slices = np.sort(np.floor(reference.cdf(first) * 400).astype(int))
    assert slices.tolist() == list(range(400))
    assert sorted(first) == sorted(second)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2


@pytest.mark.parametrize(("adstock", "saturation"), list(product(Adstock, Saturation)), ids=lambda kind: kind.value)
def test_returns_and_media_are_those_that_the_drawn_curves_give(adstock: Adstock, saturation: Saturation) -> None:
    spec = spec_of(adstock_type=adstock.value, saturation_type=saturation.value, l_max=6)
    prior = prior_draws(spec, 60, seed=3)
    draws = prior.parameters.model_draws()
    assert all(values.shape[:2] == (1, 60) for values in prior.parameters.values.values())
    for channel in range(3):
        assert prior.returns[:, channel] == pytest.approx(returns_of(spec, draws, channel), rel=1e-9)
    assert np.isnan(prior.returns[:, 3:]).all(), "of unknown cost, and never on"
    total = np.sum([contribution(draws, spec.data, channel) for channel in range(4)], axis=0)
    assert prior.media * spec.data.target_scale == pytest.approx(total, rel=1e-9)


def test_pooled_returns_have_the_distribution_of_the_pool() -> None:
    spec = spec_of()
    assert spec.pooled.tolist() == [0, 1, 2]
    log_returns = np.log(prior_draws(spec, 4000, seed=5).returns[:, :3])
    covariance = spec.pool.covariance(3)
    assert log_returns.mean(axis=0) == pytest.approx(np.full(3, spec.pool.mean), abs=0.02)
    assert np.cov(log_returns.T) == pytest.approx(covariance, abs=0.08)


def test_an_expected_return_is_drawn_with_one_in_twenty_beyond_each_end() -> None:
    spec = spec_of(expected_returns={"Search": {"low": 0.5, "likely": 1.5, "high": 4.5}})
    returns = prior_draws(spec, 400, seed=6).returns[:, 1]
    assert (returns < 0.5).mean() == pytest.approx(0.05, abs=0.003)
    assert (returns > 4.5).mean() == pytest.approx(0.05, abs=0.003)
    assert np.median(returns) == pytest.approx(1.5, rel=0.01)


def test_a_prior_on_the_height_is_drawn_as_it_is_stated() -> None:
    spec = spec_of(priors={"saturation_beta[TV]": {"dist": "HalfNormal", "sigma": 0.5}})
    prior = prior_draws(spec, 400, seed=7)
    heights = prior.parameters.values["saturation_beta"][0, :, 0]
    assert heights.mean() == pytest.approx(0.5 * np.sqrt(2 / np.pi), rel=0.01)
    draws = prior.parameters.model_draws()
    assert prior.returns[:, 0] == pytest.approx(returns_of(spec, draws, 0), rel=1e-9)


def test_without_spend_the_gain_has_the_prior() -> None:
    spec = spec_of()
    draws = prior_draws(spec, 400, seed=8).parameters.model_draws()
    gains = contribution(draws, spec.data, 3).mean(axis=1) / spec.data.target_scale
    assert spec.heights[3].prior is not None
    assert np.log(gains).mean() == pytest.approx(spec.heights[3].prior.params["mu"], abs=1e-6)
    assert np.log(gains).std() == pytest.approx(1, abs=0.02)


def test_effects_of_known_direction_keep_their_sign() -> None:
    spec = spec_of(control_signs={"price_index": "negative", "promotion": "positive"})
    effects = prior_draws(spec, 100, seed=9).parameters.values["gamma_control"][0]
    assert spec.data.control_names == ("price_index", "promotion")
    assert (effects[:, 0] < 0).all()
    assert (effects[:, 1] > 0).all()


def test_the_same_seed_gives_the_same_draws() -> None:
    spec = spec_of()
    first, second, other = (prior_draws(spec, 50, seed) for seed in (1, 1, 2))
    assert first.media.tolist() == second.media.tolist()
    assert first.media.tolist() != other.media.tolist()


@pytest.mark.parametrize(
    "priors",
    [
        {"saturation_beta": {"dist": "LogNormal", "mu": 0, "sigma": 1e6}},
        {"saturation_beta": {"dist": "Gamma", "alpha": 1e-6, "beta": 1}},
        {"adstock_alpha": {"dist": "Beta", "alpha": 1e-3, "beta": 1e3}},
        {"adstock_alpha": {"dist": "Beta", "alpha": 1e6, "beta": 1e-3}},
        {"saturation_lam": {"dist": "InverseGamma", "alpha": 1e-3, "beta": 1}},
    ],
)
def test_absurd_priors_still_give_numbers(priors: dict[str, Any]) -> None:
    prior = prior_draws(spec_of(priors=priors), 100, seed=1)
    assert np.isfinite(prior.media).all()
    assert np.isfinite(prior.returns[:, :3]).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"expected_returns": {"TV": EXPECTED}},
        {"priors": "classic"},
        {"priors": "classic", "saturation_type": "hill", "adstock_type": "weibull"},
    ],
)
def test_the_return_of_one_channel_alone_has_the_distribution_it_has_among_all(settings: dict[str, Any]) -> None:
    spec = spec_of(**settings)
    alone = prior_log_return(spec, 0, 2000, seed=1)
    among = np.log(prior_draws(spec, 2000, seed=2).returns[:, 0])
    for probability in (0.03, 0.25, 0.5, 0.75, 0.97):
        assert np.quantile(alone, probability) == pytest.approx(np.quantile(among, probability), abs=0.25)


def test_a_pooled_channel_has_no_return_of_its_own() -> None:
    with pytest.raises(ValueError, match="pooled"):
        prior_log_return(spec_of(), 0, 10, seed=1)
