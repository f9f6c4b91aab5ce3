"""Reports of a real fit over HTTP: their figures are those of the results. Made once for all tests here."""

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from mixmodel_app.charts.base import all_charts
from mixmodel_app.services import accounts
from mixmodel_app.services.reports import ReportFormat
from mixmodel_app.wording import numbers
from tests.integration.conftest import PASSWORD
from tests.integration.scenes import Account, CompletedFit

pytestmark = pytest.mark.fit


@pytest.fixture(scope="module")
def reader(long_api: TestClient) -> Account:
    pair = accounts.register("ann@example.com", PASSWORD, "Ann Example")
    return Account(long_api, {"Authorization": f"Bearer {pair.access_token}"})


@pytest.fixture(scope="module")
def run_id(reader: Account, completed_fit: CompletedFit) -> str:
    return completed_fit.copy_for(reader.principal)[1]


@pytest.fixture(scope="module")
def files(reader: Account, run_id: str) -> dict[str, bytes]:
    found = {}
    for kind in ReportFormat:
        answer = reader.get(f"/api/models/{run_id}/report.{kind}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == kind.media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="mixmodel-{run_id}.{kind}"'
        found[kind.value] = answer.content
    return found


def texts_of(files: dict[str, bytes]) -> dict[str, str]:
    """What each file says, without blanks."""
    slides = Presentation(io.BytesIO(files["pptx"])).slides
    shapes = [shape for slide in slides for shape in slide.shapes]
    words = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    words += [cell.text for shape in shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    pages = PdfReader(io.BytesIO(files["pdf"])).pages
    found = {
        "pptx": " ".join(words),
        "pdf": " ".join(page.extract_text() for page in pages),
        "html": files["html"].decode(),
    }
    return {kind: "".join(said.split()) for kind, said in found.items()}


def test_every_file_has_the_figures_of_the_results(reader: Account, run_id: str, files: dict[str, bytes]) -> None:
    views = reader.get(f"/api/models/{run_id}/results").json()
    manager, executive = views["manager"], views["executive"]
    wanted = [numbers.roas(executive["blended_roas"])]
    wanted.append(numbers.value_range(*executive["blended_roas_hdi"], numbers.roas))
    wanted.append(numbers.money(executive["revenue_breakdown"]["media"]))
    for name in manager["spend"]:
        wanted += [numbers.full_money(manager["spend"][name]), numbers.roas(manager["channel_roas"][name])]
        wanted.append(numbers.value_range(*manager["channel_roas_hdi"][name], numbers.roas))
        wanted.append(numbers.value_range(*manager["marginal_roas_hdi"][name], numbers.roas))
    for kind, said in texts_of(files).items():
        for figure in wanted:
            assert "".join(figure.split()) in said, (kind, figure)


def test_the_workbook_has_the_raw_figures_of_the_results(reader: Account, run_id: str, files: dict[str, bytes]) -> None:
    views = reader.get(f"/api/models/{run_id}/results").json()
    book = load_workbook(io.BytesIO(files["xlsx"]))
    cells: dict[Any, Any] = {row[:2]: row[2:5] for row in book["Channels"].iter_rows(min_row=2, values_only=True)}
    for name, median in views["manager"]["channel_roas"].items():
        expected = (median, *views["manager"]["channel_roas_hdi"][name])
        assert cells[name, "Return per 1 spent"] == pytest.approx(expected, rel=1e-9)
    steps = {step["label"]: step["value"] for step in views["manager"]["waterfall"] if step["kind"] == "channel"}
    drawn = {row[0]: row[1] for row in book["Waterfall"].iter_rows(min_row=2, values_only=True)}
    assert {name: drawn[name] for name in steps} == pytest.approx(steps, rel=1e-9)
    total = sum(row[3] for row in book["Contributions"].iter_rows(min_row=2, values_only=True))
    assert total == pytest.approx(views["executive"]["total_revenue"], rel=1e-9)


def test_the_chart_sheets_are_the_csv_tables(reader: Account, run_id: str, files: dict[str, bytes]) -> None:
    book = load_workbook(io.BytesIO(files["xlsx"]))
    for chart in all_charts():
        answer = reader.get(f"/api/models/{run_id}/charts/{chart.key}.csv")
        assert answer.status_code == 200, chart.key
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        cells = list(book[chart.key.replace("_", " ").capitalize()].iter_rows(values_only=True))
        assert list(cells[0]) == header
        for written, row in zip(cells[1:], rows, strict=True):
            known = [(cell, text) for cell, text in zip(written, row, strict=True) if isinstance(cell, int | float)]
            assert [cell for cell, _ in known] == pytest.approx([float(text) for _, text in known], rel=1e-9)


def test_recommendations_are_those_of_the_page(reader: Account, run_id: str, files: dict[str, bytes]) -> None:
    sentences = reader.get(f"/api/models/{run_id}/results", view="executive").json()["recommendations"]
    said = texts_of(files)
    for sentence in sentences:
        assert all("".join(sentence.split()) in said[kind] for kind in ("pptx", "pdf", "html"))


def test_each_file_names_its_run(reader: Account, run_id: str, files: dict[str, bytes]) -> None:
    run = reader.get(f"/api/models/{run_id}").json()
    for said in texts_of(files).values():
        assert run_id in said
        assert "weekly.csv,version1" in said
        assert "94%ranges" in said
        for warning in run["data_notes"]["warnings"]:
            assert "".join(warning["title"].split()) in said
