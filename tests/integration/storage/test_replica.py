"""Reads on a replica: which go there, that none shows less than what was written, and what happens without it."""

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from redis.exceptions import ConnectionError as RedisIsAway
from sqlalchemy import event, text

from mixmodel_app import config
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.services import datasets, workspace
from mixmodel_app.storage import cache, db, redis
from tests.integration.conftest import forget_connections
from tests.integration.scenes import Account, change_run
from tests.standby import Standby


@pytest.fixture(scope="module")
def server(stores: EmbeddedStores) -> Iterator[Standby]:
    with tempfile.TemporaryDirectory(prefix="mixmodel-") as home:
        standby = Standby(Path(home), stores.postgres)
        standby.start()
        try:
            yield standby
        finally:
            standby.stop()


@pytest.fixture
def replica(stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Name a second address for reads, for the time of a test."""

    def name(url: str) -> None:
        forget_connections()
        monkeypatch.setenv("DATABASE_REPLICA_URL", url)
        monkeypatch.setattr(db, "_replica_rests_until", 0.0)
        config.settings.cache_clear()

    yield name
    forget_connections()
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def standby(server: Standby, replica: Callable[[str], None]) -> Iterator[Standby]:
    """The replica of the settings, which follows."""
    server.resume()
    replica(server.url)
    yield server
    server.resume()


def reads_the_standby(account: Account) -> bool:
    with db.reading(account.principal) as session:
        return bool(session.connection().scalar(text("SELECT pg_is_in_recovery()")))


def wait_for_the_standby(account: Account) -> None:
    """Until it has everything that was written so far, also what a test wrote past the application."""
    with db.system_transaction() as session:
        session.connection().execute(text("SELECT pg_current_xact_id()"))
    deadline = time.monotonic() + 30
    while not reads_the_standby(account):
        assert time.monotonic() < deadline, "the standby does not catch up"
        time.sleep(0.02)


def tables_read(engine: object, path: str, account: Account) -> list[str]:
    """Statements about rows of a workspace that one engine gets while a path is asked for."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if any(f"FROM {table}" in statement for table in ("datasets", "model_runs", "scenarios", "audit_events")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = account.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, answer.text
    return seen


@pytest.mark.fit
def test_what_the_dashboard_shows_is_read_on_the_replica_alone(
    ann: Account, standby: Standby, finished: tuple[str, str]
) -> None:
    wait_for_the_standby(ann)
    dataset_id, run_id = finished
    kept = cache.results_key(UUID(run_id)), cache.stats_key(ann.principal.workspace_id)
    for path in (
        "/api/datasets",
        f"/api/datasets/{dataset_id}",
        "/api/models",
        f"/api/models/{run_id}",
        f"/api/models/{run_id}/results",
        "/api/workspace/stats",
        "/api/workspace/audit",
        "/api/scenarios",
    ):
        cache.drop(*kept)
        assert tables_read(db.replica_engine(), path, ann), path
        cache.drop(*kept)
        assert tables_read(db.engine(), path, ann) == [], path


def test_one_workspace_is_seen_there(ann: Account, bob: Account, standby: Standby) -> None:
    bob.ready_dataset()
    ann.ready_dataset()
    wait_for_the_standby(ann)
    with db.reading(ann.principal) as session:
        assert session.connection().scalar(text("SELECT count(*) FROM datasets")) == 1, "the database hides Bob's"


def test_what_one_has_just_written_is_read_though_the_replica_lags(ann: Account, standby: Standby) -> None:
    wait_for_the_standby(ann)
    standby.pause()
    dataset_id = ann.ready_dataset()
    assert [row["id"] for row in ann.get("/api/datasets").json()] == [dataset_id]
    run_id = ann.start(dataset_id)
    assert ann.get("/api/workspace/stats").json()["total_runs"] == 1
    ann.post(f"/api/models/{run_id}/cancel")
    assert ann.get(f"/api/models/{run_id}").json()["status"] == "cancelled"
    assert standby.ask("SELECT count(*) FROM datasets") == 0, "the replica knows nothing of it"
    assert not reads_the_standby(ann)
    standby.resume()
    wait_for_the_standby(ann)
    assert [row["id"] for row in ann.get("/api/datasets").json()] == [dataset_id]


def test_what_a_worker_has_written_is_read_too(ann: Account, standby: Standby) -> None:
    run_id = ann.start(ann.ready_dataset())
    wait_for_the_standby(ann)
    standby.pause()
    change_run(run_id, name="Behind its back")
    assert ann.get(f"/api/models/{run_id}").json()["name"] != "Behind its back", "nobody said so: the replica answers"
    with db.system_transaction() as session:
        session.connection().execute(text("UPDATE model_runs SET progress = 50"))
    assert ann.get(f"/api/models/{run_id}").json()["progress"] == 50


def test_reading_keeps_nobody_from_the_replica(ann: Account, standby: Standby) -> None:
    ann.ready_dataset()
    wait_for_the_standby(ann)
    standby.pause()
    with db.transaction(ann.principal) as session:
        session.connection().execute(text("SELECT * FROM datasets"))
    datasets.page(ann.principal)
    assert reads_the_standby(ann)


def test_without_redis_nobody_knows_so_the_primary_is_read(
    ann: Account, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_the_standby(ann)
    redis.client.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    config.settings.cache_clear()
    with pytest.raises(RedisIsAway):
        redis.client().ping()
    principal = ann.principal
    with db.reading(principal) as session:
        assert not session.connection().scalar(text("SELECT pg_is_in_recovery()"))
    assert workspace.stats(principal)["total_datasets"] == 0


def test_a_replica_that_is_away_is_replaced_by_the_primary(ann: Account, replica: Callable[[str], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    replica(f"postgresql://mixmodel@127.0.0.1:{port}/mixmodel")
    for _ in range(2):
        with db.reading(ann.principal) as session:
            assert session.connection().scalar(text("SELECT count(*) FROM datasets")) == 0
