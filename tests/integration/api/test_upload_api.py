"""Files that are brought in by the API: what is refused leaves nothing behind, what is taken is told apart."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from mixmodel_app.api.upload_guard import UploadGuard
from mixmodel_app.services.datasets import MAX_UPLOAD_BYTES
from tests.integration.scenes import Account, count
from tests.tables import ONE_COLUMN, PNG, Row, changed_csv, csv_bytes, merged_workbook, weekly_csv, weekly_rows

REFUSED = [
    ("empty.csv", b"", 400, "empty"),
    ("blank.csv", b" \n\n  \n", 400, "empty"),
    ("header.csv", b"date,revenue,tv_spend\n", 400, "row"),
    ("picture.csv", PNG, 400, "PNG"),
    ("picture.xlsx", PNG, 400, "PNG"),
    ("one.csv", ONE_COLUMN, 400, "column"),
    ("table.xlsx", weekly_csv(), 400, "Excel"),
    ("header.xlsx", merged_workbook("C1:D1"), 400, "merged cells (C1:D1)"),
    ("merged.xlsx", merged_workbook("C5:C7"), 400, "Unmerge them"),
    ("plan.pdf", b"%PDF-1.7 ...", 415, ".csv and .xlsx"),
    ("archive.zip", b"PK\x03\x04" + bytes(64), 415, ".csv and .xlsx"),
    ("program.exe", b"MZ" + bytes(64), 415, ".csv and .xlsx"),
]


@pytest.mark.parametrize(("filename", "content", "status", "word"), REFUSED, ids=[entry[0] for entry in REFUSED])
def test_what_is_no_table_is_refused_in_words(
    ann: Account,
    stored_files: Callable[[], list[Path]],
    filename: str,
    content: bytes,
    status: int,
    word: str,
) -> None:
    answer = ann.upload(content, filename)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert word in problem["detail"]
    assert filename in problem["detail"] or status == 415
    assert problem["request_id"] == answer.headers["x-request-id"]
    _nothing_stored(stored_files)


def test_one_byte_more_than_50_mb_is_too_large(ann: Account, stored_files: Callable[[], list[Path]]) -> None:
    head = weekly_csv()
    content = head + b"#" * (MAX_UPLOAD_BYTES + 1 - len(head))
    answer = ann.upload(content)
    assert answer.status_code == 413
    assert "50 MB" in answer.json()["detail"]
    assert answer.json()["code"] == "file_too_large"
    _nothing_stored(stored_files)


async def _drink(_scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def test_a_body_without_a_length_is_stopped_while_it_arrives(ann: Account) -> None:
    sent: list[Message] = []
    chunks = 0

    async def receive() -> Message:
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": chunks < 200}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", ann.headers["Authorization"].encode()), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/api/datasets/upload", "headers": headers}
    await UploadGuard(_drink)(scope, receive, send)
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "file_too_large"
    assert chunks <= 52, "the rest was never asked for"


def test_without_a_token_the_body_is_not_read(ann: Account) -> None:
    answer = ann.api.post("/api/datasets/upload", files={"file": ("weekly.csv", weekly_csv())})
    assert answer.status_code == 401


def _with(change: Callable[[list[Row]], None]) -> bytes:
    return changed_csv(change)


def _words_for_dates(rows: list[Row]) -> None:
    for number, row in enumerate(rows):
        row["date"] = f"week number {number}"


def _one_wrong_date(rows: list[Row]) -> None:
    rows[7]["date"] = "2023-02-31"


def _negative(rows: list[Row]) -> None:
    rows[3]["tv_spend"] = -500


def _twice(rows: list[Row]) -> None:
    rows[10]["date"] = rows[9]["date"]


def _few(rows: list[Row]) -> None:
    del rows[25:]


def _text_in_spend(rows: list[Row]) -> None:
    rows[5]["search_spend"] = "n/a?"


BLOCKED = [
    ("text dates", _words_for_dates, "date", None),
    ("a date that does not exist", _one_wrong_date, "2023-02-31", 9),
    ("negative spend", _negative, "-500", 5),
    ("duplicated dates", _twice, "2023-03-06", 12),
    ("25 periods", _few, "26", None),
    ("text in spend", _text_in_spend, "n/a?", 7),
]
MAPPING = {
    "date_column": "date",
    "target_column": "revenue",
    "media_columns": {
        "tv_spend": {"channel_name": "TV", "spend_type": "spend"},
        "search_spend": {"channel_name": "Search", "spend_type": "spend"},
    },
    "control_columns": ["price"],
}


@pytest.mark.parametrize(("change", "word", "row"), [e[1:] for e in BLOCKED], ids=[entry[0] for entry in BLOCKED])
def test_broken_data_is_found_and_blocks_the_run(
    ann: Account, change: Callable[[list[Row]], None], word: str, row: int | None
) -> None:
    dataset_id = ann.upload(_with(change)).json()["dataset_id"]
    assert ann.call("PUT", f"/api/datasets/{dataset_id}/mapping", json={"column_mapping": MAPPING}).status_code == 200
    report = ann.post(f"/api/datasets/{dataset_id}/validate").json()
    assert not report["is_valid"]
    error = next(error for error in report["errors"] if word in error["message"])
    assert {"code", "severity", "message", "column", "rows", "hint"} <= set(error)
    assert error["hint"]
    assert row is None or row in error["rows"]
    refused = ann.post("/api/models/run", {"dataset_id": dataset_id})
    assert refused.status_code == 400
    assert "error" in refused.json()["detail"]
    assert count("model_runs") == 0


def test_a_formula_in_a_header_cannot_run_anywhere(ann: Account, stored_files: Callable[[], list[Path]]) -> None:
    evil = "=cmd|'/c calc'!A1"
    rows = [{evil if key == "price" else key: value for key, value in row.items()} for row in weekly_rows()]
    answer = ann.upload(csv_bytes(rows))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    names = [column["name"] for column in body["columns"]]
    assert not [name for name in names if name.startswith(("=", "+", "-", "@", "\t"))]
    assert any("cmd" in name for name in names), "it is kept as text, not dropped"
    assert body["notes"], "and the person is told"
    table = next(path for path in stored_files() if path.match("table-*.csv"))
    assert "\n=" not in table.read_text()
    assert ",=" not in table.read_text()


def test_the_answer_of_an_upload_is_the_contract(ann: Account, stored_files: Callable[[], list[Path]]) -> None:
    answer = ann.upload(weekly_csv(), "../../etc/Spring plan.csv")
    body = answer.json()
    assert {"dataset_id", "filename", "row_count", "columns", "preview_rows", "auto_mapping", "detection"} <= set(body)
    assert body["filename"] == "Spring plan.csv"
    assert {"name", "dtype", "null_count", "sample_values"} <= set(body["columns"][0])
    assert set(body["detection"][0]) == {"column", "role", "confidence", "reason"}
    mapping = body["auto_mapping"]
    assert (mapping["date_column"], mapping["target_column"]) == ("date", "revenue")
    assert list(mapping["media_columns"]) == ["tv_spend", "search_spend"]
    assert mapping["control_columns"] == ["price"]
    kinds = sorted(path.name.split("-")[0] + path.suffix for path in stored_files())
    assert kinds == ["raw.csv", "table.csv", "table.parquet"]


@pytest.mark.parametrize(("kind", "path"), [("parquet", "preview"), ("csv", "table.csv")])
def test_a_table_that_was_damaged_on_the_disk_is_an_error_and_no_number(
    ann: Account, stored_files: Callable[[], list[Path]], kind: str, path: str
) -> None:
    dataset_id = ann.upload(weekly_csv()).json()["id"]
    table = next(file for file in stored_files() if file.name.startswith("table-") and file.suffix == f".{kind}")
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    answer = ann.get(f"/api/datasets/{dataset_id}/{path}")
    assert answer.status_code == 500, answer.text
    assert answer.json()["code"] == "damaged_file"
    assert f"The stored file table.{kind} is damaged" in answer.json()["detail"]


def test_an_upload_that_cannot_be_stored_leaves_nothing(
    ann: Account, stored_files: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixmodel_app.services import dataset_tables

    def full(_frame: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dataset_tables, "to_parquet", full)
    answer = ann.upload(weekly_csv())
    assert answer.status_code == 500
    assert "No space" not in answer.text
    _nothing_stored(stored_files)


def test_deleting_a_dataset_takes_its_files_along(ann: Account, stored_files: Callable[[], list[Path]]) -> None:
    dataset_id = ann.ready_dataset()
    assert len(stored_files()) == 3
    assert ann.call("DELETE", f"/api/datasets/{dataset_id}").status_code == 204
    _nothing_stored(stored_files)
    assert ann.get(f"/api/datasets/{dataset_id}").status_code == 404


def _nothing_stored(stored_files: Callable[[], list[Path]]) -> None:
    assert count("datasets") == 0
    assert stored_files() == []
