"""What a channel's own data taught: contraction, sensitivity, and the mark that follows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats
from scipy.special import expit

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.results import LearnedFrom, Learning
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.channel_summary import channel_results
from mixmodel_app.engine.learning import conditional, evidence, learning, log_density, power_sensitivity
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.prior_draws import prior_draws
from mixmodel_app.engine.priors import HEIGHT, PriorSpec
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.summarise import summarise

N_DRAWS = 1500
EXPECTED = {"low": 0.5, "likely": 1.5, "high": 4}
DENSITIES = {
    "Gamma": (PriorSpec("Gamma", {"alpha": 3, "beta": 2}), stats.gamma(3, scale=1 / 2)),
    "Gamma by moments": (PriorSpec("Gamma", {"mu": 2, "sigma": 1}), stats.gamma(4, scale=1 / 2)),
    "Exponential": (PriorSpec("Exponential", {"lam": 4}), stats.expon(scale=1 / 4)),
    "InverseGamma": (PriorSpec("InverseGamma", {"alpha": 3, "beta": 2}), stats.invgamma(3, scale=2)),
    "HalfNormal": (PriorSpec("HalfNormal", {"sigma": 2}), stats.halfnorm(scale=2)),
    "LogNormal": (PriorSpec("LogNormal", {"mu": 0.3, "sigma": 0.7}), stats.lognorm(0.7, scale=np.exp(0.3))),
}


def spec_of(**settings: Any) -> ModelSpec:
    """TV and Search in money, Social by impressions of known cost, and Video by impressions alone."""
    dataset = simulate(n_periods=60, channels=CHANNELS[:3], seed=4)
    frame = dataset.frame.assign(views=dataset.frame["social_spend"] * 140.0, clips=dataset.frame["tv_spend"] * 9.0)
    media = dict(list(dataset.mapping.media_columns.items())[:2])
    media["views"] = MediaColumn("Social", SpendType.IMPRESSIONS, "social_spend")
    media["clips"] = MediaColumn("Video", SpendType.IMPRESSIONS)
    mapping = ColumnMapping("week", "revenue", media, dataset.mapping.control_columns)
    spec = model_spec(
        prepare(frame, mapping, RunConfig.from_json({"random_seed": 1, "saturation_type": "logistic", **settings}))
    )
    return replace(spec, pool=replace(spec.pool, between=0.8, common=1.0))


def after(spec: ModelSpec, log_returns: dict[int, Array]) -> Posterior:
    """Prior draws, with the log returns (S,) of some channels as if data had taught them."""
    prior = prior_draws(spec, N_DRAWS, seed=11)
    values = dict(prior.parameters.values)
    heights = values[HEIGHT].copy()
    for channel, wanted in log_returns.items():
        heights[0, :, channel] *= np.exp(wanted) / prior.returns[:, channel]
    return Posterior({**values, HEIGHT: heights}, spec)


def learned(posterior: Posterior) -> list[Learning | None]:
    return learning(posterior, summarise(posterior.model_draws(), posterior.spec.data))


def known(found: list[Learning | None], channel: int) -> Learning:
    one = found[channel]
    assert one is not None
    return one


def normal(mean: float, deviation: float, seed: int = 1) -> Array:
    return mean + deviation * np.random.default_rng(seed).standard_normal(N_DRAWS)


@pytest.mark.parametrize(("prior", "reference"), DENSITIES.values(), ids=DENSITIES.keys())
def test_densities_of_positive_parameters_are_of_their_logarithm(prior: PriorSpec, reference: Any) -> None:
    values = np.array([0.05, 0.4, 1.0, 2.5])
    ours, theirs = log_density(prior, values), reference.logpdf(values) + np.log(values)
    assert np.diff(ours) == pytest.approx(np.diff(theirs), rel=1e-9)


def test_the_density_of_a_share_is_of_its_logit() -> None:
    logit = np.array([-2.0, 0.1, 1.5])
    share = expit(logit)
    ours = log_density(PriorSpec("Beta", {"alpha": 2, "beta": 5}), share)
    theirs = stats.beta(2, 5).logpdf(share) + np.log(share * (1 - share))
    assert np.diff(ours) == pytest.approx(np.diff(theirs), rel=1e-9)


def test_a_draw_at_the_edge_of_its_range_has_a_finite_density() -> None:
    edge = np.array([0.0, 1.0])
    assert np.isfinite(log_density(PriorSpec("Beta", {"alpha": 2, "beta": 5}), edge)).all()
    assert np.isfinite(log_density(PriorSpec("InverseGamma", {"alpha": 3, "beta": 2}), edge)).all()


def test_sensitivity_is_that_of_arviz() -> None:
    values = normal(0.4, 0.6)
    log_prior = stats.norm(0, 1).logpdf(values) + 0.1 * normal(0, 1, seed=2)
    weights = [np.exp((power - 1) * log_prior) for power in (0.8, 1.25)]
    theirs = array_stats._power_scale_sense(values, *(w / w.sum() for w in weights), 0.8, 1.25)
    assert power_sensitivity(values, log_prior) == pytest.approx(theirs, rel=1e-6)


def test_a_prior_that_the_data_overwhelm_leaves_no_sensitivity() -> None:
    prior = stats.norm(0, 1)
    sharp, vague = normal(0.5, 0.03), normal(0.0, 1.0)
    assert power_sensitivity(sharp, prior.logpdf(sharp)) < 0.03
    assert power_sensitivity(vague, prior.logpdf(vague)) > 0.08
    assert power_sensitivity(sharp, np.zeros(N_DRAWS)) == pytest.approx(0, abs=1e-6)


def test_the_pool_given_the_others_is_the_conditional_normal() -> None:
    spec = spec_of()
    log_returns = np.random.default_rng(3).standard_normal((5, 4))
    mean, variance = conditional(spec, log_returns, 1)
    covariance, others = spec.pool.covariance(3), [0, 2]
    slope = covariance[1, others] @ np.linalg.inv(covariance[np.ix_(others, others)])
    assert mean == pytest.approx(spec.pool.mean + (log_returns[:, others] - spec.pool.mean) @ slope)
    assert variance == pytest.approx(covariance[1, 1] - slope @ covariance[others, 1])


@pytest.mark.parametrize("settings", [{}, {"priors": "classic"}, {"expected_returns": {"TV": EXPECTED}}])
def test_a_posterior_that_is_the_prior_taught_nothing(settings: dict[str, Any]) -> None:
    found = learned(after(spec_of(**settings), {}))
    for channel in range(3):
        one = known(found, channel)
        assert one.learned_from is LearnedFrom.ASSUMPTION
        assert one.contraction < 0.06
        assert "is nearly what" in one.evidence
    assert found[3] is None, "there is no return without spend"


def test_data_that_narrow_a_return_taught_it() -> None:
    spec = spec_of()
    one = known(learned(after(spec, {0: normal(0.7, 0.1)})), 0)
    assert one.learned_from is LearnedFrom.DATA
    assert one.contraction > 0.85
    assert one.sensitivity < 0.05
    assert one.evidence.startswith("The data of TV narrowed its return from 0.")
    assert "what the other channels suggest" in one.evidence


def test_a_return_that_the_others_alone_determine_taught_nothing_itself() -> None:
    spec = spec_of()
    others = {0: normal(0.7, 0.05, seed=4), 1: normal(0.8, 0.05, seed=5)}
    draws = np.column_stack([others[0], others[1], np.zeros(N_DRAWS), np.zeros(N_DRAWS)])
    mean, variance = conditional(spec, draws, 2)
    posterior = after(spec, {**others, 2: mean + np.sqrt(variance) * normal(0, 1, seed=6)})
    marginal = float(np.sqrt(spec.pool.covariance(1)[0, 0]))
    found = evidence(posterior, summarise(posterior.model_draws(), spec.data))[2]
    assert found is not None
    assert 1 - found.posterior.std() / marginal > 0.2, "against the pool as a whole it looks learned"
    assert found.contraction < 0.05
    assert known(learned(posterior), 2).learned_from is LearnedFrom.ASSUMPTION


def test_data_that_bring_a_return_down_taught_it_though_its_logarithm_stays_wide() -> None:
    spec = spec_of()
    level = spec.pool.mean
    one = known(learned(after(spec, {0: normal(level - 1.3, 0.75)})), 0)
    assert one.contraction < 0.5
    assert one.learned_from is LearnedFrom.DATA
    assert "brought down its return" in one.evidence
    up = known(learned(after(spec, {0: normal(level + 1.3, 0.75)})), 0)
    assert up.learned_from is LearnedFrom.ASSUMPTION
    assert "still owes much to" in up.evidence


def test_a_return_that_hangs_on_the_strength_of_its_prior_is_an_assumption() -> None:
    spec = spec_of(expected_returns={"TV": {"low": 4, "likely": 6, "high": 9}})
    one = known(learned(after(spec, {0: normal(np.log(2.0), 0.2)})), 0)
    assert one.sensitivity > 0.2
    assert one.learned_from is LearnedFrom.ASSUMPTION
    assert "depends on how much one trusts what was assumed before seeing any data" in one.evidence


def test_the_results_carry_what_was_learned_and_the_range_that_is_shown() -> None:
    posterior = after(spec_of(), {0: normal(0.7, 0.1)})
    draws, data = posterior.model_draws(), posterior.spec.data
    summary = summarise(draws, data)
    found = learning(posterior, summary)
    channels = channel_results(summary, draws, data, found)
    assert [channel.learning for channel in channels] == found
    assert [replace(channel, learning=None) for channel in channels] == channel_results(summary, draws, data)
    roas = channels[0].roas
    assert roas is not None
    assert known(found, 0).evidence.endswith(f"to {roas.lo:.2f}–{roas.hi:.2f}.")
