"""What a file leaves open is asked, and the answer reads the file again; downloads open as they should."""

import io
from datetime import date, timedelta

import openpyxl
import pandas as pd
import pyarrow.parquet as pq

from tests.integration.scenes import Account
from tests.tables import weekly_csv

AMBIGUOUS = b"date,sales,tv_spend\n03/04/2024,10,5\n05/09/2024,11,6\n01/02/2024,12,7\n"


def test_an_open_question_is_asked_and_its_answer_is_obeyed(ann: Account) -> None:
    body = ann.upload(AMBIGUOUS, "days.csv").json()
    (question,) = body["questions"]
    assert question["option"] == "day_first"
    assert {choice["value"] for choice in question["choices"]} == {True, False}
    answered = ann.post(f"/api/datasets/{body['id']}/reading", {"day_first": False})
    assert answered.status_code == 200, answered.text
    again = answered.json()
    assert again["questions"] == []
    assert again["reading"] == {"day_first": False}
    assert again["preview_rows"][0]["date"] == "2024-03-04"
    other = ann.post(f"/api/datasets/{body['id']}/reading", {"day_first": True}).json()
    assert other["preview_rows"][0]["date"] == "2024-04-03"


def test_reading_again_keeps_confirmed_roles_and_drops_repairs(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    mapping = ann.get(f"/api/datasets/{dataset_id}").json()["column_mapping"]
    mapping["media_columns"]["tv_spend"]["channel_name"] = "Television"
    ann.call("PUT", f"/api/datasets/{dataset_id}/mapping", json={"column_mapping": mapping})
    ann.post(f"/api/datasets/{dataset_id}/validate")
    ann.post(f"/api/datasets/{dataset_id}/fixes", {"kind": "add_trend"})
    again = ann.post(f"/api/datasets/{dataset_id}/reading", {"reshape": False}).json()
    assert again["column_mapping"] == mapping
    assert again["fixes"] == []
    assert again["status"] == "uploaded"
    assert (again["version"], again["previous_id"]) == (1, None)


def test_a_wrong_option_changes_nothing(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    before = ann.get(f"/api/datasets/{dataset_id}").json()
    for body in ({"decimal": ";"}, {"sheet": 3}, {"day_first": "maybe"}):
        assert ann.post(f"/api/datasets/{dataset_id}/reading", body).status_code == 422
    assert ann.get(f"/api/datasets/{dataset_id}").json() == before


def test_a_long_table_becomes_one_row_per_week(ann: Account) -> None:
    days = [(date(2024, 1, 1) + timedelta(weeks=week)).isoformat() for week in range(40)]
    lines = [f"{day},{name},{10 + n},{500 + n}" for n, day in enumerate(days) for name in ("TV", "Search", "Radio")]
    body = ann.upload(("date,channel,spend,revenue\n" + "\n".join(lines) + "\n").encode(), "long.csv").json()
    assert body["row_count"] == 40
    assert len(body["auto_mapping"]["media_columns"]) == 3
    assert any("TV" in note for note in body["notes"])
    flat = ann.post(f"/api/datasets/{body['id']}/reading", {"reshape": False}).json()
    assert flat["row_count"] == 120


def test_downloads_open_in_the_usual_tools(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    ann.post(f"/api/datasets/{dataset_id}/fixes", {"kind": "add_trend"})
    csv = ann.get(f"/api/datasets/{dataset_id}/table.csv")
    assert csv.headers["content-disposition"] == 'attachment; filename="weekly-repaired.csv"'
    expected = pd.read_csv(io.BytesIO(csv.content))
    book = openpyxl.load_workbook(io.BytesIO(ann.get(f"/api/datasets/{dataset_id}/table.xlsx").content))
    assert book.sheetnames == ["Data", "How it was made"]
    cells = list(book["Data"].values)
    assert list(cells[0]) == list(expected.columns)
    assert len(cells) == len(expected) + 1
    assert cells[1][1] == expected["revenue"][0]
    assert any("trend" in str(row[1]).lower() for row in book["How it was made"].values)
    stored = pq.read_table(io.BytesIO(ann.get(f"/api/datasets/{dataset_id}/table.parquet").content))
    assert stored.num_rows == len(expected)
    findings = pd.read_csv(io.BytesIO(ann.get(f"/api/datasets/{dataset_id}/findings.csv").content))
    report = ann.get(f"/api/datasets/{dataset_id}").json()["validation_report"]
    assert len(findings) == sum(len(report[kind]) for kind in ("errors", "warnings", "suggestions"))


def test_what_the_data_can_tell_is_said_before_a_fit(ann: Account) -> None:
    dataset_id = ann.upload(weekly_csv(weeks=104)).json()["id"]
    found = ann.get(f"/api/datasets/{dataset_id}/answerability").json()
    assert "104 weeks" in found["summary"]
    assert [channel["channel"] for channel in found["channels"]] == ["TV", "Search"]
    assert all(channel["reason"] for channel in found["channels"])
    short = ann.upload(weekly_csv(weeks=12), "short.csv").json()["id"]
    assert ann.get(f"/api/datasets/{short}/answerability").json() is None
