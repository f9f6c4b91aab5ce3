"""A store that is away while a run is worked on: the run waits for it, and says so."""

import asyncio
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client.registry import REGISTRY

from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.errors import FitCancelled, NotFound, StorageUnavailable
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.types import EngineResults, FitProgress, ShouldStop, StopReason
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.services import run_watch
from mixmodel_app.storage import progress, queue, redis
from mixmodel_app.storage.objects import LocalStore, objects
from tests.factories import make_results
from tests.integration.scenes import Account, CompletedFit, events_of, run_row
from workers import fit_run, patience
from workers.patience import patiently

type Work = Callable[[Callable[[], object]], None]
"""Work on the run as the worker does, with this happening while it samples."""


class Engine:
    """A stand-in whose fit is what the test does meanwhile; its results are those of a real one."""

    def __init__(self, act: Callable[[], object], fit: CompletedFit) -> None:
        draws = next(content for key, content in fit.files.items() if "/draws" in key)
        self.act = act
        self.results = EngineResults(results=make_results(2), draws=ResponseDraws.from_bytes(draws))

    def prepare_data(self, *_: object) -> None: ...

    def build_model(self, *_: object) -> None: ...

    def fit(self, _data: object, report: Callable[[FitProgress], None], _stop: ShouldStop) -> None:
        report(FitProgress(Stage.SAMPLING, 0.5, "Half way"))
        self.act()

    def extract_results(self) -> EngineResults:
        return self.results

    def serialize_model(self) -> bytes:
        return b"a model" * 1000


@pytest.fixture
def run_id(ann: Account) -> str:
    return ann.start(ann.ready_dataset())


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch, completed_fit: CompletedFit, run_id: str) -> Work:
    def work(act: Callable[[], object]) -> None:
        engine = Engine(act, completed_fit)
        monkeypatch.setattr(fit_run, "create_engine", lambda _config: engine)
        fit_run.run_mmm_model(run_id, 1)

    return work


@contextmanager
def _later(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


@pytest.mark.fit
def test_results_wait_for_a_storage_that_is_away(ann: Account, run_id: str, fit: Work, stores: EmbeddedStores) -> None:
    folder, away = stores.home.objects, stores.home.root / "away"
    with _later(1.5, lambda: away.rename(folder)):
        fit(lambda: folder.rename(away))
    assert run_row(run_id)["status"] == "completed"
    assert ann.get(f"/api/models/{run_id}/artifact").content == b"a model" * 1000
    messages = [event["message"] for event in events_of(ann.principal.workspace_id, UUID(run_id))]
    assert "Waiting for the file storage, which does not answer" in messages


@pytest.mark.fit
def test_a_table_waits_for_a_storage_that_is_away(run_id: str, fit: Work, stores: EmbeddedStores) -> None:
    folder, away = stores.home.objects, stores.home.root / "away"
    folder.rename(away)
    with _later(1.0, lambda: away.rename(folder)):
        fit(lambda: None)
    assert run_row(run_id)["status"] == "completed"


@pytest.mark.fit
def test_no_room_for_the_results_ends_with_a_reason_and_leaves_no_file(
    ann: Account,
    run_id: str,
    fit: Work,
    monkeypatch: pytest.MonkeyPatch,
    stored_files: Callable[[], list[object]],
) -> None:
    monkeypatch.setattr(patience, "FULL_PATIENCE_S", 0.6)
    before, limit = stored_files(), resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(objects(), "_put", _with_file_limit(objects()._put, 2000))  # pyright: ignore[reportAttributeAccessIssue]
    fit(lambda: None)
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == limit
    row = run_row(run_id)
    assert (row["status"], row["results"], row["model_artifact_s3_key"]) == ("failed", None, None)
    assert row["error_message"] == "The file storage is full. Ask your administrator to make room."
    assert stored_files() == before
    messages = [event["message"] for event in events_of(ann.principal.workspace_id, UUID(run_id))]
    assert "The file storage is full; waiting for room" in messages


def _with_file_limit(put: Callable[..., None], size: int) -> Callable[..., None]:
    """The kernel refuses files that are larger; only meanwhile, since the stores' logs would hit the limit too."""

    def limited(*args: object) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            put(*args)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.mark.fit
def test_a_fit_goes_on_without_redis(run_id: str, fit: Work, stores: EmbeddedStores, ann: Account) -> None:
    process = stores.valkey.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    try:
        fit(lambda: None)
        assert run_row(run_id)["status"] == "completed"
        assert progress.snapshot(ann.principal.workspace_id, UUID(run_id)) is None
        queue.enqueue(UUID(run_id), 2)
    finally:
        stores.valkey.start()
    redis.ping()


@pytest.mark.fit
def test_a_fit_goes_on_while_the_database_starts_again(run_id: str, fit: Work, stores: EmbeddedStores) -> None:
    def crash() -> None:
        process = stores.postgres.process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        stores.postgres.start()

    fit(crash)
    row = run_row(run_id)
    assert (row["status"], row["attempt"], row["losses"]) == ("completed", 1, 0)


async def test_who_watches_a_run_is_still_there_when_the_database_is_back(
    run_id: str, ann: Account, stores: EmbeddedStores
) -> None:
    principal, process = ann.principal, stores.postgres.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    watching = asyncio.create_task(run_watch.standing(principal, UUID(run_id), None))
    await asyncio.sleep(0.3)
    assert not watching.done()
    stores.postgres.start()
    seen = await asyncio.wait_for(watching, 20)
    assert (seen.event.status, seen.run["id"]) == ("queued", run_id)


def test_a_store_that_is_away_is_said_in_a_sentence(run_id: str, ann: Account, stores: EmbeddedStores) -> None:
    process = stores.postgres.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    try:
        answer = ann.get(f"/api/models/{run_id}")
    finally:
        stores.postgres.start()
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "The database does not answer right now" in answer.json()["detail"]


def test_connections_that_could_not_be_made_are_not_counted_as_given_back(ann: Account, stores: EmbeddedStores) -> None:
    def in_use() -> float | None:
        return REGISTRY.get_sample_value("mixmodel_connections_in_use", {"pool": "postgres"})

    ann.get("/api/datasets")
    before = in_use()
    stores.postgres.stop()
    try:
        for _ in range(3):
            assert ann.call("GET", "/api/datasets").status_code == 503
    finally:
        stores.postgres.start()
    assert ann.get("/api/datasets").status_code == 200
    assert in_use() == before


def test_an_answer_that_was_lost_after_the_commit_is_no_lost_lease(run_id: str) -> None:
    """The write is done twice: the second finds the run completed by this very lease."""
    run = fit_run._claim(UUID(run_id), 1)
    assert run is not None
    assert fit_run._write(run, {"status": "completed"})
    assert fit_run._write(run, {"status": "completed"})
    again = fit_run._claim(UUID(run_id), 1)
    assert again is None


def test_waiting_ends_with_a_cancel_and_what_is_no_outage_is_not_waited_for() -> None:
    def away() -> None:
        raise StorageUnavailable("Away.")

    with pytest.raises(FitCancelled):
        patiently(away, lambda: StopReason.CANCELLED)

    def missing() -> None:
        raise NotFound("Gone.")

    with pytest.raises(NotFound):
        patiently(missing)


def test_a_missing_directory_is_an_outage_and_a_missing_file_is_not(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    for use in (lambda: store.put("a/b", b"c"), lambda: store.get("a/b"), lambda: store.stream("a/b"), store.check):
        with pytest.raises(StorageUnavailable):
            use()
    store.prepare()
    with pytest.raises(NotFound):
        store.get("a/b")
    store.put("a/b", b"c")
    assert store.get("a/b") == b"c"


def test_a_disk_that_is_not_mounted_is_an_outage_though_its_directory_is_there(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    store.prepare()
    store.put("a/b", b"c")
    store.root.rename(tmp_path / "away")
    store.root.mkdir()
    for use in (lambda: store.put("a/d", b"e"), lambda: store.get("a/b"), lambda: store.delete("a/b"), store.check):
        with pytest.raises(StorageUnavailable):
            use()
    assert list(store.root.iterdir()) == []
    store.root.rmdir()
    (tmp_path / "away").rename(store.root)
    assert store.get("a/b") == b"c"
