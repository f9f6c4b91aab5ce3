"""Kept plans over HTTP on a real fit: what is kept, who sees it, and when it is stale."""

from typing import Any
from uuid import uuid4

import pytest

from mixmodel_app.domain.ids import uuid7
from tests.integration.scenes import Account, change_run, run_row

pytestmark = pytest.mark.fit

MONEY = {"TV": 120_000.0, "Search": 60_000.0}


def _save(account: Account, run_id: str, name: str = "Spring", **more: Any) -> dict[str, Any]:
    body = {"run_id": run_id, "name": name, "allocation": MONEY, "weeks": 13} | more
    answer = account.post("/api/scenarios", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_evaluation_gives_both_plans_with_ranges(ann: Account, finished: tuple[str, str]) -> None:
    answer = ann.post(f"/api/models/{finished[1]}/evaluate", {"allocation": MONEY, "weeks": 13, "margin": 0.5})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["spend"] == 180_000
    assert found["revenue_hdi"][0] < found["revenue"] < found["revenue_hdi"][1]
    net = 0.5 * found["gain"] - (found["spend"] - found["current_spend"])
    assert found["net_gain"] == pytest.approx(net)
    assert found["roas"] == pytest.approx(found["revenue"] / 180_000)
    assert 0 <= found["probability_better"] <= 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"allocation": {"TV": -1}}, "allocation.TV"),
        ({"allocation": {"Billboards": 1}}, "allocation.Billboards"),
        ({"allocation": MONEY, "margin": 0}, "margin"),
        ({"allocation": MONEY, "weeks": 0}, "weeks"),
        ({"allocation": MONEY, "timing": "own", "weights": [1]}, "weights"),
    ],
)
def test_an_evaluation_names_what_is_wrong(
    ann: Account, finished: tuple[str, str], body: dict[str, Any], field: str
) -> None:
    answer = ann.post(f"/api/models/{finished[1]}/evaluate", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "question",
    [
        {"objective": "profit", "margin": 0.6, "cap_extrapolation": True},
        {"objective": "target_marginal_roas", "target": 0.5, "cap_extrapolation": True, "attitude": "cautious"},
        {"total_budget": 150_000, "attitude": "cautious", "timing": "last_year", "locked": {"TV": 90_000}},
    ],
)
def test_the_other_objectives_are_answered(ann: Account, finished: tuple[str, str], question: dict[str, Any]) -> None:
    answer = ann.post(f"/api/models/{finished[1]}/optimize", {"weeks": 13} | question)
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["objective"] == question.get("objective", "revenue")
    assert plan["total_budget"] == pytest.approx(sum(plan["optimized_allocation"].values()))
    assert question.get("locked", {}).items() <= plan["optimized_allocation"].items()


def test_a_scenario_keeps_its_question_and_its_numbers(ann: Account, finished: tuple[str, str]) -> None:
    saved = _save(ann, finished[1], "  Spring   plan ", objective="profit", margin=0.4, locked=["TV"])
    assert saved["name"] == "Spring plan"
    assert saved["plan"]["allocation"] == MONEY
    assert saved["plan"]["objective"] == "profit"
    evaluated = ann.post(
        f"/api/models/{finished[1]}/evaluate", {"allocation": MONEY, "weeks": 13, "margin": 0.4}
    ).json()
    assert saved["evaluation"] == evaluated
    assert ann.get(f"/api/scenarios/{saved['id']}").json() == saved
    assert ann.get("/api/scenarios").json() == [saved]
    assert ann.get("/api/scenarios", dataset_id=str(uuid4())).json() == []
    assert ann.call("PUT", f"/api/scenarios/{saved['id']}", json={"name": "Autumn"}).json()["name"] == "Autumn"
    assert ann.call("DELETE", f"/api/scenarios/{saved['id']}").status_code == 204
    assert ann.get("/api/scenarios").json() == []


def test_two_to_four_are_compared_in_the_order_asked_for(ann: Account, finished: tuple[str, str]) -> None:
    ids = [_save(ann, finished[1], f"Plan {number}")["id"] for number in range(5)]
    found = ann.get("/api/scenarios/compare", ids=[ids[2], ids[0]]).json()
    assert [scenario["name"] for scenario in found] == ["Plan 2", "Plan 0"]
    assert ann.get("/api/scenarios/compare", ids=ids[:1]).status_code == 422
    assert ann.get("/api/scenarios/compare", ids=ids).status_code == 422


def test_a_newer_finished_run_makes_a_scenario_stale(ann: Account, finished: tuple[str, str]) -> None:
    dataset_id, run_id = finished
    saved = _save(ann, run_id)
    assert (saved["stale"], saved["newest_run_id"]) == (False, None)
    newer = ann.start(dataset_id)
    assert not ann.get(f"/api/scenarios/{saved['id']}").json()["stale"], "a run that waits has no answer yet"
    change_run(newer, status="completed", draws_key=run_row(run_id)["draws_key"])
    found = ann.get(f"/api/scenarios/{saved['id']}").json()
    assert (found["stale"], found["newest_run_id"]) == (True, newer)


def test_scenarios_stay_in_their_workspace(ann: Account, bob: Account, finished: tuple[str, str]) -> None:
    saved = _save(ann, finished[1])
    path = f"/api/scenarios/{saved['id']}"
    for method, body in (("GET", None), ("PUT", {"name": "Mine"}), ("DELETE", None)):
        assert bob.call(method, path, json=body).status_code == 404
    assert bob.get("/api/scenarios").json() == []
    assert bob.get("/api/scenarios/compare", ids=[saved["id"], str(uuid7())]).status_code == 404
    answer = bob.post("/api/scenarios", {"run_id": finished[1], "name": "x", "allocation": MONEY})
    assert answer.status_code == 404
    assert bob.post(f"/api/models/{finished[1]}/evaluate", {"allocation": MONEY}).status_code == 404
    assert ann.get(path).json() == saved


def test_a_name_is_needed_and_a_run_takes_its_scenarios_along(ann: Account, finished: tuple[str, str]) -> None:
    body = {"run_id": finished[1], "name": "  ", "allocation": MONEY}
    assert ann.post("/api/scenarios", body).status_code == 422
    _save(ann, finished[1])
    assert ann.call("DELETE", f"/api/models/{finished[1]}").status_code == 204
    assert ann.get("/api/scenarios").json() == []
