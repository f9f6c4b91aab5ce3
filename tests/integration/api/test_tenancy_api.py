"""Two workspaces never see each other: every route answers 404 for the other's ids, cached results included."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from mixmodel_app.storage import cache, redis
from tests.integration.scenes import Account

pytestmark = pytest.mark.fit

DATASET_ROUTES = [
    ("GET", "/api/datasets/{dataset}", None),
    ("GET", "/api/datasets/{dataset}/preview", None),
    ("PUT", "/api/datasets/{dataset}/mapping", {"column_mapping": {}}),
    ("POST", "/api/datasets/{dataset}/validate", None),
    ("DELETE", "/api/datasets/{dataset}", None),
    ("POST", "/api/models/run", {"dataset_id": ""}),
    ("POST", "/api/models/preview", {"dataset_id": ""}),
]
RUN_ROUTES = [
    ("GET", "/api/models/{run}", None),
    ("GET", "/api/models/{run}/progress", None),
    ("GET", "/api/models/{run}/results", None),
    ("GET", "/api/models/{run}/results?view=executive", None),
    ("GET", "/api/models/{run}/results?view=manager", None),
    ("GET", "/api/models/{run}/results?view=analyst", None),
    ("GET", "/api/models/{run}/artifact", None),
    ("GET", "/api/models/{run}/report.pdf", None),
    ("GET", "/api/models/{run}/report.pptx", None),
    ("GET", "/api/models/{run}/report.xlsx", None),
    ("GET", "/api/models/{run}/report.html", None),
    ("GET", "/api/models/{run}/charts/roas.csv", None),
    ("POST", "/api/models/{run}/optimize", {"total_budget": 1000}),
    ("POST", "/api/models/{run}/cancel", None),
    ("DELETE", "/api/models/{run}", None),
]


def _ask(
    account: Account, method: str, path: str, body: dict[str, Any] | None, dataset_id: str, run_id: str
) -> Response:
    sent = body | {"dataset_id": dataset_id} if body and "dataset_id" in body else body
    return account.call(method, path.format(dataset=dataset_id, run=run_id), json=sent)


@pytest.mark.parametrize(("method", "path", "body"), DATASET_ROUTES + RUN_ROUTES)
def test_the_ids_of_another_workspace_are_not_found(
    ann: Account, bob: Account, finished: tuple[str, str], method: str, path: str, body: dict[str, str] | None
) -> None:
    dataset_id, run_id = finished
    assert ann.get(f"/api/models/{run_id}/results").status_code == 200, "the owner warms the cache"
    answer = _ask(bob, method, path, body, dataset_id, run_id)
    assert answer.status_code == 404, answer.text
    unknown = _ask(bob, method, path, body, str(uuid4()), str(uuid4()))
    assert unknown.json()["detail"] == answer.json()["detail"], "as if it did not exist at all"
    assert "Quiet Harbour" not in answer.text
    assert ann.get(f"/api/datasets/{dataset_id}").status_code == 200
    assert ann.get(f"/api/models/{run_id}").json()["status"] == "completed"


def test_lists_and_numbers_hold_only_ones_own(ann: Account, bob: Account, finished: tuple[str, str]) -> None:
    assert ann.get("/api/workspace/stats").json()["total_runs"] == 1
    assert bob.get("/api/workspace/stats").json()["total_runs"] == 0
    for path in ("/api/datasets", "/api/models", f"/api/models?dataset_id={finished[0]}"):
        assert len(ann.get(path).json()) == 1
        assert bob.get(path).json() == []


def test_a_cursor_of_another_workspace_shows_nothing(ann: Account, bob: Account, finished: tuple[str, str]) -> None:
    bob.ready_dataset()
    newest = "ffffffff-ffff-7fff-8fff-ffffffffffff"
    assert [row["id"] for row in ann.get("/api/datasets", cursor=newest).json()] == [finished[0]]
    assert finished[0] not in bob.get("/api/datasets", cursor=newest).text


def test_what_is_cached_is_really_used_and_still_guarded(ann: Account, bob: Account, finished: tuple[str, str]) -> None:
    run_id = finished[1]
    ann.get(f"/api/models/{run_id}/results")
    key = cache.results_key(run_id)  # pyright: ignore[reportArgumentType]
    assert redis.client().exists(key)
    assert 0 < redis.client().ttl(key) <= cache.RESULTS_SECONDS  # pyright: ignore[reportOperatorIssue]
    assert bob.get(f"/api/models/{run_id}/results").status_code == 404


@pytest.mark.parametrize("how", ["header", "query", "cookie"])
def test_progress_belongs_to_the_workspace_however_one_signs_in(
    ann: Account, bob: Account, finished: tuple[str, str], how: str
) -> None:
    path = f"/api/models/{finished[1]}/progress"
    for account, status in ((ann, 200), (bob, 404)):
        token = account.headers["Authorization"].removeprefix("Bearer ")
        ways = {
            "header": {"headers": account.headers},
            "query": {"params": {"token": token}},
            "cookie": {"headers": {"cookie": f"mm_access={token}"}},
        }
        assert account.api.get(path, **ways[how]).status_code == status
    assert ann.api.get(path).status_code == 401
    assert ann.api.get(path, params={"token": "forged"}).status_code == 401
