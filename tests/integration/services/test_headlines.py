"""What is kept beside results: by the worker, and by the janitor for the runs of older versions."""

import json
from typing import Any

import pytest

from mixmodel_app import __version__
from mixmodel_app.services import headlines
from tests.integration.scenes import Account, CompletedFit, change_run, run_row

pytestmark = pytest.mark.fit


@pytest.fixture
def run_id(finished: tuple[str, str]) -> str:
    return finished[1]


def test_a_fit_leaves_its_headline(run_id: str) -> None:
    kept = run_row(run_id)["headline"]
    assert kept["version"] == __version__
    assert set(kept["plans"]) == {"0.5", "0.8", "0.9", "0.94"}
    assert kept["blended_roas"] == run_row(run_id)["results"]["blended_roas"]["median"]
    assert sum(kept["plans"]["0.94"]["optimized_allocation"].values()) == pytest.approx(
        kept["plans"]["0.94"]["total_budget"]
    )


@pytest.mark.parametrize("before", [None, {"version": "0.0.1"}])
def test_one_that_is_missing_or_of_another_version_is_made_as_the_worker_would(
    run_id: str, before: dict[str, Any] | None
) -> None:
    kept = run_row(run_id)["headline"]
    change_run(run_id, headline=json.dumps(kept | before) if before else None)
    assert headlines.renew() == 1
    assert run_row(run_id)["headline"] == kept
    assert headlines.renew() == 0


def test_only_what_home_pages_show_is_made_the_newest_of_each_first(
    ann: Account, bob: Account, completed_fit: CompletedFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "SHOWN", 2)
    monkeypatch.setattr(headlines, "MOST", 2)
    hers = [completed_fit.copy_for(ann.principal)[1] for _ in range(3)]
    his = completed_fit.copy_for(bob.principal)[1]
    for run_id in (*hers, his):
        change_run(run_id, headline=None)
    assert headlines.renew() == 2
    made = {run_id for run_id in (*hers, his) if run_row(run_id)["headline"]}
    assert made == {hers[2], his}
    assert headlines.renew() == 1
    assert run_row(hers[1])["headline"]
    assert headlines.renew() == 0
    assert run_row(hers[0])["headline"] is None


def test_a_run_whose_draws_are_gone_is_not_looked_at_again(run_id: str) -> None:
    change_run(run_id, headline=None, draws_key="gone")
    assert headlines.renew() == 1
    kept = run_row(run_id)["headline"]
    assert kept["plans"] == {}
    assert kept["blended_roas"] == run_row(run_id)["results"]["blended_roas"]["median"]
    assert headlines.renew() == 0
