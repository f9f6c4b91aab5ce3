"""Reports of a real fit over HTTP: their figures are those of the results, and who may have them."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader
from sqlalchemy import text

from mixmodel_app.charts.base import all_charts
from mixmodel_app.services.reports import ReportFormat
from mixmodel_app.storage import cache, db
from mixmodel_app.wording import numbers
from tests.integration.scenes import Account, change_run, run_row

pytestmark = pytest.mark.fit


@pytest.fixture
def files(ann: Account, finished: tuple[str, str]) -> dict[str, bytes]:
    found = {}
    for kind in ReportFormat:
        answer = ann.get(f"/api/models/{finished[1]}/report.{kind}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == kind.media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="mixmodel-{finished[1]}.{kind}"'
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


def test_every_file_has_the_figures_of_the_results(
    ann: Account, finished: tuple[str, str], files: dict[str, bytes]
) -> None:
    views = ann.get(f"/api/models/{finished[1]}/results").json()
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


def test_the_workbook_has_the_raw_figures_of_the_results(
    ann: Account, finished: tuple[str, str], files: dict[str, bytes]
) -> None:
    views = ann.get(f"/api/models/{finished[1]}/results").json()
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


def test_the_chart_sheets_are_the_csv_tables(ann: Account, finished: tuple[str, str], files: dict[str, bytes]) -> None:
    book = load_workbook(io.BytesIO(files["xlsx"]))
    for chart in all_charts():
        answer = ann.get(f"/api/models/{finished[1]}/charts/{chart.key}.csv")
        assert answer.status_code == 200, chart.key
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        cells = list(book[chart.key.replace("_", " ").capitalize()].iter_rows(values_only=True))
        assert list(cells[0]) == header
        for written, row in zip(cells[1:], rows, strict=True):
            known = [(cell, text) for cell, text in zip(written, row, strict=True) if isinstance(cell, int | float)]
            assert [cell for cell, _ in known] == pytest.approx([float(text) for _, text in known], rel=1e-9)


def test_recommendations_are_those_of_the_page(
    ann: Account, finished: tuple[str, str], files: dict[str, bytes]
) -> None:
    sentences = ann.get(f"/api/models/{finished[1]}/results", view="executive").json()["recommendations"]
    said = texts_of(files)
    for sentence in sentences:
        assert all("".join(sentence.split()) in said[kind] for kind in ("pptx", "pdf", "html"))


def test_each_file_names_its_run(ann: Account, finished: tuple[str, str], files: dict[str, bytes]) -> None:
    run = ann.get(f"/api/models/{finished[1]}").json()
    for said in texts_of(files).values():
        assert finished[1] in said
        assert "weekly.csv,version1" in said
        assert "94%ranges" in said
        for warning in run["data_notes"]["warnings"]:
            assert "".join(warning["title"].split()) in said


def test_health_that_rules_out_decisions_rules_out_recommendations(ann: Account, finished: tuple[str, str]) -> None:
    run_id = finished[1]
    results = run_row(run_id)["results"]
    results["health"][0]["status"] = "do_not_use"
    change_run(run_id, results=json.dumps(results))
    cache.drop(cache.results_key(UUID(run_id)))
    pages = PdfReader(io.BytesIO(ann.get(f"/api/models/{run_id}/report.pdf").content)).pages
    assert "Do not use this model for decisions" in pages[0].extract_text()
    assert "No recommendation" in pages[1].extract_text()


def test_a_viewer_may_have_them_and_a_stranger_may_not(
    api: TestClient, ann: Account, bob: Account, finished: tuple[str, str]
) -> None:
    path = f"/api/models/{finished[1]}/report.html"
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE users SET role = 'viewer'"))
    assert ann.get(path).status_code == 200
    assert bob.get(path).status_code == 404
    assert api.get(path).status_code == 401


def test_there_is_no_report_before_the_end_nor_of_another_kind(ann: Account, finished: tuple[str, str]) -> None:
    waiting = ann.start(ann.ready_dataset())
    assert ann.get(f"/api/models/{waiting}/report.pdf").status_code == 409
    assert ann.get(f"/api/models/{finished[1]}/report.docx").status_code == 422


def test_what_a_time_limit_cut_short_is_not_exported(ann: Account, finished: tuple[str, str]) -> None:
    run_id = finished[1]
    results = run_row(run_id)["results"] | {"incomplete": True}
    change_run(run_id, results=json.dumps(results), status="failed")
    cache.drop(cache.results_key(UUID(run_id)))
    answer = ann.get(f"/api/models/{run_id}/report.pdf")
    assert answer.status_code == 409
    assert "cut this run short" in answer.json()["detail"]
