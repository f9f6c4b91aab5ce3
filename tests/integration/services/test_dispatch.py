"""The line of runs on real stores: a share for each workspace, and what a waiting person is told."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from rq import Worker

from mixmodel_app.domain.run import RunStatus
from mixmodel_app.services import dispatch, runs
from mixmodel_app.storage import queue, redis
from tests.integration.scenes import QUICK, Account, change_run
from tests.tables import weekly_csv
from workers.fit_run import run_mmm_model
from workers.recovery import reconcile
from workers.watch import Watch

LONG = {"mode": "custom", "n_samples": 9000, "tune_steps": 5000, "n_chains": 8}


@pytest.fixture
def staff(clean: None) -> Iterator[None]:
    """Two workers that say they are there and take nothing."""
    workers = [
        Worker([queue.line(name) for name in ("quick", "fits")], connection=redis.raw_client(), serializer="json")
        for _ in range(2)
    ]
    for worker in workers:
        worker.register_birth()
        worker.heartbeat()
    dispatch._workers = (0.0, 0)
    yield
    for worker in workers:
        worker.register_death()
    dispatch._workers = (0.0, 0)


def _in_line() -> list[str]:
    """Ids of the runs that the workers will find, in the order in which they will."""
    ids = [*queue.line(queue.QUICK).job_ids, *queue.line(queue.FITS).job_ids]
    return [job.split("_")[1] for job in ids]


def test_a_workspace_keeps_to_its_share_and_the_next_follows_when_one_ends(
    staff: None, ann: Account, bob: Account
) -> None:
    dataset = ann.ready_dataset()
    mine = [ann.start(dataset, random_seed=seed) for seed in range(3)]
    assert _in_line() == mine[:1]
    theirs = bob.start(bob.ready_dataset())
    assert _in_line() == [mine[0], theirs]
    run_mmm_model(mine[0], 1)
    assert ann.get(f"/api/models/{mine[0]}").json()["status"] == RunStatus.COMPLETED.value
    assert _in_line() == [mine[0], theirs, mine[1]]  # the job of the first is RQ's to take away
    ann.post(f"/api/models/{mine[1]}/cancel")
    assert _in_line()[-1] == mine[2]


def test_deleting_a_run_lets_the_next_in(staff: None, ann: Account) -> None:
    dataset = ann.ready_dataset()
    first, second = ann.start(dataset), ann.start(dataset)
    assert ann.call("DELETE", f"/api/models/{first}").status_code == 204
    assert _in_line() == [second]


def test_the_urgent_waits_before_the_rest_of_its_workspace(staff: None, ann: Account) -> None:
    dataset = ann.ready_dataset()
    body = {"dataset_id": dataset, "config": QUICK}
    started = {
        priority: ann.post("/api/models/run", body | {"priority": priority}).json()["id"]
        for priority in ("normal", "low", "high")  # the first is in line at once
    }
    order = [started["normal"]]
    for _ in range(2):
        ann.post(f"/api/models/{order[-1]}/cancel")
        order += _in_line()
    assert order == [started["normal"], started["high"], started["low"]]
    assert ann.post("/api/models/run", body | {"priority": "now"}).status_code == 422


def test_long_fits_have_a_line_of_their_own(staff: None, ann: Account, bob: Account) -> None:
    long = ann.start(ann.ready_dataset(weekly_csv(200)), **LONG)
    quick = bob.start(bob.ready_dataset())
    assert [job.split("_")[1] for job in queue.line(queue.FITS).job_ids] == [long]
    assert [job.split("_")[1] for job in queue.line(queue.QUICK).job_ids] == [quick]


def test_a_waiting_run_says_where_it_stands(staff: None, ann: Account) -> None:
    dataset = ann.ready_dataset()
    first, second, third = (ann.start(dataset) for _ in range(3))
    assert ann.get(f"/api/models/{first}").json()["queue"] == {"before": 0, "starts_in_seconds": 0.0}
    place = ann.get(f"/api/models/{third}").json()["queue"]
    assert place["before"] == 2
    cost = ann.post("/api/models/outlook", {"dataset_id": dataset, "config": QUICK}).json()
    assert place["starts_in_seconds"] == pytest.approx(2 * cost["seconds"], abs=0.2)
    assert cost["starts_in_seconds"] == pytest.approx(3 * cost["seconds"], abs=0.3)
    event = runs.last_event(ann.principal, UUID(second))
    assert event.message.startswith("1 run starts before this one")
    assert event.eta_seconds
    assert "queue" not in ann.get(f"/api/models/{_finish(ann, first)}").json()


def _finish(account: Account, run_id: str) -> str:
    change_run(run_id, status=RunStatus.COMPLETED.value)
    return run_id


def test_workers_are_counted_once_for_all_processes(staff: None) -> None:
    assert dispatch.workers() == 2
    redis.client().delete("rq:workers")
    dispatch._workers = (0.0, 0)  # as in a process that has just been forked for a fit
    assert dispatch.workers() == 2
    left = redis.client().ttl(dispatch._COUNT_KEY)
    assert left in range(1, int(dispatch._WORKERS_FOR_S) + 1)
    redis.client().delete(dispatch._COUNT_KEY)
    dispatch._workers = (0.0, 0)
    assert dispatch.workers() == 0


def test_without_a_worker_nothing_is_promised(ann: Account) -> None:
    dispatch._workers = (0.0, 0)
    run_id = ann.start(ann.ready_dataset())
    assert ann.get(f"/api/models/{run_id}").json()["queue"] == {"before": None, "starts_in_seconds": None}
    assert "No worker" in runs.last_event(ann.principal, UUID(run_id)).message


def test_the_janitor_lets_in_whom_a_lost_redis_forgot(staff: None, ann: Account, bob: Account) -> None:
    dataset = ann.ready_dataset()
    mine = [ann.start(dataset) for _ in range(2)]
    theirs = bob.start(bob.ready_dataset())
    change_run(theirs, in_line_since=None)
    redis.client().flushdb()
    reconcile(Watch(5.0))
    assert sorted(_in_line()) == sorted([mine[0], theirs])


def test_many_requests_at_once_do_not_go_beyond_the_share(staff: None, ann: Account) -> None:
    dataset = ann.ready_dataset()
    principal = ann.principal

    def start() -> None:
        runs.start(principal, UUID(dataset), None, QUICK)

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ann.get("/api/models").json()) == 12
    assert len(_in_line()) == 1


def test_what_a_run_would_cost_is_told_before_it_starts(staff: None, ann: Account) -> None:
    dataset = ann.ready_dataset()
    quick = ann.post("/api/models/outlook", {"dataset_id": dataset}).json()
    assert quick["starts_in_seconds"] == 0.0
    ann.start(dataset)
    long = ann.post("/api/models/outlook", {"dataset_id": dataset, "config": LONG}).json()
    assert long["seconds"] > 3 * quick["seconds"]
    assert long["memory_mb"] > quick["memory_mb"]
    assert long["starts_in_seconds"] > 0
    assert ann.get("/api/models").json()[0]["status"] == "queued"


def test_the_workers_learn_how_fast_they_are(staff: None, ann: Account) -> None:
    assert dispatch.pace() == 1.0
    run_mmm_model(ann.start(ann.ready_dataset()), 1)
    assert len(queue.paces()) == 1
    assert dispatch.pace() == queue.paces()[0] > 0


def test_a_slow_machine_is_as_slow_for_every_run_and_not_slower_with_each(staff: None, ann: Account) -> None:
    """The estimate of a run that waited was made at another pace than its fit is compared with."""
    dataset = ann.ready_dataset()
    waiting = [runs._row(ann.principal, UUID(ann.start(dataset))) for _ in range(4)]
    before = ann.post("/api/models/outlook", {"dataset_id": dataset, "config": QUICK}).json()["seconds"]
    for run in waiting:
        assert run.estimate_s is not None
        dispatch.note_pace(run, 2 * run.estimate_s)
    assert dispatch.pace() == 2.0
    later = runs._row(ann.principal, UUID(ann.start(dataset)))
    assert later.estimate_s is not None
    dispatch.note_pace(later, 2 * later.estimate_s)
    assert set(queue.paces()) == {2.0}
    after = ann.post("/api/models/outlook", {"dataset_id": dataset, "config": QUICK}).json()["seconds"]
    assert after == pytest.approx(2 * before, abs=0.2)
