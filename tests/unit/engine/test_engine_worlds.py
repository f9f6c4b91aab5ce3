"""The worlds of the benchmarks: what they say is true adds up, and each kind has what its name promises."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.curves import Array, carry_over, saturate
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.simulate import SimulatedDataset, spend_column
from mixmodel_app.engine.worlds import ACCURACY_KINDS, FAULTS, KINDS, faulty, world

SEEDS = range(6)


@cache
def worlds(kind: str) -> list[SimulatedDataset]:
    return [world(kind, seed) for seed in SEEDS]


@cache
def faults(fault: str) -> list[SimulatedDataset]:
    return [faulty(fault, seed)[0] for seed in SEEDS]


def spend_of(dataset: SimulatedDataset, name: str) -> Array:
    return dataset.frame[spend_column(name)].to_numpy(float)


def correlation(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def without(series: Array, *explained: Array) -> Array:
    """What is left of `series` after a regression on a constant and the `explained` series."""
    design = np.column_stack([np.ones(len(series)), *explained])
    return series - design @ np.linalg.lstsq(design, series, rcond=None)[0]


def controls_of(dataset: SimulatedDataset) -> list[Array]:
    return [dataset.frame[column].to_numpy(float) for column in dataset.mapping.control_columns]


def waves(dataset: SimulatedDataset) -> list[Array]:
    """What a linear trend and two Fourier pairs of the year can say."""
    angle = 2 * np.pi * dataset.frame["week"].dt.day_of_year.to_numpy() / 365.25
    return [np.arange(len(angle), dtype=float), *(f(k * angle) for k in (1, 2) for f in (np.sin, np.cos))]


def strangeness(dataset: SimulatedDataset) -> float:
    """Standard deviation, as a share of base, of what controls, a line and smooth waves leave of the baseline."""
    left = without(dataset.truth["series"]["baseline"], *controls_of(dataset), *waves(dataset))
    return float(left.std() / dataset.truth["base"])


def peak_lag(dataset: SimulatedDataset, name: str) -> int:
    """Weeks by which changes of the effect follow changes of spend, measured from the two series."""
    spend = np.diff(spend_of(dataset, name))
    effect = np.diff(dataset.truth["series"]["channels"][name])
    return int(np.argmax([correlation(spend[: len(spend) - lag], effect[lag:]) for lag in range(9)]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_names_one_world(kind: str) -> None:
    pd.testing.assert_frame_equal(world(kind, 3).frame, world(kind, 3).frame)
    assert not world(kind, 3).frame.equals(world(kind, 4).frame)


def test_a_seed_is_another_world_in_every_kind() -> None:
    assert len({world(kind, 1).truth["base"] for kind in ACCURACY_KINDS}) == len(ACCURACY_KINDS) == 7


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_of_the_outcome_add_up(kind: str) -> None:
    for dataset in worlds(kind):
        parts = dataset.truth["series"]
        total = parts["baseline"] + parts["noise"] + sum(parts["channels"].values())
        assert np.abs(dataset.frame["revenue"].to_numpy() - total).max() <= 0.5 + 1e-6
        assert parts["baseline"].min() > 0
        assert dataset.truth["baseline"] == pytest.approx(parts["baseline"].sum())


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_of_a_channel_belongs_to_its_column(kind: str) -> None:
    for dataset in worlds(kind):
        assert set(dataset.truth["channels"]) == set(dataset.mapping.channel_names)
        for name, true in dataset.truth["channels"].items():
            assert true["spend"] == spend_of(dataset, name).sum() > 0
            assert true["contribution"] == pytest.approx(true["roas"] * true["spend"])
            assert true["contribution"] == pytest.approx(dataset.truth["series"]["channels"][name].sum())


@pytest.mark.parametrize("kind", KINDS)
def test_an_effect_follows_from_spend_by_its_carryover_and_curve(kind: str) -> None:
    for dataset in worlds(kind):
        for name, true in dataset.truth["channels"].items():
            spend, effect = spend_of(dataset, name), dataset.truth["series"]["channels"][name]
            params = {key: np.array(true[key]) for key in ("lam", "slope", "kappa") if key in true}
            response = saturate(true["curve"], params, carry_over(spend / spend.max(), true["weights"][None])[0])
            assert true["weights"].sum() == pytest.approx(1)
            assert effect / effect.sum() == pytest.approx(response / response.sum())


@pytest.mark.parametrize("kind", KINDS)
def test_a_world_is_realistic(kind: str) -> None:
    datasets = worlds(kind)
    shares = [dataset.truth["media_share"] for dataset in datasets]
    returns = [true["roas"] for dataset in datasets for true in dataset.truth["channels"].values()]
    assert 0.1 <= min(shares) < max(shares) <= 0.35
    assert max(shares) > min(shares) + 0.05
    assert {len(dataset.truth["channels"]) for dataset in datasets} <= {4, 5, 6, 7, 8}
    assert all(1 <= len(dataset.mapping.control_columns) <= 3 for dataset in datasets)
    assert 0.2 <= min(returns) < 1 < np.median(returns) < 2 < max(returns) <= 6


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"short_noisy"}))
def test_most_worlds_have_two_to_four_years(kind: str) -> None:
    assert all(104 <= len(dataset.frame) <= 208 for dataset in worlds(kind))


def test_matched_worlds_are_what_the_model_says() -> None:
    for dataset in worlds("matched"):
        assert strangeness(dataset) < 1e-3
        for true in dataset.truth["channels"].values():
            assert (true["curve"], len(true["weights"])) == ("logistic", 8)
            decay = true["weights"][1:] / true["weights"][:-1]
            assert decay == pytest.approx(np.full(7, decay[0]))


def test_hill_worlds_have_curves_that_start_flat() -> None:
    channels = [true for dataset in worlds("hill") for true in dataset.truth["channels"].values()]
    slopes = [true["slope"] for true in channels]
    assert {true["curve"] for true in channels} == {"hill"}
    assert 1 <= min(slopes) < 1.25
    assert 2 < max(slopes) <= 2.5


def test_in_delayed_worlds_half_of_the_effects_peak_later() -> None:
    for dataset in worlds("delayed"):
        lags = [peak_lag(dataset, name) for name in dataset.mapping.channel_names]
        assert sum(lag > 0 for lag in lags) == len(lags) // 2
        assert max(lags) in (1, 2, 3)
    assert {peak_lag(dataset, name) for dataset in worlds("hill") for name in dataset.mapping.channel_names} == {0}


def test_trend_and_season_are_more_than_a_line_and_waves() -> None:
    for dataset in worlds("trend_season"):
        assert strangeness(dataset) > 0.03
        late = dataset.frame["week"].dt.month.isin([11, 12]).to_numpy()
        left = without(dataset.truth["series"]["baseline"], *controls_of(dataset), *waves(dataset))
        assert left[late].max() > 0.15 * dataset.truth["base"]


def test_spend_follows_the_season_partly() -> None:
    ties = []
    for dataset in worlds("trend_season"):
        season = without(dataset.truth["series"]["baseline"], *controls_of(dataset), waves(dataset)[0])
        ties.append(np.mean([correlation(spend_of(dataset, name), season) for name in dataset.mapping.channel_names]))
    assert 0.1 < np.mean(ties) < 0.6


def test_collinear_worlds_have_three_channels_that_move_together() -> None:
    for dataset in worlds("collinear"):
        group = [spend_of(dataset, name) for name in dataset.truth["planned_together"]]
        ties = np.corrcoef(group)[np.triu_indices(3, 1)]
        assert len(group) == 3
        assert 0.8 <= ties.min() <= ties.max() <= 0.95


@pytest.mark.parametrize("kind", ["matched", "hill", "delayed", "short_noisy"])
def test_elsewhere_channels_move_on_their_own(kind: str) -> None:
    for dataset in worlds(kind):
        every = np.corrcoef([spend_of(dataset, name) for name in dataset.mapping.channel_names])
        assert np.abs(every[np.triu_indices(len(every), 1)]).max() < 0.7


def test_short_noisy_worlds_are_short_and_noisy() -> None:
    for dataset in worlds("short_noisy"):
        assert 70 <= len(dataset.frame) <= 90
        assert 0.08 <= dataset.truth["noise"] / dataset.truth["base"] <= 0.12
        assert dataset.truth["series"]["noise"].std() == pytest.approx(dataset.truth["noise"], rel=0.3)


def test_demand_lasts_moves_sales_and_pulls_spend() -> None:
    for dataset in worlds("demand_hidden"):
        demand, followers = dataset.truth["series"]["demand"], dataset.truth["follows_demand"]
        assert 0.04 <= demand.std() / dataset.truth["base"] <= 0.08
        assert 0.5 < correlation(demand[1:], demand[:-1]) < 0.95
        assert 1 <= len(followers) <= 3
        assert all(0.25 < correlation(spend_of(dataset, name), demand) < 0.9 for name in followers)
        others = [*controls_of(dataset), *waves(dataset)]
        assert without(dataset.truth["series"]["baseline"] - demand, *others).std() < 1e-3 * dataset.truth["base"]


def test_an_index_of_searches_shows_demand() -> None:
    for hidden, observed in zip(worlds("demand_hidden"), worlds("demand_observed"), strict=True):
        assert observed.mapping.control_columns == (*hidden.mapping.control_columns, "brand_searches")
        pd.testing.assert_frame_equal(observed.frame.drop(columns="brand_searches"), hidden.frame)
        shown = correlation(observed.frame["brand_searches"].to_numpy(), observed.truth["series"]["demand"])
        assert 0.85 < shown < 0.99


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_in_settings_that_a_run_accepts_or_in_the_data(fault: str) -> None:
    dataset, settings = faulty(fault, 4)
    again, same = faulty(fault, 4)
    assert settings == same
    pd.testing.assert_frame_equal(dataset.frame, again.frame)
    usual = RunConfig.from_json({"random_seed": 1})
    changed = RunConfig.from_json({"random_seed": 1, **settings}) != usual
    assert changed == (fault in ("missing_season", "missing_trend", "wrong_lag"))


def test_a_missing_season_is_strong_and_spend_follows_it() -> None:
    for dataset in faults("missing_season"):
        season = without(dataset.truth["series"]["baseline"], *controls_of(dataset), waves(dataset)[0])
        assert np.ptp(season) > 0.25 * dataset.truth["base"]
        ties = [correlation(spend_of(dataset, name), season) for name in dataset.mapping.channel_names]
        assert np.mean(ties) > 0.25
    assert {faulty("missing_season", seed)[1]["yearly_seasonality"] for seed in SEEDS} == {0}


def test_a_missing_trend_is_strong_and_spend_grows_with_it() -> None:
    for dataset in faults("missing_trend"):
        baseline, half = dataset.truth["series"]["baseline"], len(dataset.frame) // 2
        assert baseline[half:].mean() > 1.1 * baseline[:half].mean()
        spend = np.sum([spend_of(dataset, name) for name in dataset.mapping.channel_names], axis=0)
        assert spend[half:].mean() > 1.2 * spend[:half].mean()
    assert {faulty("missing_trend", seed)[1]["trend"] for seed in SEEDS} == {False}


def test_a_wrong_lag_is_longer_than_the_model_looks() -> None:
    for dataset in faults("wrong_lag"):
        peaks = [int(true["weights"].argmax()) for true in dataset.truth["channels"].values()]
        assert 3 <= min(peaks) <= max(peaks) <= 6
        assert [peak_lag(dataset, name) for name in dataset.mapping.channel_names] == peaks
    assert {faulty("wrong_lag", seed)[1]["l_max"] for seed in SEEDS} == {2}


def test_omitted_demand_is_the_world_with_hidden_demand() -> None:
    pd.testing.assert_frame_equal(faulty("omitted_demand", 5)[0].frame, world("demand_hidden", 5).frame)


def test_healthy_worlds_come_from_four_kinds_and_fit_their_settings() -> None:
    assert all(strangeness(dataset) < 0.02 for dataset in faults("none"))
    pd.testing.assert_frame_equal(faulty("none", 4)[0].frame, world("matched", 4).frame)
    hill, settings = faulty("none", 5)
    assert {true["curve"] for true in hill.truth["channels"].values()} == {settings["saturation_type"]} == {"hill"}
    together = faulty("none", 7)[0]
    ties = np.corrcoef([spend_of(together, name) for name in together.truth["planned_together"]])
    assert 0.4 < ties[np.triu_indices(3, 1)].min() <= ties[np.triu_indices(3, 1)].max() < 0.8


def test_an_unknown_kind_or_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        world("nothing", 1)
    with pytest.raises(KeyError):
        faulty("nothing", 1)
