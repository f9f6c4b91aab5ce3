"""Repairs by the API: previewed, made, logged, taken back and repeated, and never on what belongs to others."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from mixmodel_app.services import dataset_tables
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import Dataset
from tests.integration.scenes import Account, run_row
from tests.tables import Row, changed_csv, weekly_csv
from workers.sweep import sweep_objects


def _holes(rows: list[Row]) -> None:
    for position in (4, 9, 14):
        rows[position]["tv_spend"] = ""


FILL = {"kind": "fill_zero", "arguments": {"column": "tv_spend"}}


@pytest.fixture
def holed(ann: Account) -> str:
    """Sixty weeks, three of them without a figure for TV."""

    def first_sixty(rows: list[Row]) -> None:
        _holes(rows)
        del rows[60:]

    return ann.ready_dataset(changed_csv(first_sixty, weeks=64))


def test_a_finding_brings_its_repair_and_the_repair_ends_the_finding(ann: Account, holed: str) -> None:
    report = ann.get(f"/api/datasets/{holed}").json()["validation_report"]
    offers = [fix for finding in report["warnings"] + report["suggestions"] for fix in finding["fixes"]]
    offer = next(fix for fix in offers if fix["kind"] == "fill_zero")
    assert offer["arguments"] == {"column": "tv_spend"}
    done = ann.post(f"/api/datasets/{holed}/fixes", {"kind": offer["kind"], "arguments": offer["arguments"]})
    assert done.status_code == 200, done.text
    after = done.json()["dataset"]["validation_report"]
    left = [fix for finding in after["warnings"] + after["suggestions"] for fix in finding["fixes"]]
    assert offer not in left
    assert after["is_valid"]


def test_a_preview_says_what_would_change_and_changes_nothing(ann: Account, holed: str) -> None:
    before = ann.get(f"/api/datasets/{holed}").json()
    answer = ann.post(f"/api/datasets/{holed}/fixes", FILL | {"preview": True}).json()
    assert answer["change"]["cells"] == 3
    assert answer["change"]["examples"][0] == {"column": "tv_spend", "row": 6, "before": None, "after": 0.0}
    assert answer["dataset"] is None
    assert ann.get(f"/api/datasets/{holed}").json() == before


def test_what_was_done_is_logged_and_can_be_taken_back(ann: Account, holed: str) -> None:
    first = ann.get(f"/api/datasets/{holed}/table.csv").content
    assert ann.post(f"/api/datasets/{holed}/fixes", FILL).status_code == 200
    assert ann.post(f"/api/datasets/{holed}/fixes", {"kind": "add_trend"}).status_code == 200
    log = ann.get(f"/api/datasets/{holed}/fixes").json()
    assert [entry["kind"] for entry in log] == ["fill_zero", "add_trend"]
    assert log[0]["change"]["sentence"] == "Filled 3 empty cells of tv_spend with 0."
    assert log[0]["applied_by"] == ann.get("/api/auth/me").json()["full_name"]
    dataset = ann.get(f"/api/datasets/{holed}").json()
    trend = dataset["columns"][-1]["name"]
    assert trend in dataset["column_mapping"]["control_columns"]
    assert dataset["detection"][-1]["column"] == trend
    for left in (1, 0):
        undone = ann.call("DELETE", f"/api/datasets/{holed}/fixes/last")
        assert undone.status_code == 200, undone.text
        assert len(undone.json()["dataset"]["fixes"]) == left
    assert ann.get(f"/api/datasets/{holed}/table.csv").content == first
    nothing = ann.call("DELETE", f"/api/datasets/{holed}/fixes/last")
    assert nothing.status_code == 409
    assert "No repair" in nothing.json()["detail"]


def test_a_repair_that_finds_nothing_leaves_no_entry(ann: Account, holed: str) -> None:
    for _ in range(2):
        ann.post(f"/api/datasets/{holed}/fixes", FILL)
    assert len(ann.get(f"/api/datasets/{holed}/fixes").json()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "fill_zero"}, "arguments.column"),
        ({"kind": "fill_zero", "arguments": {"column": "revenue"}}, "arguments.column"),
        ({"kind": "fill_zero", "arguments": {"column": "tv_spend", "more": 1}}, "arguments.more"),
    ],
)
def test_a_wrong_repair_is_named_and_changes_nothing(
    ann: Account, holed: str, body: dict[str, object], field: str
) -> None:
    answer = ann.post(f"/api/datasets/{holed}/fixes", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert ann.get(f"/api/datasets/{holed}/fixes").json() == []


def test_repairs_of_others_do_not_exist(ann: Account, bob: Account, holed: str) -> None:
    for method, path in (("GET", "fixes"), ("POST", "fixes"), ("DELETE", "fixes/last"), ("POST", "fixes/repeat")):
        body = {"json": FILL} if method == "POST" else {}
        assert bob.call(method, f"/api/datasets/{holed}/{path}", **body).status_code == 404
    for path in ("table.csv", "table.xlsx", "table.parquet", "findings.csv", "answerability", "changes"):
        assert bob.get(f"/api/datasets/{holed}/{path}").status_code == 404
    assert bob.post(f"/api/datasets/{holed}/reading", {}).status_code == 404
    assert ann.get(f"/api/datasets/{holed}/fixes").json() == []


def test_a_run_keeps_the_table_that_it_was_asked_for(ann: Account, holed: str) -> None:
    run_id = ann.start(holed)
    asked = run_row(run_id)["table_key"]
    ann.post(f"/api/datasets/{holed}/fixes", FILL)
    with system_transaction() as session:
        dataset = session.get(Dataset, UUID(holed))
    assert dataset is not None
    assert dataset.table_key != asked == dataset.read_key
    assert run_row(run_id)["table_key"] == asked
    again = run_row(ann.start(holed))
    assert again["table_key"] == dataset.table_key
    assert again["fingerprint"] != run_row(run_id)["fingerprint"]
    assert again["data_notes"]["fixes"][0]["sentence"].startswith("Filled 3 empty cells")
    assert again["data_notes"]["digest"] == dataset.digest


def test_the_next_version_remembers_roles_and_offers_the_same_repairs(ann: Account, holed: str) -> None:
    mapping = ann.get(f"/api/datasets/{holed}").json()["column_mapping"]
    mapping["media_columns"]["tv_spend"]["channel_name"] = "Television"
    mapping["control_columns"] = []
    ann.call("PUT", f"/api/datasets/{holed}/mapping", json={"column_mapping": mapping})
    ann.post(f"/api/datasets/{holed}/validate")
    ann.post(f"/api/datasets/{holed}/fixes", FILL)

    def newer(rows: list[Row]) -> None:
        _holes(rows)
        rows[2]["search_spend"] = 9_999

    second = ann.upload(changed_csv(newer, weeks=64), "weekly_february.csv").json()
    assert (second["version"], second["previous_id"]) == (2, holed)
    assert second["column_mapping"]["media_columns"]["tv_spend"]["channel_name"] == "Television"
    assert second["column_mapping"]["control_columns"] == []
    tv = next(entry for entry in second["detection"] if entry["column"] == "tv_spend")
    assert tv["confidence"] == 1.0
    assert "weekly.csv" in tv["reason"]
    report = ann.post(f"/api/datasets/{second['id']}/validate").json()
    assert "MM226" in [finding["code"] for finding in report["warnings"]]
    changes = ann.get(f"/api/datasets/{second['id']}/changes").json()
    assert changes["previous"]["id"] == holed
    assert len(changes["new_periods"]) == 4
    assert [column["column"] for column in changes["restated"]] == ["search_spend"]
    assert changes["restated"][0]["after"] == 9_999
    assert changes["repairs_of_previous"] == 1
    repeated = ann.post(f"/api/datasets/{second['id']}/fixes/repeat").json()
    assert repeated["skipped"] == []
    assert [entry["kind"] for entry in repeated["dataset"]["fixes"]] == ["fill_zero"]
    found = repeated["dataset"]["validation_report"]["warnings"]
    restated = {finding["column"] for finding in found if finding["code"] == "MM226"}
    assert restated == {"search_spend"}, "a repair of both versions is no new history"


def test_a_first_version_has_no_changes(ann: Account, holed: str) -> None:
    assert ann.get(f"/api/datasets/{holed}/changes").status_code == 404
    assert ann.post(f"/api/datasets/{holed}/fixes/repeat").status_code == 409


def test_a_version_can_be_named_and_outlives_the_one_before(ann: Account, holed: str) -> None:
    renamed = weekly_csv().replace(b"price", b"list_price")
    answer = ann.call(
        "POST",
        "/api/datasets/upload",
        files={"file": ("new.csv", renamed)},
        data={"version_of": holed},
    )
    body = answer.json()
    assert (body["version"], body["previous_id"]) == (2, holed)
    assert ann.get(f"/api/datasets/{body['id']}/changes").json()["new_columns"] == ["list_price"]
    assert ann.call("DELETE", f"/api/datasets/{holed}").status_code == 204
    assert ann.get(f"/api/datasets/{body['id']}").json()["previous_id"] is None
    assert ann.post(f"/api/datasets/{body['id']}/validate").status_code == 200


def test_a_version_of_what_belongs_to_others_is_refused(ann: Account, bob: Account, holed: str) -> None:
    files = {"file": ("new.csv", weekly_csv())}
    answer = bob.call("POST", "/api/datasets/upload", files=files, data={"version_of": holed})
    assert answer.status_code == 404
    assert bob.get("/api/datasets").json() == []


def test_tables_of_runs_and_rows_survive_the_sweep_and_others_do_not(
    stored_files: Callable[[], list[Path]], ann: Account, holed: str
) -> None:
    now = timedelta(seconds=-1)
    sweep_objects(now)
    ann.start(holed)
    ann.post(f"/api/datasets/{holed}/fixes", FILL)
    ann.post(f"/api/datasets/{holed}/fixes", {"kind": "add_trend"})
    before = {path.name for path in stored_files()}
    assert sweep_objects() == 0, "what is young may belong to a row that is being written"
    assert sweep_objects(now) == 2, "the table between the two repairs, as CSV and Parquet"
    after = {path.name for path in stored_files()}
    assert len(before - after) == 2
    with system_transaction() as session:
        dataset = session.get(Dataset, UUID(holed))
    assert dataset is not None
    assert {Path(key).name for key in dataset_tables.keys_of(dataset)} == after
    assert ann.call("DELETE", f"/api/datasets/{holed}/fixes/last").status_code == 200
