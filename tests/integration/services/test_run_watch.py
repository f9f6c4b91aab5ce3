"""A run is read anew for a watcher when its status changes or some seconds have passed, not for every event."""

from typing import Any
from uuid import UUID

import pytest

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.services import run_watch, runs
from mixmodel_app.services.run_watch import standing
from mixmodel_app.storage import progress, redis
from tests.integration.scenes import Account, change_run


@pytest.fixture
def run_id(ann: Account) -> UUID:
    return UUID(ann.start(ann.ready_dataset()))


def _event(run_id: UUID, status: RunStatus, percent: int) -> ProgressEvent:
    return ProgressEvent(str(run_id), status, Stage.SAMPLING, percent, "")


async def test_while_it_goes_on_the_run_is_not_read_again(
    ann: Account, run_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_run(str(run_id), status="running")
    first = await standing(ann.principal, run_id, _event(run_id, RunStatus.RUNNING, 40))
    change_run(str(run_id), name="Renamed")
    second = await standing(ann.principal, run_id, _event(run_id, RunStatus.RUNNING, 41), first)
    assert (second.event.progress, second.run["name"]) == (41, first.run["name"])
    monkeypatch.setattr(run_watch, "FRESH_S", 0.0)
    assert (await standing(ann.principal, run_id, _event(run_id, RunStatus.RUNNING, 42), second)).run[
        "name"
    ] == "Renamed"


async def test_the_end_is_read(ann: Account, run_id: UUID) -> None:
    change_run(str(run_id), status="running")
    first = await standing(ann.principal, run_id, _event(run_id, RunStatus.RUNNING, 40))
    change_run(str(run_id), status="failed", error_message="No room.")
    last = await standing(ann.principal, run_id, _event(run_id, RunStatus.FAILED, 100), first)
    assert (last.run["status"], last.run["error_message"]) == ("failed", "No room.")


async def test_who_may_not_see_it_any_more_is_told_after_that_time(
    ann: Account, bob: Account, run_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_run(str(run_id), status="running")
    first = await standing(ann.principal, run_id, _event(run_id, RunStatus.RUNNING, 40))
    monkeypatch.setattr(run_watch, "FRESH_S", 0.0)
    with pytest.raises(NotFound):
        await standing(bob.principal, run_id, _event(run_id, RunStatus.RUNNING, 41), first)


async def test_all_who_watch_a_run_look_together_and_end_with_it(
    ann: Account, run_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[UUID] = []

    def get(principal: Principal, asked: UUID) -> dict[str, Any]:
        looks.append(asked)
        return runs_get(principal, asked)

    runs_get = runs.get
    monkeypatch.setattr(runs, "get", get)
    watchers = [run_watch.watch(ann.principal, run_id, 15.0) for _ in range(10)]
    assert {(await anext(each)).event.status for each in watchers} == {RunStatus.QUEUED}
    change_run(str(run_id), status="running")
    progress.publish(ann.principal.workspace_id, _event(run_id, RunStatus.RUNNING, 40))
    assert [(await anext(each)).event.progress for each in watchers] == [40] * 10
    assert len(looks) == 2
    change_run(str(run_id), status="failed", error_message="No room.")
    progress.publish(ann.principal.workspace_id, _event(run_id, RunStatus.FAILED, 100))
    for each in watchers:
        assert [seen.run["error_message"] async for seen in each] == ["No room."]
    assert not run_watch._Sight._shared


async def test_a_run_whose_end_redis_lost_is_seen_to_end(ann: Account, run_id: UUID) -> None:
    redis.client().flushdb()
    change_run(str(run_id), status="failed", error_message="Gone.")
    seen = [moment.run["status"] async for moment in run_watch.watch(ann.principal, run_id, 0.05)]
    assert seen == ["failed"]
