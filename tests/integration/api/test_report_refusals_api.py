"""When a report is not to be had, or says less: health, rights, runs that have not ended well."""

import io
import json
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import text

from mixmodel_app.storage import cache, db
from tests.integration.scenes import Account, change_run, run_row

pytestmark = pytest.mark.fit


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
