"""What is kept of results, wherever, changes no byte of an answer and opens nothing to anyone else."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from mixmodel_app.domain.results import ModelResults
from mixmodel_app.services import results, stored_results
from mixmodel_app.storage import cache
from tests.integration.scenes import Account, change_run, run_row

pytestmark = pytest.mark.fit

VIEWS = ("executive", "manager", "analyst", "")


@pytest.fixture
def run_id(finished: tuple[str, str]) -> str:
    return finished[1]


@pytest.fixture
def forget(ann: Account, run_id: str) -> Callable[[], None]:
    def everything() -> None:
        cache.drop(cache.results_key(UUID(run_id)), cache.stats_key(ann.principal.workspace_id))
        stored_results.forget()

    return everything


def body(account: Account, run_id: str, view: str, **query: str) -> bytes:
    answer = account.get(f"/api/models/{run_id}/results", **({"view": view} if view else {}), **query)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("view", VIEWS)
def test_an_answer_is_the_same_from_the_row_from_redis_and_from_the_process(
    ann: Account, run_id: str, forget: Callable[[], None], view: str
) -> None:
    forget()
    from_row = body(ann, run_id, view)
    assert body(ann, run_id, view) == from_row, "the answer itself was kept"
    stored_results.forget()
    cache.drop(cache.results_key(UUID(run_id)))
    cache.write_text(cache.results_key(UUID(run_id)), json.dumps(run_row(run_id)["results"]), 60)
    assert body(ann, run_id, view) == from_row, "results from Redis"
    cache.drop(cache.results_key(UUID(run_id)))
    assert body(ann, run_id, view) == from_row, "results from the process"


@pytest.mark.parametrize("level", ["0.94", "0.8"])
def test_recommendations_are_the_same_with_and_without_the_plan_that_was_kept(
    ann: Account, run_id: str, forget: Callable[[], None], level: str
) -> None:
    ann.call("PATCH", "/api/workspace", json={"preferences": {"interval": float(level), "currency": "€"}})
    assert run_row(run_id)["headline"]["plans"][level]["level"] == float(level)
    forget()
    with_it = body(ann, run_id, "executive"), ann.get("/api/workspace/stats").content
    change_run(run_id, headline=None)
    forget()
    assert (body(ann, run_id, "executive"), ann.get("/api/workspace/stats").content) == with_it
    assert json.loads(with_it[1])["recommendations"], "so there was something to compare"


def test_the_home_page_reads_no_results_to_know_the_average_return(
    ann: Account, run_id: str, forget: Callable[[], None]
) -> None:
    kept = run_row(run_id)["headline"]
    found = ModelResults.from_json(run_row(run_id)["results"])
    assert kept["verdict"] == found.verdict.value
    assert kept["outcome"] == "money"
    change_run(run_id, headline=json.dumps(kept | {"verdict": "good", "blended_roas": 7.5}))
    forget()
    assert ann.get("/api/workspace/stats").json()["average_roas"] == 7.5


def test_what_the_process_keeps_goes_by_the_version_of_the_row(ann: Account, run_id: str) -> None:
    first = results.get(ann.principal, UUID(run_id))
    assert results.get(ann.principal, UUID(run_id)) is first
    change_run(run_id, results=json.dumps(run_row(run_id)["results"] | {"fit_seconds": 123.0}))
    cache.drop(cache.results_key(UUID(run_id)))
    assert results.get(ann.principal, UUID(run_id)).fit_seconds == 123.0


def test_what_the_process_keeps_is_for_who_may_see_it(ann: Account, bob: Account, run_id: str) -> None:
    body(ann, run_id, "")
    assert bob.get(f"/api/models/{run_id}/results").status_code == 404
    assert ann.call("DELETE", f"/api/models/{run_id}").status_code == 204
    assert ann.get(f"/api/models/{run_id}/results").status_code == 404


def test_the_process_keeps_only_so_much(
    ann: Account, run_id: str, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]
) -> None:
    forget()
    monkeypatch.setattr(stored_results, "MOST_CHARACTERS", len(json.dumps(run_row(run_id)["results"])) * 2)
    principal = ann.principal
    seen = []
    for seconds in range(4):
        change_run(run_id, results=json.dumps(run_row(run_id)["results"] | {"fit_seconds": float(seconds)}))
        cache.drop(cache.results_key(UUID(run_id)))
        seen.append(results.get(principal, UUID(run_id)).fit_seconds)
    assert seen == [0.0, 1.0, 2.0, 3.0]
    assert 1 <= len(stored_results._kept) <= 2
