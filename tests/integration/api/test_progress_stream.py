"""Progress as server-sent events: the last state at once, every step after it, an end."""

import json
import threading
from typing import Any
from uuid import UUID

import pytest

from mixmodel_app.api import models as routes
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.storage import progress, redis
from tests.integration.scenes import Account, change_run


@pytest.fixture
def run_id(ann: Account) -> str:
    return ann.start(ann.ready_dataset())


def _events(text: str) -> list[dict[str, Any]]:
    blocks = [block for block in text.split("\n\n") if block.startswith("event: progress\n")]
    return [json.loads(block.split("data: ", 1)[1]) for block in blocks]


def _publish(account: Account, run_id: str, percent: int, status: RunStatus = RunStatus.RUNNING) -> None:
    stage = Stage.DONE if status is RunStatus.COMPLETED else Stage.ERROR if status.is_final else Stage.SAMPLING
    event = ProgressEvent(run_id, status, stage, percent, f"at {percent}", 3.5)
    progress.publish(account.principal.workspace_id, event)


def test_who_comes_late_gets_the_end_at_once(ann: Account, run_id: str) -> None:
    change_run(run_id, status="completed", stage="done", progress=100, message="Done")
    answer = ann.get(f"/api/models/{run_id}/progress")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    events = _events(answer.text)
    assert len(events) == 1
    assert set(events[0]) == {"run_id", "status", "stage", "progress", "message", "eta_seconds"}
    assert (events[0]["run_id"], events[0]["status"], events[0]["progress"]) == (run_id, "completed", 100)


def test_who_joins_in_the_middle_gets_the_rest_without_a_gap(ann: Account, run_id: str) -> None:
    for percent in (5, 30, 35):
        _publish(ann, run_id, percent)

    def go_on() -> None:
        for percent in range(40, 100, 5):
            _publish(ann, run_id, percent)
        _publish(ann, run_id, 100, RunStatus.COMPLETED)

    worker = threading.Thread(target=go_on)
    worker.start()
    seen = [event["progress"] for event in _events(ann.get(f"/api/models/{run_id}/progress").text)]
    worker.join()
    assert seen[0] >= 35
    assert seen == list(range(seen[0], 101, 5))


def test_a_failed_run_ends_the_stream_with_its_reason(ann: Account, run_id: str) -> None:
    _publish(ann, run_id, 50)
    threading.Timer(0.2, _publish, (ann, run_id, 100, RunStatus.FAILED)).start()
    last = _events(ann.get(f"/api/models/{run_id}/progress").text)[-1]
    assert (last["status"], last["stage"]) == ("failed", "error")


def test_a_silent_line_is_kept_open_and_the_row_is_believed(
    ann: Account, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The final event was lost with Redis: the row in Postgres still ends the stream."""
    monkeypatch.setattr(routes, "HEARTBEAT_S", 0.1)
    redis.client().delete(progress.stream(ann.principal.workspace_id, UUID(run_id)))
    end = {"status": "failed", "stage": "error", "progress": 100, "message": "Gone", "error_message": "Gone"}
    threading.Timer(0.5, change_run, (run_id,), end).start()
    text = ann.get(f"/api/models/{run_id}/progress").text
    assert ": still here\n\n" in text
    assert [event["status"] for event in _events(text)] == ["queued", "failed"]


def test_the_first_event_says_that_the_run_waits(ann: Account, run_id: str) -> None:
    snapshot = progress.snapshot(ann.principal.workspace_id, UUID(run_id))
    assert snapshot is not None
    assert (snapshot.status, snapshot.progress) == (RunStatus.QUEUED, 0)
    found = ann.get(f"/api/models/{run_id}").json()
    assert (found["status"], found["progress"], found["stage"]) == ("queued", 0, "queued")
