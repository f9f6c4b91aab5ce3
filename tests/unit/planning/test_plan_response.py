"""The response of a plan, against a slow and plain calculation of what it is defined to be."""

from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app.domain.curves import Array, ResponseDraws, carry_over, saturate
from mixmodel_app.planning.response import PlanResponse


def make_draws(
    n_channels: int = 3,
    *,
    saturation: str = "logistic",
    n_draws: int = 40,
    periods: int = 60,
    lags: int = 5,
    seed: int = 1,
) -> ResponseDraws:
    """A plausible posterior: weekly spend in money, revenue in the hundred thousands."""
    rng = np.random.default_rng(seed)
    size = (n_draws, n_channels)
    decay = rng.beta(4, 6, size)[:, :, None] ** np.arange(lags)
    spend = rng.gamma(2.0, 1.0, (periods, n_channels)) * np.exp(rng.normal(8, 0.5, n_channels))
    params = {"lam": np.exp(rng.normal(1.0, 0.3, size))}
    if saturation == "hill":
        params = {"slope": np.exp(rng.normal(0.5, 0.4, size)), "kappa": np.exp(rng.normal(-1.0, 0.3, size))}
    return ResponseDraws(
        channels=tuple(f"Channel {i}" for i in range(n_channels)),
        saturation=saturation,
        weights=decay / decay.sum(axis=-1, keepdims=True),
        params=params,
        beta=np.exp(rng.normal(-2, 0.4, size)),
        media_scale=spend.max(axis=0),
        target_scale=5e5,
        unit_cost=np.ones(n_channels),
        spend=spend,
    )


def plain_response(draws: ResponseDraws, money: Array, weeks: int) -> Array:
    """With the plan minus without it, over the whole series, period by period."""
    silence = np.zeros((draws.n_lags - 1, len(draws.channels)))
    planned = np.vstack([draws.spend, np.tile(money / weeks, (weeks, 1)), silence])
    unplanned = np.vstack([draws.spend, np.zeros((weeks, len(draws.channels))), silence])
    totals = []
    for channel in range(len(draws.channels)):
        params = {name: value[:, channel, None] for name, value in draws.params.items()}
        effect = [
            saturate(
                draws.saturation,
                params,
                carry_over(series[:, channel] / draws.unit_cost[channel], draws.weights[:, channel])
                / draws.media_scale[channel],
            )
            for series in (planned, unplanned)
        ]
        totals.append(draws.target_scale * draws.beta[:, channel] * (effect[0] - effect[1]).sum(axis=1))
    return np.stack(totals, axis=1)


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
@pytest.mark.parametrize("weeks", [1, 3, 5, 6, 26, 52])
@pytest.mark.parametrize("lags", [1, 5, 13])
def test_contribution_is_with_minus_without_the_plan(saturation: str, weeks: int, lags: int):
    draws = make_draws(saturation=saturation, lags=lags, periods=20)
    draws = replace(draws, unit_cost=np.array([1.0, 0.02, 3.0]))
    money = draws.spend.mean(axis=0) * weeks
    expected = plain_response(draws, money, weeks)
    np.testing.assert_allclose(PlanResponse.over(draws, weeks).contribution(money), expected, rtol=1e-9)


def test_history_shorter_than_the_carryover_is_taken_as_it_is():
    draws = make_draws(lags=8, periods=3)
    money = np.array([1e4, 2e4, 3e4])
    expected = plain_response(draws, money, 12)
    np.testing.assert_allclose(PlanResponse.over(draws, 12).contribution(money), expected, rtol=1e-9)


def test_past_spend_uses_up_saturation_but_earns_nothing():
    draws = make_draws()
    money = draws.spend.mean(axis=0) * 4
    fresh = replace(draws, spend=np.zeros_like(draws.spend))
    with_past, without = (PlanResponse.over(d, 4).contribution(money) for d in (draws, fresh))
    assert np.all(with_past < without)
    assert np.all(PlanResponse.over(draws, 4).contribution(np.zeros(3)) == 0)


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
@pytest.mark.parametrize("weeks", [2, 20])
def test_slope_agrees_with_finite_differences(saturation: str, weeks: int):
    draws = make_draws(saturation=saturation)
    response = PlanResponse.over(draws, weeks)
    money = draws.spend.mean(axis=0) * weeks * np.array([0.1, 1.0, 2.0])
    slope = response.slope(money)
    for channel in range(3):
        step = np.zeros(3)
        step[channel] = money[channel] * 1e-5
        change = response.contribution(money + step) - response.contribution(money - step)
        np.testing.assert_allclose(slope[:, channel], change[:, channel] / (2 * step[channel]), rtol=1e-5)


def test_slopes_stay_finite_where_there_is_no_spend():
    draws = make_draws(saturation="hill")
    response = PlanResponse.over(replace(draws, spend=np.zeros_like(draws.spend)), 10)
    assert np.isfinite(response.slope(np.zeros(3))).all()


def test_a_channel_without_a_known_cost_brings_nothing():
    draws = make_draws()
    response = PlanResponse.over(replace(draws, unit_cost=np.array([1.0, np.nan, 1.0])), 10)
    assert response.plannable.tolist() == [True, False, True]
    contribution = response.contribution(np.full(3, 1e4))
    assert np.all(contribution[:, 1] == 0)
    assert np.all(contribution[:, [0, 2]] > 0)
