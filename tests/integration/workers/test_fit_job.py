"""The job on a real fit: what it writes while it works, and what it leaves."""

from itertools import pairwise

import pytest

from mixmodel_app.domain.results import RESULTS_VERSION
from mixmodel_app.domain.run import Stage
from tests.integration.scenes import CompletedFit

pytestmark = pytest.mark.fit

ORDER = [Stage.QUEUED, Stage.LOADING, Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING, Stage.DONE]


def test_progress_never_goes_back_and_tells_every_5_percent_of_sampling(completed_fit: CompletedFit) -> None:
    percents = [event["progress"] for event in completed_fit.events]
    assert percents == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] == 100
    sampling = [event["progress"] for event in completed_fit.events if event["stage"] == "sampling"]
    assert max(later - earlier for earlier, later in pairwise(sampling)) <= 5


def test_stages_come_in_order_each_within_its_share(completed_fit: CompletedFit) -> None:
    stages = [Stage(event["stage"]) for event in completed_fit.events]
    assert list(dict.fromkeys(stages)) == ORDER
    for event in completed_fit.events:
        low, high = Stage(event["stage"]).share
        assert low <= event["progress"] <= high, event


def test_the_last_event_is_the_end_and_the_only_one(completed_fit: CompletedFit) -> None:
    statuses = [event["status"] for event in completed_fit.events]
    assert statuses[-1] == "completed"
    assert statuses.count("completed") == 1
    assert completed_fit.events[-1]["stage"] == "done"


def test_an_estimate_of_the_time_left_comes_with_sampling(completed_fit: CompletedFit) -> None:
    sampling = [event for event in completed_fit.events if event["stage"] == "sampling"]
    assert any(event["eta_seconds"] is not None for event in sampling)
    assert all(event["eta_seconds"] is None or event["eta_seconds"] >= 0 for event in completed_fit.events)


def test_the_row_says_the_same_as_the_last_event(completed_fit: CompletedFit) -> None:
    run = completed_fit.run
    assert (run["status"], run["stage"], run["progress"]) == ("completed", "done", 100)
    assert run["error_message"] is None
    assert run["created_at"] <= run["started_at"] <= run["completed_at"]
    assert run["results"]["version"] == RESULTS_VERSION
    assert run["config"]["random_seed"] == 11


def test_every_file_lies_under_the_workspace_of_the_run(completed_fit: CompletedFit) -> None:
    folder = f"workspaces/{completed_fit.run['workspace_id']}/"
    assert len(completed_fit.files) == 5
    assert all(key.startswith(folder) for key in completed_fit.files)
    assert all(completed_fit.files.values())
