"""Objectives and attitudes: what was asked for is reached, and no neighbour of the plan is better."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixmodel_app.domain.budget import Attitude, BudgetPlan, BudgetRequest, Horizon, Objective, Timing
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import Infeasible, InvalidInput
from mixmodel_app.planning.evaluate import Planner
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.planning.score import level
from tests.unit.planning.test_optimising_budgets import make_draws

WEEKS = 26


def planner_of(draws: ResponseDraws, timing: Timing = Timing.EVEN) -> Planner:
    return Planner.over(draws, Horizon(WEEKS, timing), Frequency.WEEKLY)


def ask(draws: ResponseDraws, budget: float | None, **more: object) -> BudgetPlan:
    request = BudgetRequest(budget, weeks=WEEKS, cap_extrapolation=True, **more)  # pyright: ignore[reportArgumentType]
    return optimise(draws, request, Frequency.WEEKLY)


def money_of(plan: BudgetPlan) -> Array:
    return np.array(list(plan.optimized_allocation.values()))


def revenue(planner: Planner, money: Array) -> Array:
    return planner.response.contribution(money).sum(axis=1)


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_most_profit_spends_until_the_next_unit_only_pays_for_itself(saturation: str) -> None:
    draws = make_draws(4, saturation=saturation)
    planner = planner_of(draws)
    plan = ask(draws, None, objective=Objective.PROFIT, margin=0.5)
    profit = 0.5 * revenue(planner, money_of(plan)).mean() - money_of(plan).sum()
    for channel, cap in enumerate(planner.cap):
        for other in np.linspace(0, cap, 60):
            moved = money_of(plan)
            moved[channel] = other
            assert 0.5 * revenue(planner, moved).mean() - moved.sum() <= profit + 1e-4 * abs(profit)


@pytest.mark.parametrize("attitude", Attitude)
@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_a_revenue_target_is_reached_with_the_least_money(saturation: str, attitude: Attitude) -> None:
    draws = make_draws(3, saturation=saturation)
    planner = planner_of(draws)
    target = float(planner.current_revenue.mean())
    plan = ask(draws, None, objective=Objective.TARGET_REVENUE, target=target, attitude=attitude)
    reached = level(revenue(planner, money_of(plan)), attitude)
    assert reached == pytest.approx(target, rel=1e-4)
    assert plan.probability_of_target == pytest.approx(float(np.mean(revenue(planner, money_of(plan)) >= target)))
    if attitude is Attitude.CAUTIOUS:
        assert plan.probability_of_target == pytest.approx(0.9, abs=0.02)
    cheaper = (money_of(plan) - 0.02 * plan.total_budget * np.eye(3)).clip(0)
    givers = np.flatnonzero(money_of(plan) > 0.02 * plan.total_budget)
    assert len(givers)
    for give, take in permutations(range(3), 2):
        if give not in givers:
            continue
        moved = cheaper[give].copy()
        moved[take] += 0.015 * plan.total_budget
        assert (moved > planner.cap).any() or level(revenue(planner, moved), attitude) < target * (1 + 1e-6)


@pytest.mark.parametrize("attitude", Attitude)
def test_a_return_target_is_held_by_the_largest_plan(attitude: Attitude) -> None:
    draws = make_draws(4)
    planner = planner_of(draws)
    target = 1.05 * float(planner.current_revenue.mean() / planner.current.sum())
    plan = ask(draws, None, objective=Objective.TARGET_ROAS, target=target, attitude=attitude)
    returned = level(revenue(planner, money_of(plan)), attitude) / plan.total_budget
    assert returned == pytest.approx(target, rel=2e-3)
    assert returned >= target * (1 - 1e-6)


def test_a_marginal_return_target_is_met_where_no_bound_stands_in_the_way() -> None:
    draws = make_draws(4)
    planner = planner_of(draws)
    plan = ask(draws, None, objective=Objective.TARGET_MARGINAL_ROAS, target=0.8)
    inside = (money_of(plan) > 1) & (money_of(plan) < planner.cap - 1)
    assert inside.any()
    slopes = np.array(list(plan.marginal_roas.values()))
    assert slopes[inside] == pytest.approx(0.8, rel=5e-3)


@pytest.mark.parametrize("saturation", ["logistic", "hill"])
def test_the_cautious_split_has_the_best_low_gain(saturation: str) -> None:
    draws = make_draws(3, saturation=saturation, seed=3)
    planner = planner_of(draws)
    budget = float(planner.current.sum())
    bold, calm = (ask(draws, budget, attitude=attitude) for attitude in Attitude)

    def low(money: Array) -> float:
        return level(revenue(planner, money) - planner.current_revenue, Attitude.CAUTIOUS)

    assert low(money_of(calm)) >= low(money_of(bold)) - 1e-9 * budget
    assert low(money_of(calm)) >= 0
    steps = 24
    grid = [np.array([i, j, steps - i - j]) / steps * budget for i in range(steps + 1) for j in range(steps + 1 - i)]
    best = max(low(money) for money in grid if (money <= planner.cap).all())
    assert low(money_of(calm)) >= best - 2e-3 * float(planner.current_revenue.mean())


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_answer_keeps_locks_and_bounds(data: st.DataObject) -> None:
    saturation = data.draw(st.sampled_from(["logistic", "hill"]))
    draws = make_draws(data.draw(st.integers(2, 5)), saturation=saturation, seed=data.draw(st.integers(0, 30)))
    planner = planner_of(draws)
    objective = data.draw(st.sampled_from(list(Objective)))
    current = dict(zip(draws.channels, planner.current.tolist(), strict=True))
    names = st.sets(st.sampled_from(draws.channels), max_size=len(draws.channels) - 1)
    locked = {name: current[name] for name in data.draw(names)}
    low = {name: 0.5 * current[name] for name in data.draw(names)}
    high = {name: 1.5 * current[name] for name in data.draw(names)}
    mean = float(planner.current_revenue.mean())
    target = {
        Objective.TARGET_REVENUE: mean * data.draw(st.floats(0.2, 1.0)),
        Objective.TARGET_ROAS: mean / float(planner.current.sum()) * data.draw(st.floats(0.3, 0.9)),
        Objective.TARGET_MARGINAL_ROAS: data.draw(st.floats(0.1, 3)),
    }.get(objective)
    needs_total = objective is Objective.REVENUE or (objective is Objective.PROFIT and data.draw(st.booleans()))
    budget = float(planner.current.sum()) if needs_total else None
    attitude = data.draw(st.sampled_from(list(Attitude)))
    more = {"locked": locked, "min_per_channel": low, "max_per_channel": high, "attitude": attitude}
    try:
        plan = ask(draws, budget, objective=objective, target=target, margin=data.draw(st.floats(0.2, 1)), **more)
    except Infeasible:
        assert target is not None, "only a target may be out of reach: the current plan keeps all locks and bounds"
        return
    money = plan.optimized_allocation
    assert all(money[name] == value for name, value in locked.items())
    assert all(money[name] >= value for name, value in low.items())
    assert all(money[name] <= value for name, value in high.items())
    assert (money_of(plan) <= planner.cap * (1 + 1e-9)).all()
    assert budget is None or sum(money.values()) == pytest.approx(budget, rel=1e-6)


@pytest.mark.parametrize(
    ("question", "word", "field"),
    [
        ({"objective": Objective.TARGET_REVENUE, "target": 1e12}, "out of reach", "target"),
        ({"objective": Objective.TARGET_ROAS, "target": 1e6}, "out of reach", "target"),
        ({"objective": Objective.TARGET_ROAS}, "target must be a number above 0", "target"),
        ({"objective": Objective.PROFIT, "margin": 0.0}, "margin must be above 0", "margin"),
        ({"objective": Objective.REVENUE}, "total_budget is needed", "total_budget"),
        ({"objective": Objective.PROFIT, "locked": {"C0": 5.0}, "max_per_channel": {"C0": 2.0}}, "locked", "locked.C0"),
        ({"objective": Objective.PROFIT, "timing": Timing.OWN, "weights": (1.0,)}, "has 1 numbers", "weights"),
    ],
)
def test_a_question_without_an_answer_says_why(question: dict, word: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(make_draws(3), None, **question)
    assert word in caught.value.message
    assert caught.value.errors[0].field == field


def test_a_fixed_total_beyond_observed_spend_is_refused_before_solving() -> None:
    with pytest.raises(Infeasible, match=r"1\.3 × the highest observed spend"):
        ask(make_draws(3), 1e9)


def test_a_free_total_without_any_limit_is_refused() -> None:
    request = BudgetRequest(None, weeks=WEEKS, objective=Objective.PROFIT)
    with pytest.raises(InvalidInput, match="Nothing limits the spend of C0") as caught:
        optimise(make_draws(3), request, Frequency.WEEKLY)
    assert [error.field for error in caught.value.errors] == [f"max_per_channel.C{i}" for i in range(3)]


def test_a_return_is_found_between_totals_that_miss_it():
    """With C0 locked a small total returns little, a medium one most and a large one little again."""
    draws = make_draws(2, seed=0)
    planner = planner_of(draws)
    mean, money = float(planner.current_revenue.mean()), planner.current
    question = {
        "locked": {"C0": float(money[0])},
        "max_per_channel": {"C1": 1.5 * float(money[1])},
        "attitude": Attitude.CAUTIOUS,
        "objective": Objective.TARGET_ROAS,
        "target": 0.75 * mean / float(money.sum()),
    }
    plan = ask(draws, None, **question)
    reached = level(revenue(planner, money_of(plan)), Attitude.CAUTIOUS) / float(money_of(plan).sum())
    assert reached == pytest.approx(question["target"], rel=1e-3) or reached > question["target"]
