"""What a fit tells: little at a time, yet every step of the bar, every stage and the last of all."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from mixmodel_app.domain.live import LiveFit
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.types import FitProgress
from mixmodel_app.storage import progress, redis
from mixmodel_app.storage.models import ModelRun
from tests.integration.scenes import Account, events_of
from workers import fit_run
from workers.reporter import LARGEST_STEP, Reporter

LIVE = LiveFit(chains=(), draws=80)


@pytest.fixture
def run(ann: Account) -> ModelRun:
    found = fit_run._claim(UUID(ann.start(ann.ready_dataset())), 1)
    assert found is not None
    return found


def _told(run: ModelRun) -> list[dict[str, Any]]:
    return [event for event in events_of(run.workspace_id, run.id) if event["status"] == "running"]


def test_a_fast_fit_tells_every_step_of_the_bar_in_few_entries(run: ModelRun) -> None:
    said = 200
    with Reporter(run, fit_run._lease(run)) as reporter:
        for number in range(said + 1):
            reporter.say(FitProgress(Stage.SAMPLING, number / said, f"Draw {number}"))
    percents = [event["progress"] for event in _told(run)]
    assert percents[-1] == 90
    assert max(later - earlier for earlier, later in pairwise([30, *percents])) <= LARGEST_STEP
    assert _told(run)[-1]["message"] == f"Draw {said}"
    entries: Any = redis.client().xlen(progress.stream(run.workspace_id, run.id))
    assert entries < said / 10


def test_every_stage_is_told_and_what_was_seen_inside_stays_with_the_last_of_its_step(run: ModelRun) -> None:
    with Reporter(run, fit_run._lease(run)) as reporter:
        for stage in (Stage.LOADING, Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING):
            reporter.say(FitProgress(stage, 0.0, "Begins"))
            reporter.say(FitProgress(stage, 0.01, "Goes on", live=LIVE if stage is Stage.SAMPLING else None))
            reporter.say(FitProgress(stage, 0.02, "Is nearly done"))
    told = _told(run)
    assert list(dict.fromkeys(event["stage"] for event in told)) == [
        "loading",
        "preparing",
        "tuning",
        "sampling",
        "extracting",
    ]
    last = {event["stage"]: event["message"] for event in told}
    assert set(last.values()) == {"Is nearly done"}
    assert [event["live"]["draws"] for event in told if event.get("live")] == [80]


def test_a_step_that_shows_nothing_new_is_not_told(run: ModelRun) -> None:
    with Reporter(run, fit_run._lease(run)) as reporter:
        for eta in (3.0, 2.0, 1.0):
            reporter.say(FitProgress(Stage.TUNING, 0.5, "Tuning", eta))
    assert len(_told(run)) == 1
