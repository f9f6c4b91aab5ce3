"""From draws to results: everything adds up, and the figures agree with first principles."""

from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.model_options import Saturation
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.channel_summary import channel_results
from mixmodel_app.engine.drivers import driver_blocks
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.results import assemble
from mixmodel_app.engine.simulate import simulate
from mixmodel_app.engine.spec import model_spec
from mixmodel_app.engine.summarise import contribution, response_draws, summarise
from mixmodel_app.engine.transforms import geometric_weights
from mixmodel_app.engine.types import EngineResults, ModelDraws, PreparedData, SamplerReport

N_DRAWS, N_LAGS = 600, 6


@pytest.fixture
def data() -> PreparedData:
    """The sample's shape with a channel that was never on and one that is known by its impressions only."""
    dataset = simulate(n_periods=80, seed=3)
    frame = dataset.frame.assign(cinema_spend=0, video_views=1000.0 * np.arange(80))
    media = dict(list(dataset.mapping.media_columns.items())[:2])
    media["cinema_spend"] = MediaColumn("Cinema")
    media["video_views"] = MediaColumn("Video", SpendType.IMPRESSIONS)
    mapping = ColumnMapping("week", "revenue", media, dataset.mapping.control_columns)
    return prepare(frame, mapping, RunConfig(l_max=N_LAGS, saturation_type=Saturation.LOGISTIC))


def draws_for(data: PreparedData, saturation: str = "logistic") -> ModelDraws:
    rng = np.random.default_rng(5)
    shape = (N_DRAWS, len(data.channels))
    names = {"logistic": ("lam",), "hill": ("slope", "kappa")}[saturation]
    return ModelDraws(
        coefficients={
            block.name: rng.normal(0.7 if block.name == "intercept" else 0.05, 0.01, (N_DRAWS, block.columns.shape[1]))
            for block in driver_blocks(data)
        },
        sigma=rng.uniform(0.02, 0.04, N_DRAWS),
        weights=geometric_weights(rng.uniform(0.1, 0.8, shape), N_LAGS),
        saturation=saturation,
        params={name: rng.uniform(0.5, 2, shape) for name in names},
        beta=rng.uniform(0.05, 0.2, shape),
    )


@pytest.fixture
def outcome(data: PreparedData) -> EngineResults:
    sampler = SamplerReport(divergences=0, transitions=4000, n_chains=2, seconds=1.5)
    return assemble(posterior_of(draws_for(data), data), sampler, engine="test", versions={})


def posterior_of(draws: ModelDraws, data: PreparedData) -> Posterior:
    """The draws as two chains of parameters; the carryover is that of the weights."""
    alpha = np.clip(draws.weights[:, :, 1] / draws.weights[:, :, 0], 1e-6, 1 - 1e-6)
    flat = {"adstock_alpha": alpha, "saturation_lam": draws.params["lam"], "saturation_beta": draws.beta}
    flat |= {"sigma": draws.sigma, **draws.coefficients}
    flat |= {block.name: flat[block.name][:, 0] for block in driver_blocks(data) if not block.labels}
    return Posterior({name: value.reshape(2, -1, *value.shape[1:]) for name, value in flat.items()}, model_spec(data))


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_the_parts_add_up_to_the_fitted_mean(data: PreparedData, saturation: str) -> None:
    draws = draws_for(data, saturation)
    summary = summarise(draws, data)
    parts = summary.decomposition
    total = np.sum(
        [parts.intercept, parts.trend, parts.seasonality, *parts.controls.values(), *parts.channels.values()], axis=0
    )
    assert total == pytest.approx(np.array(summary.fit.mean), rel=1e-12)
    assert total + parts.unexplained == pytest.approx(data.target, rel=1e-12)
    by_draw = summary.baseline_total + np.sum([channel.total for channel in summary.channels], axis=0)
    assert by_draw.mean() == pytest.approx(total.sum(), rel=1e-12)


def test_roas_is_contribution_with_carryover_over_spend(data: PreparedData, outcome: EngineResults) -> None:
    draws = draws_for(data)
    for index in range(2):
        roas = contribution(draws, data, index).sum(axis=1) / data.spend[:, index].sum()
        channel = outcome.results.channels[index]
        assert channel.roas is not None
        assert channel.roas.median == pytest.approx(np.median(roas))
        assert channel.roas.lo < channel.roas.lo50 < channel.roas.median < channel.roas.hi50 < channel.roas.hi
        assert channel.probability_pays_back == pytest.approx((roas > 1).mean())


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_marginal_roas_is_the_return_on_a_little_more_of_everything(data: PreparedData, saturation: str) -> None:
    draws, step = draws_for(data, saturation), 1e-5
    marginal = channel_results(summarise(draws, data), draws, data)[0].marginal_roas
    more = contribution(draws, replace(data, media=data.media * (1 + step)), 0).sum(axis=1)
    less = contribution(draws, replace(data, media=data.media * (1 - step)), 0).sum(axis=1)
    expected = np.median((more - less) / (2 * step * data.spend[:, 0].sum()))
    assert marginal is not None
    assert marginal.median == pytest.approx(expected, rel=1e-6)


def test_a_channel_that_was_never_on_contributes_exactly_nothing(outcome: EngineResults) -> None:
    cinema = outcome.results.channel("Cinema")
    assert (cinema.contribution.lo, cinema.contribution.hi) == (0, 0)
    assert cinema.roas is cinema.marginal_roas is cinema.saturation is cinema.probability_pays_back is None
    assert set(outcome.results.decomposition.channels["Cinema"]) == {0.0}
    assert not outcome.draws.beta[:, 2].any()


def test_an_exposure_channel_without_costs_has_a_contribution_and_no_return(outcome: EngineResults) -> None:
    video = outcome.results.channel("Video")
    assert video.contribution.median > 0
    assert video.roas is None
    assert video.spend == 0


def test_shares_add_up_to_one(outcome: EngineResults) -> None:
    assert sum(channel.share_of_spend for channel in outcome.results.channels) == pytest.approx(1)
    assert sum(channel.share_of_effect for channel in outcome.results.channels) == pytest.approx(1)


def test_blended_roas_leaves_out_what_has_no_known_cost(data: PreparedData, outcome: EngineResults) -> None:
    draws = draws_for(data)
    priced = sum(contribution(draws, data, index).sum(axis=1) for index in range(2))
    assert outcome.results.blended_roas is not None
    assert outcome.results.blended_roas.median == pytest.approx(np.median(priced / data.spend[:, :2].sum()))


def test_curves_start_at_zero_and_reach_beyond_what_was_spent(data: PreparedData, outcome: EngineResults) -> None:
    curve = outcome.results.channels[0].saturation
    assert curve is not None
    assert (curve.spend[0], curve.response.median[0]) == (0, 0)
    assert curve.spend[-1] == pytest.approx(1.5 * curve.observed_max)
    assert curve.observed_max == data.media[:, 0].max()
    assert curve.current == pytest.approx(data.spend[-20:, 0].mean())
    assert np.all(np.diff(curve.response.median) > 0)


def test_carryover_starts_now_and_sums_to_one(outcome: EngineResults) -> None:
    adstock = outcome.results.channels[0].adstock
    assert adstock.lag == list(range(N_LAGS))
    assert sum(adstock.effect.median) == pytest.approx(1, abs=0.05)
    assert adstock.half_life.lo <= adstock.half_life.median <= adstock.half_life.hi


def test_joint_draws_give_the_same_totals(data: PreparedData) -> None:
    draws = draws_for(data)
    kept = response_draws(draws, data)
    assert kept.n_draws == 500
    assert kept.n_lags == N_LAGS
    assert kept.beta[0].tolist() == (draws.beta[0] * data.used).tolist()
    assert kept.beta[-1].tolist() == (draws.beta[-1] * data.used).tolist()


def test_mape_is_not_given_where_the_target_has_a_zero(data: PreparedData) -> None:
    assert summarise(draws_for(data), data).fit.mape is not None
    zero = replace(data, target=np.where(np.arange(80) == 3, 0.0, data.target))
    assert summarise(draws_for(data), zero).fit.mape is None


def test_the_predictive_band_covers_more_than_the_mean(outcome: EngineResults) -> None:
    band = outcome.results.fit.predicted
    widths = np.array(band.hi) - np.array(band.lo)
    assert np.all(widths > np.array(band.hi50) - np.array(band.lo50))
    assert np.all(np.array(band.lo) < band.median)


def test_results_survive_json(outcome: EngineResults) -> None:
    assert ModelResults.from_json(outcome.results.to_json()) == outcome.results
