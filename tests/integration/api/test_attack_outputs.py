"""What people typed, on its way out: it never runs, neither in a spreadsheet nor in a browser."""

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import text

from mixmodel_app.services import accounts
from mixmodel_app.storage import db
from tests.integration.scenes import QUICK, Account, lift_limits
from tests.tables import csv_bytes, weekly_csv, weekly_rows

pytestmark = pytest.mark.fit

FORMULAS = ("=1+1", "+1+cmd|'/c calc'!A1", "-1+cmd|'/c calc'!A1", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1")
RUNS = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>{{7*7}}'--"
URLS = {"href", "src", "action", "formaction", "xlink:href"}


def _cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]


def _running(cells: list[Any]) -> list[Any]:
    """The cells that a spreadsheet would take for a formula; numbers are none."""
    return [cell for cell in cells if isinstance(cell, str) and RUNS.match(cell) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _sheet_cells(content: bytes) -> list[Any]:
    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    return [cell.value for cell in cells]


@pytest.fixture(scope="module")
def hostile(long_api: TestClient, tmp_path_factory: pytest.TempPathFactory) -> tuple[Account, str]:
    """Someone whose every name is an attack, with the id of a real run of such data."""
    from workers.fit_run import run_mmm_model

    pair = accounts.register("mallory@example.com", "Correct-horse-7", MARKUP, MARKUP)
    mallory = Account(long_api, {"Authorization": f"Bearer {pair.access_token}"})
    dataset_id = mallory.upload(weekly_csv(), f"{MARKUP.replace('/', '')}.csv").json()["dataset_id"]
    media = {
        "tv_spend": {"channel_name": FORMULAS[1], "spend_type": "spend"},
        "search_spend": {"channel_name": MARKUP, "spend_type": "spend"},
    }
    mapping = {"date_column": "date", "target_column": "revenue", "media_columns": media, "control_columns": ["price"]}
    answer = mallory.call("PUT", f"/api/datasets/{dataset_id}/mapping", json={"column_mapping": mapping})
    assert answer.status_code == 200, answer.text
    assert mallory.post(f"/api/datasets/{dataset_id}/validate").json()["is_valid"]
    started = mallory.post("/api/models/run", {"dataset_id": dataset_id, "name": FORMULAS[0] + MARKUP, "config": QUICK})
    run_id = started.json()["id"]
    run_mmm_model(run_id, 1)
    assert mallory.get(f"/api/models/{run_id}").json()["status"] == "completed"
    assert mallory.post(f"/api/models/{run_id}/comments", {"text": MARKUP}).status_code == 201
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE audit_events SET subject = :name, actor = :name"), {"name": FORMULAS[1]})
    return mallory, run_id


def test_no_name_is_a_formula_in_results_and_logs(hostile: tuple[Account, str]) -> None:
    mallory, run_id = hostile
    report = mallory.get(f"/api/models/{run_id}/report.xlsx")
    assert report.status_code == 200, report.text
    assert not _running(_sheet_cells(report.content))
    for path in (f"/api/models/{run_id}/charts/roas.csv", "/api/workspace/audit.csv"):
        lift_limits()
        cells = _cells(mallory.get(path).content)
        assert any(FORMULAS[1] in cell for cell in cells), "the name is there"
        assert not _running(cells), path


class _Page(HTMLParser):
    """What in a page could run."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "embed", "base", "form"):
            self.running.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in URLS and re.match(r"\s*(javascript|data):(?!,$)", value or "")):
                self.running.append(f"{tag} {name}")


def test_markup_in_any_text_is_text_in_pages_of_their_own(hostile: tuple[Account, str]) -> None:
    """The report and the page behind a link stand alone: no script of ours looks after them."""
    mallory, run_id = hostile
    shares = [
        mallory.post(f"/api/models/{run_id}/shares", {"view": view}).json()["path"]
        for view in ("executive", "manager", "analyst")
    ]
    for path in (f"/api/models/{run_id}/report.html", *shares):
        answer = mallory.get(path)
        assert answer.status_code == 200, answer.text[:300]
        assert "alert(1)" in answer.text, "the words are there"
        page = _Page()
        page.feed(answer.text)
        assert not page.running, (path, page.running)
    for kind in ("pdf", "pptx"):
        assert mallory.get(f"/api/models/{run_id}/report.{kind}").status_code == 200


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_of_a_dataset_is_a_formula(ann: Account, formula: str) -> None:
    rows = [row | {"note": f'"{formula}"'} for row in weekly_rows()]
    answer = ann.upload(csv_bytes(rows), f"{formula.strip()}.csv")
    assert answer.status_code == 201, answer.text
    dataset = f"/api/datasets/{answer.json()['dataset_id']}"
    ann.post(f"{dataset}/validate")
    table, findings = ann.get(f"{dataset}/table.csv"), ann.get(f"{dataset}/findings.csv")
    assert any("1+" in cell or "SUM" in cell for cell in _cells(table.content)), "it is kept as text"
    for file in (table, findings):
        assert file.status_code == 200, file.text
        assert not _running(_cells(file.content))
    assert not _running(_sheet_cells(ann.get(f"{dataset}/table.xlsx").content))
