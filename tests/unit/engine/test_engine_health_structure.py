"""What the model lacks: planted faults are found and named, noise is left alone, and the words say what follows."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.health.fitted import Fitted
from mixmodel_app.engine.health.rivals import RIVALS, demand_columns, followers, memory_waves
from mixmodel_app.engine.health.search import Shift, Verdict, limit, search
from mixmodel_app.engine.health.structure import (
    check_carryover,
    check_demand,
    check_season,
    check_trend,
    verdict_status,
)
from mixmodel_app.engine.health.words import consequence, more_or_less, odds
from mixmodel_app.engine.laplace import Mode, find_mode
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.simulate import CHANNELS, SimulatedDataset, simulate
from mixmodel_app.engine.spec import model_spec
from mixmodel_app.engine.worlds import faulty, world

GOOD, CHECK, BAD = HealthStatus.GOOD, HealthStatus.CHECK, HealthStatus.DO_NOT_USE
CHECKS = {"season": check_season, "trend": check_trend, "carryover": check_carryover, "demand": check_demand}
FAULTS = {
    "missing_season": "season",
    "missing_trend": "trend",
    "wrong_lag": "carryover",
    "omitted_demand": "demand",
}
SEEDS = {"missing_season": 2011, "missing_trend": 2001, "wrong_lag": 2009, "omitted_demand": 2005}
PLAIN = {"saturation_type": "logistic", "yearly_seasonality": 2}  # whatever the defaults are


@cache
def mode_of(fault: str, seed: int) -> Mode:
    dataset, settings = faulty(fault, seed)
    return mode_for(dataset, **settings)


def mode_for(dataset: SimulatedDataset, **settings: object) -> Mode:
    config = RunConfig.from_json({"random_seed": 1, **PLAIN, **settings})
    mode = find_mode(model_spec(prepare(dataset.frame, dataset.mapping, config)))
    assert mode is not None
    return mode


@cache
def verdicts(fault: str, seed: int) -> dict[str, Verdict]:
    mode = mode_of(fault, seed)
    return search(mode)


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_a_planted_fault_is_found_and_is_the_only_one(fault: str, code: str) -> None:
    found = verdicts(fault, SEEDS[fault])
    assert {name for name, verdict in found.items() if verdict_status(name, verdict) is not GOOD} == {code}


@pytest.mark.parametrize("seed", [2001, 2004, 2006, 2012])
def test_nothing_is_found_where_nothing_is_wrong(seed: int) -> None:
    found = verdicts("none", seed)
    assert set(found) == set(RIVALS)
    assert all(verdict_status(code, verdict) is GOOD for code, verdict in found.items())


@pytest.mark.parametrize("fault", ["missing_season", "missing_trend", "wrong_lag"])
def test_with_what_was_missing_media_come_nearer_to_the_truth(fault: str) -> None:
    dataset, _ = faulty(fault, SEEDS[fault])
    true = sum(channel["contribution"] for channel in dataset.truth["channels"].values())
    mode = mode_of(fault, SEEDS[fault])
    data = mode.spec.data
    media = float(mode.gains.sum()) * data.n_periods * data.target_scale / true
    better = media * verdicts(fault, SEEDS[fault])[FAULTS[fault]].shift.total
    assert abs(np.log(better)) < 0.5 * abs(np.log(media))


def test_a_peak_before_christmas_is_dated() -> None:
    mode = mode_for(world("trend_season", 2004))
    season = search(mode)["season"]
    assert season.likelier
    assert "Dec" in season.adds


def test_days_of_the_week_are_found_in_daily_data() -> None:
    dataset = simulate(n_periods=200, channels=CHANNELS[:2], seed=3)
    dates = pd.date_range("2024-01-01", periods=200)
    sales = dataset.frame["revenue"] * np.where(dates.day_of_week >= 5, 1.3, 1.0)
    frame = dataset.frame.assign(week=dates, revenue=sales)
    mode = mode_for(SimulatedDataset(frame, dataset.mapping, {}))
    season = search(mode)["season"]
    assert (season.adds, season.likelier) == ("the days of the week", True)


@pytest.mark.parametrize(("frequency", "pairs"), [("MS", 6), ("MS", 3), ("W-MON", 10), ("D", 4)])
def test_every_frequency_can_be_searched(frequency: str, pairs: int) -> None:
    dataset = simulate(n_periods=60, channels=CHANNELS[:2], seed=3)
    frame = dataset.frame.assign(week=pd.date_range("2020-01-06", periods=60, freq=frequency))
    mode = mode_for(SimulatedDataset(frame, dataset.mapping, {}), yearly_seasonality=pairs)
    found = search(mode)
    assert {"trend", "carryover", "demand"} <= set(found)
    assert all(np.isfinite(verdict.log_odds) for verdict in found.values())


def test_less_than_a_year_says_nothing_of_a_yearly_season() -> None:
    mode = mode_for(simulate(n_periods=40, channels=CHANNELS[:2], seed=3))
    assert "season" not in search(mode)


def test_a_carryover_that_is_free_already_has_no_rival() -> None:
    mode = mode_for(simulate(n_periods=60, channels=CHANNELS[:2], seed=3), adstock_type="weibull", l_max=15)
    assert RIVALS["carryover"](mode) == []


def test_demand_waves_have_the_covariance_of_an_autoregression() -> None:
    waves = memory_waves(100, 0.8)
    covariance = waves @ waves.T
    middle = covariance[30:70, 30:70]
    assert np.diag(middle).mean() == pytest.approx(1, abs=0.1)
    assert np.diag(middle, 1).mean() == pytest.approx(0.8, abs=0.1)
    assert np.diag(middle, 3).mean() == pytest.approx(0.8**3, abs=0.1)


def test_demand_is_read_from_spend_before_and_after_of_channels_that_are_always_on() -> None:
    dataset = simulate(n_periods=80, seed=3)
    data = prepare(dataset.frame, dataset.mapping, RunConfig())
    assert [data.channels[i] for i in followers(data)] == ["Search"]
    columns = demand_columns(data)
    assert columns.shape == (80, 1)
    assert columns.std() == pytest.approx(1)
    moves = np.log(data.media[:, 1])
    later, earlier = np.corrcoef(columns[:-1, 0], moves[1:])[0, 1], np.corrcoef(columns[1:, 0], moves[:-1])[0, 1]
    assert later == pytest.approx(earlier, abs=0.1)
    assert later > 0.3


def test_what_cannot_be_checked_says_why() -> None:
    mode = mode_for(simulate(n_periods=40, channels=CHANNELS[:2], seed=3), adstock_type="weibull", l_max=10)
    short = Fitted(Posterior(mode.parameters(1), mode.spec), [])
    assert "a year of data" in check_season(short).evidence
    assert "free already" in check_carryover(short).evidence
    assert check_season(short).status is check_carryover(short).status is GOOD


def verdict(log_odds: float, moved: float, *, likelier: bool = True) -> Verdict:
    return Verdict("a trend", log_odds, likelier, Shift(np.array([0.5]), 0.5, moved))


@pytest.mark.parametrize(
    ("code", "log_odds", "moved", "status"),
    [
        ("season", 1.0, 0.09, GOOD),
        ("season", 1.0, 0.1, CHECK),
        ("season", 4.9, 0.9, CHECK),
        ("season", 5.1, 0.3, CHECK),
        ("season", 5.1, 0.34, BAD),
        ("carryover", 9.0, 0.19, GOOD),
        ("carryover", 4.0, 0.2, CHECK),
        ("demand", 50.0, 0.9, CHECK),
    ],
)
def test_a_part_counts_when_it_is_likely_and_matters(code: str, log_odds: float, moved: float, status: object) -> None:
    assert verdict_status(code, verdict(log_odds, moved)) is status
    assert verdict_status(code, verdict(log_odds, moved, likelier=False)) is GOOD


def test_a_part_that_is_not_there_at_all_needs_less_evidence_than_a_finer_one() -> None:
    bare, full = RunConfig.from_json({"yearly_seasonality": 0, "trend": False}), RunConfig()
    for code in ("season", "trend"):
        assert limit(code, bare, 5.0) == 0 < limit(code, full, 5.0)
    assert limit("carryover", bare, 5.0) == limit("carryover", full, 5.0) > 0


def test_demand_needs_more_evidence_in_short_series() -> None:
    assert [limit("demand", RunConfig(), each) for each in (9.0, 3.5, 3.0, 2.0, 1.0)] == [0, 0, 1, 3, 3]


@pytest.mark.parametrize(
    ("log_odds", "words"),
    [
        (0.1, "about evenly for and against"),
        (np.log(2.5), "2.5 to 1 for"),
        (-np.log(44.4), "44 to 1 against"),
        (np.log(1234), "1,200 to 1 for"),
        (-40.0, "more than 1,000,000 to 1 against"),
    ],
)
def test_odds_in_words(log_odds: float, words: str) -> None:
    assert odds(log_odds) == words


def fitted(fault: str) -> Fitted:
    mode = mode_of(fault, SEEDS[fault])
    figure = Estimate(3.0, 2.0, 4.0, 2.5, 3.5, 3.0)
    share = mode.gains / mode.gains.sum()
    channels = [
        ChannelResult(
            column=name, name=name, spend=1.0, share_of_spend=0.5, share_of_effect=float(part), contribution=figure,
            roas=figure, marginal_roas=figure, probability_pays_back=1.0, saturation=None,
            adstock=None,  # pyright: ignore[reportArgumentType]
        )
        for name, part in zip(mode.spec.data.channels, share, strict=True)
    ]  # fmt: skip
    return Fitted(Posterior(mode.parameters(1), mode.spec), channels)


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_the_evidence_says_how_sure_what_follows_and_what_to_do(fault: str, code: str) -> None:
    check = CHECKS[code](fitted(fault))
    assert (check.code, check.status is GOOD) == (code, False)
    assert "to 1 for" in check.evidence
    assert "media together would bring" in check.evidence
    assert "per 1 spent instead of 3.00" in check.evidence
    assert check.evidence.count(".") >= 3
    others = [CHECKS[name](fitted(fault)) for name in CHECKS if name != code]
    assert {other.status for other in others} == {GOOD}


def test_a_change_in_words() -> None:
    assert more_or_less(0.64) == "36 % less"
    assert more_or_less(1.07) == "7.0 % more"
    assert more_or_less(13.86) == "13.9 times as much"


def test_the_consequence_is_that_of_the_channel_that_changes_most() -> None:
    channels = fitted("missing_season").channels[:2]
    changed = Shift(np.array([1.5, 0.9]), 0.8, 0.3)
    by_share = [replace(channels[0], name="Small", share_of_effect=0.01), replace(channels[1], name="Large")]
    assert "Large would return about 2.70" in consequence(by_share, changed)
    unpriced = [replace(channel, roas=None) for channel in by_share]
    assert consequence(unpriced, changed) == "media together would bring 20 % less, and Large 10 % less."
