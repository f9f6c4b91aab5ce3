"""The numbers of the home page: right, cached for five minutes, and dropped when something changes."""

import pytest

from mixmodel_app.storage import cache, redis
from tests.integration.scenes import Account, change_run

KEYS = {
    *("total_datasets", "total_runs", "completed_runs", "average_roas"),
    *("recent_runs", "recent_datasets", "recommendations"),
}


def _stats(account: Account) -> dict:
    return account.get("/api/workspace/stats").json()


def test_an_empty_workspace_has_zeros_and_no_average(ann: Account) -> None:
    found = _stats(ann)
    assert set(found) == KEYS
    assert (found["total_datasets"], found["total_runs"], found["completed_runs"]) == (0, 0, 0)
    assert found["average_roas"] is None
    assert found["recent_runs"] == found["recent_datasets"] == found["recommendations"] == []


def test_they_are_cached_and_dropped_when_data_comes_or_goes(ann: Account) -> None:
    key = cache.stats_key(ann.principal.workspace_id)
    _stats(ann)
    ttl = redis.client().ttl(key)
    assert isinstance(ttl, int)
    assert 0 < ttl <= cache.STATS_SECONDS
    dataset_id = ann.ready_dataset()
    assert _stats(ann)["total_datasets"] == 1
    run_id = ann.start(dataset_id)
    assert _stats(ann)["total_runs"] == 1
    change_run(run_id, name="Changed behind its back")
    assert _stats(ann)["recent_runs"][0]["name"] != "Changed behind its back", "the cache answers"
    ann.post(f"/api/models/{run_id}/cancel")
    assert _stats(ann)["recent_runs"][0]["status"] == "cancelled"
    ann.call("DELETE", f"/api/datasets/{dataset_id}")
    assert (_stats(ann)["total_datasets"], _stats(ann)["total_runs"]) == (0, 0)


@pytest.mark.fit
def test_the_average_is_the_return_of_the_finished_runs(ann: Account, finished: tuple[str, str]) -> None:
    found = _stats(ann)
    executive = ann.get(f"/api/models/{finished[1]}/results", view="executive").json()
    assert found["completed_runs"] == 1
    if executive["model_health"]["status"] == "do_not_use":
        assert found["average_roas"] is None
    else:
        assert found["average_roas"] == pytest.approx(executive["blended_roas"])
    assert found["recommendations"] == executive["recommendations"]


def test_lists_hold_the_newest_five(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    started = [ann.start(dataset_id) for _ in range(5)]
    assert [run["id"] for run in _stats(ann)["recent_runs"]] == started[::-1]
