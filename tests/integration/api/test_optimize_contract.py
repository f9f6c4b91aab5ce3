"""Budget questions over HTTP on a real fit."""

from typing import Any

import pytest

from tests.integration.scenes import Account

pytestmark = pytest.mark.fit

KEYS = {
    *("optimized_allocation", "predicted_revenue", "predicted_revenue_hdi", "predicted_roas", "marginal_roas"),
    *("current_allocation", "current_revenue", "probability_better", "extrapolated"),
}
BUDGET = 300_000.0


@pytest.fixture
def path(finished: tuple[str, str]) -> str:
    return f"/api/models/{finished[1]}/optimize"


def _solve(ann: Account, path: str, **question: Any) -> dict[str, Any]:
    answer = ann.post(path, {"total_budget": BUDGET, **question})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_answer_has_every_key_and_spends_exactly_the_budget(ann: Account, path: str) -> None:
    plan = _solve(ann, path)
    assert set(plan) >= KEYS
    assert set(plan["optimized_allocation"]) == {"TV", "Search"}
    assert sum(plan["optimized_allocation"].values()) == pytest.approx(BUDGET, rel=1e-9)
    assert sum(plan["current_allocation"].values()) == pytest.approx(BUDGET, rel=1e-9)
    assert plan["predicted_revenue"] >= plan["current_revenue"] * (1 - 1e-9)
    low, high = plan["predicted_revenue_hdi"]
    assert low < plan["predicted_revenue"] < high
    assert plan["predicted_roas"] == pytest.approx(plan["predicted_revenue"] / BUDGET)
    assert 0 <= plan["probability_better"] <= 1


def test_bounds_hold_exactly(ann: Account, path: str) -> None:
    free = _solve(ann, path)["optimized_allocation"]
    first, second = sorted(free, key=lambda channel: -free[channel])
    most, least = {first: free[first] * 0.7}, {second: free[second] + 0.35 * free[first]}
    plan = _solve(ann, path, min_per_channel=least, max_per_channel=most)["optimized_allocation"]
    assert plan[second] >= least[second] * (1 - 1e-9)
    assert plan[first] <= most[first] * (1 + 1e-9)
    assert sum(plan.values()) == pytest.approx(BUDGET, rel=1e-9)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ({"min_per_channel": {"TV": 400_000}}, "minimums add up to 400,000"),
        ({"max_per_channel": {"TV": 1_000, "Search": 1_000}}, "budget"),
        ({"min_per_channel": {"TV": 200_000}, "max_per_channel": {"TV": 100_000}}, "TV"),
        ({"min_per_channel": {"Billboards": 1}}, "Billboards"),
        ({"min_per_channel": {"TV": -1}}, "TV"),
        ({"total_budget": -5}, "total_budget"),
        ({"total_budget": 0}, "total_budget"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 100_000}, "weeks"),
    ],
)
def test_impossible_questions_say_what_is_wrong(ann: Account, path: str, question: dict, word: str) -> None:
    answer = ann.post(path, {"total_budget": BUDGET} | question)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert word in problem["detail"]
    assert problem["errors"]
    assert all({"field", "message"} == set(error) for error in problem["errors"])


def test_a_budget_that_is_no_number_is_refused(ann: Account, path: str) -> None:
    for raw in ('{"total_budget": NaN}', '{"total_budget": Infinity}', '{"total_budget": "a lot"}', "{}", "[]"):
        headers = ann.headers | {"content-type": "application/json"}
        assert ann.api.post(path, content=raw, headers=headers).status_code == 422, raw


def test_spend_that_was_never_seen_is_flagged(ann: Account, path: str) -> None:
    assert _solve(ann, path, total_budget=50_000_000.0)["extrapolated"]
    assert _solve(ann, path, total_budget=50_000.0)["extrapolated"] == []
