"""The best split: against a grid, against Lagrange, against the current one, and within every bound."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import Infeasible, InvalidInput
from mixmodel_app.planning.constraints import Bounds
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.planning.response import PlanResponse
from mixmodel_app.planning.solve import fit_to_budget, grid_split


def make_draws(
    n_channels: int = 3, *, saturation: str = "logistic", seed: int = 1, periods: int = 104
) -> ResponseDraws:
    """Channels of unlike size and efficiency; Hill slopes straddle 1, so that some curves are S-shaped."""
    rng = np.random.default_rng(seed)
    size = (60, n_channels)
    decay = rng.beta(4, 6, size)[:, :, None] ** np.arange(6)
    spend = rng.gamma(2.0, 1.0, (periods, n_channels)) * np.exp(rng.normal(8, 0.7, n_channels))
    params = {"lam": np.exp(rng.normal(1.0, 0.4, n_channels) + rng.normal(0, 0.2, size))}
    if saturation == "hill":
        slope = np.exp(rng.normal(0.7, 0.3, n_channels) + rng.normal(0, 0.1, size))
        params = {"slope": slope, "kappa": np.exp(rng.normal(-0.7, 0.3, n_channels) + rng.normal(0, 0.1, size))}
    return ResponseDraws(
        channels=tuple(f"C{i}" for i in range(n_channels)),
        saturation=saturation,
        weights=decay / decay.sum(axis=-1, keepdims=True),
        params=params,
        beta=np.exp(rng.normal(-2, 0.6, n_channels) + rng.normal(0, 0.2, size)),
        media_scale=spend.max(axis=0),
        target_scale=5e5,
        unit_cost=np.ones(n_channels),
        spend=spend,
    )


def solve(draws: ResponseDraws, budget: float, **more: object) -> BudgetPlan:
    return optimise(draws, BudgetRequest(budget, **more), Frequency.WEEKLY)  # pyright: ignore[reportArgumentType]


def mean_revenue(draws: ResponseDraws, weeks: int, money: Array) -> float:
    return float(PlanResponse.over(draws, weeks).contribution(money).sum(axis=1).mean())


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
def test_no_point_of_a_fine_grid_is_better(saturation: str, seed: int, scale: float):
    draws = make_draws(saturation=saturation, seed=seed)
    budget = float(draws.spend[-26:].sum()) * scale
    plan = solve(draws, budget, weeks=26)
    steps = 40
    shares = [(i, j, steps - i - j) for i, j in product(range(steps + 1), repeat=2) if i + j <= steps]
    response = PlanResponse.over(draws, 26)
    grid = max(float(response.contribution(np.array(s) / steps * budget).mean(axis=0).sum()) for s in shares)
    assert plan.predicted_revenue >= grid * (1 - 1e-9)


def test_channels_inside_their_bounds_return_the_same_on_the_next_unit():
    draws = make_draws(5)
    plan = solve(draws, float(draws.spend[-52:].sum()))
    inside = [plan.marginal_roas[c] for c, money in plan.optimized_allocation.items() if money > 1]
    outside = [plan.marginal_roas[c] for c, money in plan.optimized_allocation.items() if money <= 1]
    assert len(inside) >= 2
    assert max(inside) - min(inside) < 1e-3 * max(inside)
    assert all(value <= max(inside) * 1.001 for value in outside)


def test_marginal_roas_is_the_change_per_unit_of_money():
    draws = make_draws(4)
    plan = solve(draws, 2e5, weeks=20)
    money = np.array(list(plan.optimized_allocation.values()))
    more = money + np.array([1.0, 0, 0, 0])
    change = mean_revenue(draws, 20, more) - mean_revenue(draws, 20, money)
    assert plan.marginal_roas["C0"] == pytest.approx(change, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_plan_keeps_its_promises(data: st.DataObject):
    saturation = data.draw(st.sampled_from(["logistic", "hill"]))
    n_channels = data.draw(st.integers(1, 6))
    draws = make_draws(n_channels, saturation=saturation, seed=data.draw(st.integers(0, 50)))
    budget = data.draw(st.floats(1e2, 1e7))
    low, high = {}, {}
    for channel in draws.channels:
        if data.draw(st.booleans()):
            low[channel] = data.draw(st.floats(0, 0.9)) * budget / n_channels
        if data.draw(st.booleans()):
            high[channel] = low.get(channel, 0.0) + data.draw(st.floats(0, 1)) * budget
    if sum(high.get(channel, budget) for channel in draws.channels) < budget:
        high = {}
    plan = solve(draws, budget, min_per_channel=low, max_per_channel=high, weeks=data.draw(st.integers(1, 60)))
    money = plan.optimized_allocation
    assert math.isclose(sum(money.values()), budget, rel_tol=1e-6)
    assert all(money[channel] >= bound for channel, bound in low.items())
    assert all(money[channel] <= bound for channel, bound in high.items())
    current = plan.current_allocation
    feasible = all(low.get(c, 0.0) <= current[c] <= high.get(c, budget) for c in draws.channels)
    assert not feasible or plan.predicted_revenue >= plan.current_revenue * (1 - 1e-9)
    assert plan.gain == pytest.approx(plan.predicted_revenue - plan.current_revenue, abs=1e-6 * plan.predicted_revenue)
    assert 0 <= plan.probability_better <= 1


def test_a_current_mix_that_is_best_already_is_returned():
    draws = make_draws(4)
    budget = float(draws.spend[-52:].sum())
    best = np.array(list(solve(draws, budget).optimized_allocation.values()))
    history = np.tile(best / 52, (104, 1))
    again = solve(replace(draws, spend=history), budget)
    assert again.predicted_revenue >= again.current_revenue
    assert again.gain == pytest.approx(0, abs=1e-4 * again.predicted_revenue)


def test_the_current_allocation_is_the_recent_mix_at_the_size_of_the_budget():
    draws = make_draws(3)
    plan = solve(draws, 1e5, weeks=10)
    recent = draws.spend[-10:].sum(axis=0)
    assert list(plan.current_spend.values()) == pytest.approx(recent.tolist())
    assert list(plan.current_allocation.values()) == pytest.approx((recent / recent.sum() * 1e5).tolist())
    assert plan.current_revenue == pytest.approx(mean_revenue(draws, 10, recent / recent.sum() * 1e5))
    assert plan.current_revenue_hdi[0] < plan.current_revenue < plan.current_revenue_hdi[1]
    assert plan.predicted_roas == pytest.approx(plan.predicted_revenue / 1e5)


@pytest.mark.parametrize(
    ("frequency", "periods", "weeks"),
    [(Frequency.WEEKLY, 104, 52), (Frequency.MONTHLY, 36, 12), (Frequency.DAILY, 100, 100), (Frequency.WEEKLY, 30, 30)],
)
def test_the_horizon_is_a_year_or_the_history(frequency: Frequency, periods: int, weeks: int):
    draws = make_draws(periods=periods)
    assert optimise(draws, BudgetRequest(1e5), frequency).weeks == weeks


def test_spend_beyond_what_was_ever_seen_is_flagged():
    draws = make_draws(2)
    highest = float(draws.spend[:, 0].max())
    calm, bold = (
        solve(draws, share * highest * 10 + 10, weeks=10, max_per_channel={"C1": 10.0}) for share in (1.29, 1.31)
    )
    assert calm.extrapolated == []
    assert bold.extrapolated == ["C0"]


def test_a_channel_without_a_known_cost_keeps_nothing():
    draws = replace(make_draws(3), unit_cost=np.array([1.0, np.nan, 1.0]))
    plan = solve(draws, 1e5)
    assert plan.optimized_allocation["C1"] == 0
    assert plan.current_allocation["C1"] == 0
    assert sum(plan.optimized_allocation.values()) == pytest.approx(1e5)
    with pytest.raises(InvalidInput) as caught:
        solve(draws, 1e5, min_per_channel={"C1": 10.0})
    assert "C1 cannot be planned" in caught.value.message
    assert caught.value.errors[0].field == "min_per_channel.C1"


def test_no_known_cost_at_all_is_refused():
    draws = replace(make_draws(2), unit_cost=np.full(2, np.nan))
    with pytest.raises(InvalidInput, match="No channel can be planned"):
        solve(draws, 1e5)


def test_channels_that_never_spent_start_from_an_even_split():
    draws = make_draws(2)
    plan = solve(replace(draws, spend=np.zeros_like(draws.spend)), 1e4)
    assert plan.current_allocation == {"C0": 5000.0, "C1": 5000.0}
    assert plan.extrapolated == [c for c, money in plan.optimized_allocation.items() if money > 0]


@pytest.mark.parametrize(
    ("request_", "words", "field"),
    [
        (
            BudgetRequest(1e5, {"C0": 7e4, "C1": 5e4}),
            "minimums add up to 120,000, more than the budget of 100,000",
            "min_per_channel",
        ),
        (
            BudgetRequest(1e5, {}, {"C0": 1e4, "C1": 2e4, "C2": 3e4}),
            "maximums add up to 60,000, less than the budget of 100,000",
            "max_per_channel",
        ),
        (
            BudgetRequest(1e5, {"C1": 10.5}, {"C1": 5}),
            "minimum for C1 (10.50) is above its maximum (5.00)",
            "min_per_channel.C1",
        ),
    ],
)
def test_impossible_bounds_say_which(request_: BudgetRequest, words: str, field: str):
    with pytest.raises(Infeasible) as caught:
        optimise(make_draws(), request_, Frequency.WEEKLY)
    assert words in caught.value.message
    assert caught.value.errors[0].field == field
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (BudgetRequest(0), ["total_budget"]),
        (BudgetRequest(-5), ["total_budget"]),
        (BudgetRequest(math.nan), ["total_budget"]),
        (BudgetRequest(math.inf, weeks=0), ["total_budget", "weeks"]),
        (BudgetRequest(1, weeks=521), ["weeks"]),
        (BudgetRequest(1, weeks=True), ["weeks"]),
        (BudgetRequest(1, {"X": 1}, {"Y": 2}), ["min_per_channel.X", "max_per_channel.Y"]),
        (BudgetRequest(1, {"C0": -1}, {"C1": math.nan}), ["min_per_channel.C0", "max_per_channel.C1"]),
    ],
)
def test_every_wrong_field_is_named(request_: BudgetRequest, fields: list[str]):
    with pytest.raises(InvalidInput) as caught:
        optimise(make_draws(), request_, Frequency.WEEKLY)
    assert [error.field for error in caught.value.errors] == fields


def test_bounds_that_fix_everything_leave_one_answer():
    fixed = {"C0": 1e4, "C1": 2e4, "C2": 7e4}
    plan = solve(make_draws(), 1e5, min_per_channel=fixed, max_per_channel=fixed)
    assert plan.optimized_allocation == pytest.approx(fixed)


def test_the_grid_finds_the_far_hill_that_a_climb_from_here_would_miss():
    """Two like S-curves and a budget for one of them: the even split is the worst place to start."""
    draws = make_draws(2, saturation="hill")
    params = {"slope": np.full((60, 2), 6.0), "kappa": np.full((60, 2), 0.5)}
    spend = np.full((104, 2), 1000.0)
    draws = replace(draws, params=params, spend=spend, media_scale=spend.max(axis=0), beta=np.full((60, 2), 0.2))
    draws = replace(draws, weights=np.repeat(draws.weights[:, :1], 2, axis=1))
    bounds = Bounds(np.zeros(2), np.full(2, 31_200.0))
    shares = grid_split(PlanResponse.over(draws, 52), bounds, 31_200.0) / 31_200.0
    assert sorted(shares.round(3).tolist()) == [0.0, 1.0]
    plan = solve(draws, 31_200.0, weeks=52)
    assert plan.predicted_revenue > 3 * plan.current_revenue


@settings(max_examples=80, deadline=None)
@given(
    low=st.lists(st.floats(0, 100), min_size=2, max_size=6),
    spans=st.lists(st.floats(0, 100), min_size=6, max_size=6),
    money=st.lists(st.floats(-50, 300), min_size=6, max_size=6),
    level=st.floats(0, 1),
)
def test_fitting_to_the_budget_holds_bounds_exactly(low: list, spans: list, money: list, level: float):
    count = len(low)
    bounds = Bounds(np.array(low), np.array(low) + np.array(spans[:count]))
    budget = float(bounds.low.sum() + level * (bounds.high.sum() - bounds.low.sum()))
    fitted = fit_to_budget(np.array(money[:count]), bounds, budget)
    assert bounds.holds(fitted)
    assert math.isclose(fitted.sum(), budget, rel_tol=1e-9, abs_tol=1e-9)
