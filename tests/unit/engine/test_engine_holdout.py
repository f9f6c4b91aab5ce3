"""Hidden periods: they are hidden, predicted from what came before, and held against a calendar."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.model_options import LiftTest
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.health.forecast import check_holdout
from mixmodel_app.engine.holdout import Holdout, first_periods, holdout, window
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.types import PreparedData

PERIODS, HIDDEN = 150, 13


@cache
def spec_of(noise: float = 0.02) -> ModelSpec:
    dataset = simulate(n_periods=PERIODS, channels=CHANNELS[:3], seed=6, noise=noise)
    return model_spec(prepare(dataset.frame, dataset.mapping, RunConfig(random_seed=3)))


def with_target(spec: ModelSpec, target: np.ndarray) -> ModelSpec:
    return replace(spec, data=replace(spec.data, target=target))


def of(spec: ModelSpec) -> Holdout:
    found = holdout(spec)
    assert found is not None
    return found


def test_it_does_not_see_what_is_hidden() -> None:
    spec = spec_of()
    changed = spec.data.target.copy()
    changed[-HIDDEN:] *= 0.5
    one, other = of(spec), of(with_target(spec, changed))
    assert np.array_equal(one.predicted, other.predicted)
    assert other.error > 3 * one.error
    assert other.bias == pytest.approx(2 * (1 + one.bias) - 1)
    assert other.distance < -3 < one.distance < 3


def test_it_sees_what_comes_before() -> None:
    spec = spec_of()
    changed = spec.data.target.copy()
    changed[:-HIDDEN] *= 0.8
    ratio = of(with_target(spec, changed)).predicted / of(spec).predicted
    assert ratio.mean() == pytest.approx(0.8, abs=0.02)


def test_a_model_of_its_own_kind_forecasts_well_and_knows_how_well() -> None:
    found = of(spec_of())
    assert found.error < 0.7 * min(found.naive, found.corrected)
    assert found.covered >= 0.75
    assert found.error < 0.05 * spec_of().data.target.mean()


def test_naive_forecasts_are_last_year_and_last_year_at_this_years_level() -> None:
    spec = spec_of()
    week = np.arange(PERIODS)
    season = np.sin(2 * np.pi * week / 52)
    found = of(with_target(spec, 1000 + 100 * season + 2.0 * week))
    assert found.naive == pytest.approx(2.0 * 52)
    assert found.corrected == pytest.approx(0, abs=1e-9)


def test_the_shorter_model_keeps_scales_and_columns() -> None:
    spec = spec_of()
    shorter = first_periods(spec, 100)
    assert shorter.data.n_periods == 100
    assert (shorter.data.media_scale == spec.data.media_scale).all()
    assert shorter.data.target_scale == spec.data.target_scale
    for cut, whole in zip(shorter.drivers, spec.drivers, strict=True):
        assert np.array_equal(cut.block.columns, whole.block.columns[:100])


def test_only_experiments_that_ended_before_are_kept() -> None:
    dataset = simulate(n_periods=PERIODS, channels=CHANNELS[:3], seed=6)
    dates = pd.to_datetime(dataset.frame["week"]).dt.date
    tests = tuple(
        LiftTest("Search", dates[start], dates[start + 3], dates[start + 6], 1000.0, 3000.0, 500.0)
        for start in (20, PERIODS - 10)
    )
    spec = model_spec(prepare(dataset.frame, dataset.mapping, RunConfig(lift_tests=tests)))
    kept = first_periods(spec, PERIODS - HIDDEN).experiments
    assert [test.first for test in kept] == [20]
    assert len(kept[0].without) == PERIODS - HIDDEN
    assert holdout(spec) is not None


def history(periods: int, frequency: Frequency) -> PreparedData:
    data = spec_of().data
    return replace(data, target=np.ones(periods), frequency=frequency)


@pytest.mark.parametrize(
    ("periods", "frequency", "hidden"),
    [
        (117, Frequency.WEEKLY, 13),
        (116, Frequency.WEEKLY, 0),
        (27, Frequency.MONTHLY, 3),
        (26, Frequency.MONTHLY, 0),
        (819, Frequency.DAILY, 91),
        (818, Frequency.DAILY, 0),
        (500, Frequency.IRREGULAR, 0),
    ],
)
def test_a_quarter_is_hidden_where_two_years_remain(periods: int, frequency: Frequency, hidden: int) -> None:
    assert window(history(periods, frequency)) == hidden


def test_a_short_history_is_not_checked() -> None:
    dataset = simulate(n_periods=100, channels=CHANNELS[:2], seed=6)
    assert holdout(model_spec(prepare(dataset.frame, dataset.mapping, RunConfig()))) is None
    check = check_holdout(None, "week")
    assert check.status is HealthStatus.GOOD
    assert check.evidence.startswith("Not checked")


@pytest.mark.parametrize(
    ("error", "distance", "status"),
    [(12.4, 0.0, "good"), (12.6, 0.0, "check"), (5.0, -2.9, "good"), (5.0, -3.1, "check"), (5.0, 3.1, "check")],
)
def test_limits_of_the_check(error: float, distance: float, status: str) -> None:
    none = np.zeros(13)
    check = check_holdout(Holdout(none, none, none, error, 12.0, 10.0, 0.9, 0.0, distance), "week")
    assert check.status.value == status
    assert "13 weeks" in check.evidence
