"""Any allocation: its numbers against a plain loop, against the current plan, under every timing."""

import numpy as np
import pytest

from mixmodel_app.domain.budget import Horizon, Timing
from mixmodel_app.domain.curves import Array, ResponseDraws, saturate
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.planning.evaluate import Planner
from mixmodel_app.planning.table import CurveTable
from tests.unit.planning.test_optimising_budgets import make_draws


def by_loop(draws: ResponseDraws, spend: Array) -> Array:
    """(S,) what `spend` (W, C) after the history brings, one draw, channel and period at a time."""
    lags, weeks = draws.n_lags, len(spend)
    found = np.zeros(draws.n_draws)
    for c in range(len(draws.channels)):
        params = {name: value[:, c] for name, value in draws.params.items()}
        after = np.zeros(lags - 1)
        for planned, sign in ((spend[:, c], 1), (np.zeros(weeks), -1)):
            series = np.concatenate([draws.spend[:, c], planned, after]) / draws.unit_cost[c] / draws.media_scale[c]
            for t in range(len(draws.spend), len(series)):
                adstocked = np.sum([draws.weights[:, c, lag] * series[t - lag] for lag in range(lags)], axis=0)
                found += sign * draws.target_scale * draws.beta[:, c] * saturate(draws.saturation, params, adstocked)
    return found


@pytest.mark.parametrize("timing", Timing)
@pytest.mark.parametrize("weeks", [3, 60])
def test_every_timing_agrees_with_a_plain_loop(timing: Timing, weeks: int) -> None:
    draws = make_draws(2)
    own = tuple(float(1 + number % 3) for number in range(weeks))
    horizon = Horizon(weeks, timing, own if timing is Timing.OWN else ())
    money = draws.spend[-weeks:].sum(axis=0) * np.array([1.3, 0.4])
    last = draws.spend[-52:][np.arange(weeks) % 52]
    spend = {
        Timing.EVEN: np.tile(money / weeks, (weeks, 1)),
        Timing.OWN: np.outer(np.array(own) / sum(own), money),
        Timing.LAST_YEAR: last / last.sum(axis=0) * money,
    }[timing]
    found = Planner.over(draws, horizon, Frequency.WEEKLY).evaluate(money)
    expected = by_loop(draws, spend)
    assert found.revenue == pytest.approx(expected.mean(), rel=1e-9)


def test_the_current_plan_against_itself_is_a_tie() -> None:
    draws = make_draws(3)
    planner = Planner.over(draws, Horizon(13), Frequency.WEEKLY)
    found = planner.evaluate(planner.current)
    assert found.current == pytest.approx(dict(zip(draws.channels, draws.spend[-13:].sum(axis=0), strict=True)))
    assert (found.gain, found.net_gain, found.moved, found.probability_better) == (0, 0, 0, 0.5)
    assert found.roas == found.current_roas
    assert found.is_current


def test_amounts_rounded_for_a_page_are_still_the_current_plan_and_a_hundredth_more_is_not() -> None:
    draws = make_draws(3)
    planner = Planner.over(draws, Horizon(13), Frequency.WEEKLY)
    assert planner.evaluate(planner.current * (1 + 5e-5)).is_current
    assert not planner.evaluate(planner.current * 1.01).is_current


def test_more_money_is_better_only_when_its_margin_pays_for_it() -> None:
    draws = make_draws(3)
    planner = Planner.over(draws, Horizon(13), Frequency.WEEKLY)
    much = planner.current * 3
    rich, poor = planner.evaluate(much, margin=1.0), planner.evaluate(much, margin=0.001)
    assert rich.gain == poor.gain > 0
    assert rich.net_gain == pytest.approx(rich.gain - 2 * planner.current.sum())
    assert poor.probability_better == 0
    assert poor.low_gain < 0


def test_spend_outside_what_was_observed_is_named_by_the_largest_period() -> None:
    draws = make_draws(2)
    highest = draws.spend.max(axis=0)
    even = Planner.over(draws, Horizon(10), Frequency.WEEKLY)
    assert even.ceiling == pytest.approx(13 * highest)
    at = even.ceiling * np.array([1.001, 0.999])
    assert even.evaluate(at).extrapolated == ["C0"]
    burst = Planner.over(draws, Horizon(10, Timing.OWN, (1.0, *(0.0,) * 9)), Frequency.WEEKLY)
    assert burst.ceiling == pytest.approx(1.3 * highest)


def test_an_allocation_with_wrong_parts_names_them() -> None:
    planner = Planner.over(make_draws(2), Horizon(13), Frequency.WEEKLY)
    with pytest.raises(InvalidInput) as caught:
        planner.money_of({"X": 1.0, "C0": -1.0, "C1": float("nan")})
    assert [error.field for error in caught.value.errors] == ["allocation.X", "allocation.C0", "allocation.C1"]


def test_timing_as_last_year_needs_one() -> None:
    with pytest.raises(InvalidInput, match="a year of history"):
        Planner.over(make_draws(2, periods=40), Horizon(13, Timing.LAST_YEAR), Frequency.WEEKLY)


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_tables_are_within_a_ten_thousandth_of_the_response(saturation: str) -> None:
    draws = make_draws(3, saturation=saturation)
    planner = Planner.over(draws, Horizon(26), Frequency.WEEKLY)
    table = CurveTable.of(planner.response, planner.cap)
    rng = np.random.default_rng(0)
    for _ in range(30):
        money = planner.cap * rng.random(3)
        value, slope = table.look_up(money)
        scale = planner.response.contribution(planner.cap).mean(axis=0)
        assert np.abs(value - planner.response.contribution(money)).max(axis=0) == pytest.approx(
            0, abs=2e-4 * scale.max()
        )
        mean_slope = planner.response.slope(money).mean(axis=0)
        assert slope.mean(axis=0) == pytest.approx(mean_slope, rel=0.02)
