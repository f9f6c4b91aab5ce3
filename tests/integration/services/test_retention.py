"""Old runs go by the operator's rule, and never one that somebody holds on to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from mixmodel_app import config
from mixmodel_app.services import retention
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.models import Share, now
from mixmodel_app.storage.objects import objects
from tests.integration.scenes import Account, change_run, count, run_row

OLD = timedelta(days=40)


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the rule for the time of a test."""

    def choose(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"RETENTION_{name}", value)
        config.settings.cache_clear()

    yield choose  # pyright: ignore[reportReturnType]
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def old_runs(ann: Account) -> list[str]:
    """Five finished runs of one dataset with a file each, the newest last, all forty days old."""
    dataset_id = ann.ready_dataset()
    return [old(ann, dataset_id) for _ in range(5)]


def old(ann: Account, dataset_id: str, **values: Any) -> str:
    run_id = ann.start(dataset_id)
    key = f"workspaces/{ann.principal.workspace_id}/runs/{run_id}/1/model.nc"
    objects().put(key, b"model")
    ended = {"status": "completed", "stage": "done", "completed_at": now() - OLD, "model_artifact_s3_key": key}
    change_run(run_id, **(ended | values))
    return run_id


def left(ann: Account, runs: list[str]) -> list[int]:
    """Places of the runs that are still there."""
    there = {run["id"] for run in ann.get("/api/models").json()}
    return [place for place, run in enumerate(runs) if run in there]


def events(ann: Account) -> list[tuple[str, str]]:
    return [(event["action"], event["actor"]) for event in ann.get("/api/workspace/audit").json()[:2]]


def test_without_a_rule_nothing_goes(ann: Account, old_runs: list[str]) -> None:
    assert retention.apply() == 0
    assert left(ann, old_runs) == [0, 1, 2, 3, 4]


def test_old_runs_go_with_their_files_and_the_newest_stay(
    ann: Account, old_runs: list[str], rule: Callable[..., None]
) -> None:
    rule(DAYS="30", KEEP="2")
    assert retention.apply() == 3
    assert left(ann, old_runs) == [3, 4]
    folder = f"workspaces/{ann.principal.workspace_id}/runs"
    kept = [key for key in objects().list_older(folder, -timedelta(hours=1)) if any(run in key for run in old_runs)]
    assert len(kept) == 2
    assert events(ann) == [("run_expired", "this installation")] * 2
    assert retention.apply() == 0


def test_a_run_that_is_young_or_not_over_stays(ann: Account, old_runs: list[str], rule: Callable[..., None]) -> None:
    rule(DAYS="50", KEEP="1")
    assert retention.apply() == 0
    rule(DAYS="30", KEEP="1")
    change_run(old_runs[0], completed_at=now() - timedelta(days=29))
    change_run(old_runs[1], status="running", completed_at=None, created_at=now() - OLD)
    assert retention.apply() == 2
    assert left(ann, old_runs) == [0, 1, 4]


def test_failed_runs_go_and_do_not_count_as_newest(
    ann: Account, old_runs: list[str], rule: Callable[..., None]
) -> None:
    rule(DAYS="30", KEEP="4")
    for run in old_runs[3:]:
        change_run(run, status="failed")
    assert retention.apply() == 2
    assert left(ann, old_runs) == [0, 1, 2]


def test_what_somebody_holds_on_to_stays(ann: Account, old_runs: list[str], rule: Callable[..., None]) -> None:
    rule(DAYS="30", KEEP="1")
    ann.post(f"/api/models/{old_runs[0]}/comments", {"text": "Keep this one."})
    shared = shared_by(ann, old_runs[1])
    change_run(old_runs[2], is_sample=True)
    assert retention.apply() == 1
    assert left(ann, old_runs) == [0, 1, 2, 4]
    ann.call("DELETE", f"/api/shares/{shared}")
    assert retention.apply() == 1, "a link that was ended holds nothing"
    assert left(ann, old_runs) == [0, 2, 4]


def shared_by(ann: Account, run_id: str) -> str:
    """A link to a run, made before the rule looks: only runs with results can be shared by people."""
    row = Share(
        workspace_id=ann.principal.workspace_id,
        run_id=UUID(run_id),
        view="executive",
        token_hash=run_id,
        expires_at=now() + timedelta(days=1),
    )
    with transaction(ann.principal) as session:
        session.add(row)
    return str(row.id)


def test_a_rule_for_models_keeps_the_runs(ann: Account, old_runs: list[str], rule: Callable[..., None]) -> None:
    rule(DAYS="30", KEEP="2", OF="models")
    ann.post(f"/api/models/{old_runs[0]}/comments", {"text": "Its results stay anyway."})
    before = count("model_runs")
    assert retention.apply() == 3
    assert count("model_runs") == before
    assert [run_row(run)["model_artifact_s3_key"] is None for run in old_runs] == [True] * 3 + [False] * 2
    assert events(ann)[0] == ("model_file_expired", "this installation")
    answer = ann.get(f"/api/models/{old_runs[0]}/artifact")
    assert answer.status_code == 404
    assert "may go with age" in answer.json()["detail"]
    assert retention.apply() == 0


def test_others_keep_their_newest(ann: Account, bob: Account, old_runs: list[str], rule: Callable[..., None]) -> None:
    rule(DAYS="30", KEEP="1")
    alone = old(bob, bob.ready_dataset())
    assert retention.apply() == 4
    assert left(bob, [alone]) == [0]
