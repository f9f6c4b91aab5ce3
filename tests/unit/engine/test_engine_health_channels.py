"""Channels that cannot be told apart, periods that decide, data unlike the model's, effects nobody expected."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.channel_summary import channel_results
from mixmodel_app.engine.health.channels import check_collinear, check_influence, without
from mixmodel_app.engine.health.fit import check_predictive
from mixmodel_app.engine.health.fitted import Fitted
from mixmodel_app.engine.health.plausible import check_conflict
from mixmodel_app.engine.laplace import find_mode
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.summarise import summarise

GOOD, CHECK = HealthStatus.GOOD, HealthStatus.CHECK
PLAIN = {"random_seed": 1, "saturation_type": "logistic", "yearly_seasonality": 2}  # whatever the defaults are


@cache
def spec_of(**settings: float) -> ModelSpec:
    dataset = simulate(n_periods=130, channels=CHANNELS[:3], seed=9, noise=0.02)
    return model_spec(prepare(dataset.frame, dataset.mapping, RunConfig.from_json({**PLAIN, **settings})))


def fit(spec: ModelSpec, *, named: bool = False) -> Fitted:
    """A fit by draws around the mode; `named` with results of channels to speak of."""
    mode = find_mode(spec)
    assert mode is not None
    posterior = Posterior(mode.parameters(5), spec)
    if not named:
        return Fitted(posterior, channels=[])
    draws = posterior.model_draws()
    return Fitted(posterior, channel_results(summarise(draws, spec.data), draws, spec.data))


def with_target(change: np.ndarray) -> ModelSpec:
    data = spec_of().data
    return replace(spec_of(), data=replace(data, target=data.target + data.target_scale * change))


def test_a_sound_fit_passes() -> None:
    sound = fit(spec_of())
    for check in (check_collinear(sound), check_influence(sound), check_predictive(sound), check_conflict(sound)):
        assert check.status is GOOD, check.evidence


def test_two_channels_that_run_together_cannot_be_told_apart() -> None:
    spec = spec_of()
    media = spec.data.media.copy()
    wobble = 1 + 0.02 * np.random.default_rng(0).standard_normal(len(media))
    media[:, 1] = media[:, 0] * wobble
    together = replace(spec, data=replace(spec.data, media=media, media_scale=media.max(axis=0)))
    check = check_collinear(fit(together))
    assert check.status is CHECK
    assert "TV and Search cannot be told apart" in check.evidence


def test_a_period_that_makes_a_channel_is_named() -> None:
    """The only channel ran in one week, when sales were high: without that week nothing is known of it."""
    spec = spec_of(l_max=1)
    media, week = spec.data.media.copy(), 60
    media[:, :2] = 0
    media[:, 2] = np.where(np.arange(len(media)) == week, media[:, 2].max(), 0)
    target = spec.data.target.copy()
    target[week] *= 1.3
    lonely = fit(replace(spec, data=replace(spec.data, media=media, target=target)), named=True)
    check = check_influence(lonely)
    assert check.status is CHECK, check.evidence
    assert f"Without the week of {_date(spec, week)}" in check.evidence
    assert "Social would return about" in check.evidence


def test_a_period_left_out_tells_nothing() -> None:
    """Whatever its target is, leaving it out gives the same effects."""
    spec, week = spec_of(), 60
    one = fit(spec)
    changed = spec.data.target.copy()
    changed[week] *= 1.3
    other = fit(replace(spec, data=replace(spec.data, target=changed)))
    assert one.mode is not None
    assert other.mode is not None
    left_out = [without(each, week) for each in (one, other)]
    effects = [each.mode.gains * found.by_channel for each, found in zip((one, other), left_out, strict=True) if found]
    assert effects[0] == pytest.approx(effects[1], rel=0.01)
    assert np.abs(one.mode.gains / other.mode.gains - 1).max() > 0.02


def _date(spec: ModelSpec, week: int) -> str:
    day = spec.data.dates[week]
    return f"{day.day} {day:%b %Y}"


def test_one_impossible_week_is_unlike_data_of_the_model() -> None:
    spike = np.zeros(130)
    spike[33] = 0.5
    check = check_predictive(fit(with_target(spike)))
    assert check.status is CHECK
    assert f"the week of {_date(spec_of(), 33)}" in check.evidence
    assert "a larger single surprise" in check.evidence
    assert "events" in check.evidence


def test_deviations_that_last_are_unlike_data_of_the_model() -> None:
    blocks = 0.1 * np.repeat(np.random.default_rng(3).choice([-1, 1], 26), 5)
    check = check_predictive(fit(with_target(blocks)))
    assert check.status is CHECK
    assert "surprises that last longer" in check.evidence
    assert "missing driver" in check.evidence


def test_an_expectation_that_the_data_contradict_is_a_conflict() -> None:
    expected = {"expected_returns": {"TV": {"low": 45.0, "likely": 50.0, "high": 55.0}}}
    dataset = simulate(n_periods=130, channels=CHANNELS[:3], seed=9, noise=0.02)
    spec = model_spec(prepare(dataset.frame, dataset.mapping, RunConfig.from_json({**PLAIN, **expected})))
    told = fit(spec_of())  # the same data without the expectation
    check = check_conflict(Fitted(replace(told.posterior, spec=spec), channels=[]))
    assert check.status is CHECK
    assert "TV is below" in check.evidence
    assert "Search" not in check.evidence
