"""Single periods, the draws as a table, and the notebook, from a real fit over HTTP."""

import io
import json
import math
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xarray

from mixmodel_app.domain.results import RESULTS_VERSION
from tests.integration.scenes import Account, change_run, run_row

pytestmark = pytest.mark.fit


def results(ann: Account, run_id: str, **query: str) -> dict[str, Any]:
    answer = ann.get(f"/api/models/{run_id}/results", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_period_has_numbers_of_its_own_that_add_up(ann: Account, finished: tuple[str, str]) -> None:
    whole = results(ann, finished[1])
    dates = whole["analyst"]["fit"]["dates"]
    part = results(ann, finished[1], **{"from": dates[40], "to": dates[52]})
    assert part["period"] == {"from": dates[40], "to": dates[52], "n_periods": 13}
    executive, manager = part["executive"], part["manager"]
    actual = whole["analyst"]["fit"]["actual"][40:53]
    assert executive["total_revenue"] == pytest.approx(sum(actual))
    assert sum(executive["revenue_breakdown"].values()) == pytest.approx(sum(actual))
    assert sum(manager["contributions"].values()) == pytest.approx(executive["revenue_breakdown"]["media"])
    assert sum(manager["spend"].values()) == pytest.approx(executive["total_spend"])
    assert sum(step["value"] for step in manager["waterfall"][:-1]) == pytest.approx(sum(actual))
    for channel, (low, high) in manager["channel_roas_hdi"].items():
        assert low < manager["channel_roas"][channel] < high
        assert manager["channel_roas"][channel] != whole["manager"]["channel_roas"][channel]
    assert part["analyst"] == whole["analyst"], "the fit has no periods"


def test_periods_that_follow_each_other_hold_everything_once(ann: Account, finished: tuple[str, str]) -> None:
    whole = results(ann, finished[1])
    dates = whole["analyst"]["fit"]["dates"]
    halves = [results(ann, finished[1], to=dates[29]), results(ann, finished[1], **{"from": dates[30]})]
    for channel, total in whole["manager"]["contributions"].items():
        assert sum(half["manager"]["contributions"][channel] for half in halves) == pytest.approx(total, rel=1e-6)


def test_named_periods_are_known_and_others_refused(ann: Account, finished: tuple[str, str]) -> None:
    assert results(ann, finished[1], period="last_quarter")["period"]["n_periods"] == 13
    assert results(ann, finished[1], period="last_year")["period"]["n_periods"] == 52
    assert results(ann, finished[1], period="all") == results(ann, finished[1])
    for query in ({"period": "decade"}, {"from": "soon"}, {"from": "2090-01-01"}):
        answer = ann.get(f"/api/models/{finished[1]}/results", **query)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"]


def test_results_of_older_versions_still_open(ann: Account, finished: tuple[str, str]) -> None:
    stored = run_row(finished[1])["results"]
    assert stored["version"] == RESULTS_VERSION
    assert stored["audit"]
    old = {key: value for key, value in stored.items() if key != "audit"} | {"version": 2}
    old["channels"] = [{k: v for k, v in channel.items() if k != "headroom"} for channel in stored["channels"]]
    change_run(finished[1], results=json.dumps(old))
    assert results(ann, finished[1])["manager"]["spend"]
    assert ann.get(f"/api/models/{finished[1]}/charts/loo.csv").status_code == 200


def test_all_draws_are_a_table(ann: Account, finished: tuple[str, str]) -> None:
    answer = ann.get(f"/api/models/{finished[1]}/draws.parquet")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="mixmodel-{finished[1]}-draws.parquet"'
    table = pq.read_table(io.BytesIO(answer.content))
    analyst = results(ann, finished[1], view="analyst")
    assert table.num_rows == analyst["n_draws"]
    assert set(table.column_names) == {"chain", "draw", *analyst["posteriors"]}
    for name, posterior in analyst["posteriors"].items():
        values = table.column(name).to_numpy()
        assert values.mean() == pytest.approx(posterior["mean"], rel=1e-9, abs=1e-12)
        assert values.std(ddof=1) == pytest.approx(posterior["std"], rel=1e-9)


def test_the_notebook_computes_the_numbers_again(ann: Account, finished: tuple[str, str], tmp_path: Path) -> None:
    """Its code cells run beside the model file, as a person would run them."""
    run_id = finished[1]
    answer = ann.get(f"/api/models/{run_id}/notebook.ipynb")
    assert answer.status_code == 200
    model_file = tmp_path / f"mixmodel-{run_id}.nc"
    model_file.write_bytes(ann.get(f"/api/models/{run_id}/artifact").content)
    cells = [cell for cell in json.loads(answer.content)["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for cell in cells:
            exec("".join(cell["source"]), names)
    finally:
        os.chdir(here)
    manager = results(ann, run_id, view="manager")
    for channel, (median, low, high) in names["returns"].items():
        assert median == pytest.approx(manager["channel_roas"][channel], rel=1e-9)
        assert [low, high] == pytest.approx(manager["channel_roas_hdi"][channel], rel=1e-9)
    names["shown"]["media"] *= 1.01
    with pytest.raises(AssertionError):
        exec("".join(cells[-1]["source"]).partition("\n")[2], names)


def test_the_stored_leave_one_out_is_that_of_the_model_file(ann: Account, finished: tuple[str, str]) -> None:
    stored = run_row(finished[1])["results"]["audit"]
    assert len(stored["loo"]["pareto_k"]) == 60
    assert all(math.isfinite(k) for k in stored["loo"]["pareto_k"])
    assert stored["loo"]["standard_error"] > 0
    raw = ann.get(f"/api/models/{finished[1]}/artifact").content
    with xarray.open_dataset(io.BytesIO(raw), group="sample_stats", engine="h5netcdf") as sampler:
        assert stored["divergent"] == sampler["diverging"].sum("draw").values.tolist()
        assert len(stored["energy"]["e_bfmi"]) == sampler.sizes["chain"]


@pytest.mark.parametrize("path", ["draws.parquet", "notebook.ipynb"])
def test_files_are_for_the_workspace_and_for_finished_runs(
    ann: Account, bob: Account, finished: tuple[str, str], path: str
) -> None:
    assert bob.get(f"/api/models/{finished[1]}/{path}").status_code == 404
    assert ann.get(f"/api/models/{ann.start(finished[0])}/{path}").status_code == 409
