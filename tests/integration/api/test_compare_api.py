"""Two runs side by side, and a run made again on newer data; never across workspaces."""

import json

from tests.integration.scenes import Account, CompletedFit, change_run, run_row
from tests.tables import Row, changed_csv, weekly_csv


def test_a_run_is_compared_with_an_older_one(ann: Account, completed_fit: CompletedFit) -> None:
    (_, first), (_, second) = completed_fit.copy_for(ann.principal), completed_fit.copy_for(ann.principal)
    config = run_row(second)["config"] | {"l_max": 4, "random_seed": 1}
    change_run(second, config=json.dumps(config))
    found = ann.get(f"/api/models/{second}/compare/{first}")
    assert found.status_code == 200, found.text
    body = found.json()
    assert (body["before"]["id"], body["after"]["id"]) == (first, second)
    assert [setting["key"] for setting in body["settings"]] == ["l_max"], "a seed is no decision"
    assert {channel["shift"] for channel in body["channels"]} == {"same"}
    assert body["verdict"] == "No return moved by more than the ranges leave open."
    assert body["same_data"]
    assert any("Longest carryover" in reason for reason in body["reasons"])
    again = ann.get(f"/api/models/{first}/compare/{second}").json()
    assert again == body


def test_what_cannot_be_compared_is_refused(ann: Account, bob: Account, completed_fit: CompletedFit) -> None:
    dataset_id, run_id = completed_fit.copy_for(ann.principal)
    _, foreign = completed_fit.copy_for(bob.principal)
    waiting = ann.start(ann.ready_dataset())
    assert ann.get(f"/api/models/{run_id}/compare/{run_id}").status_code == 409
    assert ann.get(f"/api/models/{run_id}/compare/{waiting}").status_code == 409
    assert ann.get(f"/api/models/{run_id}/compare/{foreign}").status_code == 404
    assert bob.post(f"/api/models/{run_id}/refresh").status_code == 404
    assert dataset_id


def test_a_refresh_takes_the_newest_version_and_the_same_settings(ann: Account) -> None:
    first = ann.ready_dataset(weekly_csv(weeks=60))
    run_id = ann.start(first, l_max=5)
    nothing = ann.post(f"/api/models/{run_id}/refresh")
    assert nothing.status_code == 409
    assert "no newer data" in nothing.json()["detail"]

    def restated(rows: list[Row]) -> None:
        rows[3]["tv_spend"] = 4_321

    second = ann.upload(changed_csv(restated), "newer.csv").json()["id"]
    unchecked = ann.post(f"/api/models/{run_id}/refresh")
    assert unchecked.status_code == 409
    assert "newer.csv" in unchecked.json()["detail"]
    ann.post(f"/api/datasets/{second}/validate")
    started = ann.post(f"/api/models/{run_id}/refresh")
    assert started.status_code == 201, started.text
    new = run_row(started.json()["id"])
    assert str(new["dataset_id"]) == second
    assert new["config"] == run_row(run_id)["config"]
    assert new["name"].endswith(", refreshed")


def test_a_repair_is_newer_data_too(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    run_id = ann.start(dataset_id)
    ann.post(f"/api/datasets/{dataset_id}/fixes", {"kind": "add_trend"})
    started = ann.post(f"/api/models/{run_id}/refresh")
    assert started.status_code == 201, started.text
    assert run_row(started.json()["id"])["table_key"] != run_row(run_id)["table_key"]
