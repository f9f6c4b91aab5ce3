"""Runs of earlier versions open: one real fit of each version of results, kept as it was stored then.

The files in tests/old_results hold what the code of their time wrote for two channels over forty weeks: `v1.json` is
`results.to_json()`, `v1.draws.json` the arrays of `draws.to_bytes()` with a tenth of the draws, as text. A new version
of results adds its own; none is ever changed.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixmodel_app.domain.results import _READABLE, RESULTS_VERSION
from mixmodel_app.storage.objects import objects
from tests.integration.scenes import Account, change_run

FILES = Path(__file__).resolve().parents[2] / "old_results"
VERSIONS = sorted(int(path.name.split(".")[0][1:]) for path in FILES.glob("v*.draws.json"))


def stored(version: int) -> dict[str, Any]:
    return json.loads((FILES / f"v{version}.json").read_text())


def draws(version: int) -> bytes:
    """The draws as that version stored them."""
    kept = json.loads((FILES / f"v{version}.draws.json").read_text())
    arrays: dict[str, Any] = {name: np.array(one["values"], one["dtype"]) for name, one in kept.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def run_id(ann: Account, request: pytest.FixtureRequest) -> str:
    """A finished run with the results of an old version, and what that version knew about a row."""
    version = request.node.callspec.params["version"]
    found = ann.start(ann.ready_dataset())
    key = f"workspaces/{ann.principal.workspace_id}/runs/{found}/1/draws.npz"
    objects().put(key, draws(version))
    change_run(found, status="completed", stage="done", draws_key=key, results=json.dumps(stored(version)))
    return found


def test_every_version_that_can_be_read_has_a_file() -> None:
    assert tuple(VERSIONS) == _READABLE
    assert VERSIONS[-1] == RESULTS_VERSION
    assert [stored(version)["version"] for version in VERSIONS] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_all_views_open_with_the_numbers_that_were_stored(ann: Account, run_id: str, version: int) -> None:
    was = stored(version)
    answer = ann.get(f"/api/models/{run_id}/results")
    assert answer.status_code == 200, answer.text
    executive, manager, analyst = (answer.json()[view] for view in ("executive", "manager", "analyst"))
    assert executive["total_spend"] == was["total_spend"]
    assert executive["blended_roas"] == was["blended_roas"]["median"]
    assert executive["headline"]
    assert executive["model_health"]["checks"]
    assert manager["channel_roas"] == {c["name"]: c["roas"]["median"] for c in was["channels"]}
    assert manager["contributions"] == {c["name"]: c["contribution"]["mean"] for c in was["channels"]}
    assert set(manager["saturation_curves"]) == {c["name"] for c in was["channels"]}
    assert set(analyst["posteriors"]) == {p["name"] for p in was["parameters"]}
    assert analyst["residuals"] == was["fit"]["residuals"]


@pytest.mark.parametrize("version", VERSIONS)
def test_plans_and_reports_can_be_made_of_them(ann: Account, run_id: str, version: int) -> None:
    plan = ann.post(f"/api/models/{run_id}/optimize", {"total_budget": 20_000, "weeks": 8})
    assert plan.status_code == 200, plan.text
    report = ann.get(f"/api/models/{run_id}/report.xlsx")
    assert report.status_code == 200, report.text
    assert report.content[:2] == b"PK"


@pytest.mark.parametrize("version", VERSIONS[-1:])
def test_an_answer_is_kept_for_its_look_and_only_for_who_may_see_it(
    ann: Account, bob: Account, run_id: str, version: int
) -> None:
    path = f"/api/models/{run_id}/results"
    first = ann.get(path, view="executive").json()
    assert ann.get(path, view="executive").json() == first
    assert ann.get(path, view="executive", period="last_quarter").json() != first
    assert bob.get(path, view="executive").status_code == 404
    ann.call("PATCH", "/api/workspace", json={"preferences": {"currency": "€"}})
    assert "€" in json.dumps(ann.get(path, view="executive").json(), ensure_ascii=False)
    assert "€" not in json.dumps(first, ensure_ascii=False)
    ann.call("DELETE", f"/api/models/{run_id}")
    assert ann.get(path, view="executive").status_code == 404
