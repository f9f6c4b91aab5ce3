"""Connections: how many, how long a statement may take, a replica for reads, and two migrations at once."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from mixmodel_app import config
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from mixmodel_app.services import workspace
from mixmodel_app.storage import cache, db
from tests.integration.conftest import forget_connections
from tests.integration.scenes import Account

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def replica(stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Name a second address for reads, for the time of a test."""

    def name(url: str) -> None:
        forget_connections()
        monkeypatch.setenv("DATABASE_REPLICA_URL", url)
        config.settings.cache_clear()

    yield name  # pyright: ignore[reportReturnType]
    forget_connections()
    monkeypatch.undo()
    config.settings.cache_clear()


def test_reads_of_the_home_page_go_to_the_replica_and_see_one_workspace(
    ann: Account, bob: Account, stores: EmbeddedStores, replica: Callable[[str], None]
) -> None:
    bob.ready_dataset()
    dataset_id = ann.ready_dataset()
    replica(f"{stores.database_url}&application_name=replica")
    with db.reading(ann.principal) as session:
        assert session.connection().scalar(text("SHOW application_name")) == "replica"
        assert session.connection().scalar(text("SELECT count(*) FROM datasets")) == 1, "the database hides Bob's"
    with db.transaction(ann.principal) as session:
        assert session.connection().scalar(text("SHOW application_name")) != "replica"
    cache.drop(cache.stats_key(ann.principal.workspace_id))
    assert workspace.stats(ann.principal)["recent_datasets"][0]["id"] == dataset_id


def test_a_replica_that_is_away_is_replaced_by_the_primary(
    ann: Account, stores: EmbeddedStores, replica: Callable[[str], None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    replica(f"postgresql://mixmodel@127.0.0.1:{port}/mixmodel")
    for _ in range(2):
        with db.reading(ann.principal) as session:
            assert session.connection().scalar(text("SELECT count(*) FROM datasets")) == 0


def test_a_statement_that_takes_too_long_is_ended(clean: None) -> None:
    with db.engine().connect() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "15s"
        assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(text("SELECT pg_sleep(5)"))


def test_a_process_keeps_five_connections_and_opens_twenty_at_most(clean: None) -> None:
    forget_connections()
    pool = db.engine().pool
    together, alone = threading.Barrier(21), threading.Event()

    def hold() -> None:
        with db.engine().connect() as connection:
            connection.execute(text("SELECT 1"))
            together.wait(timeout=30)
            alone.wait(timeout=30)

    threads = [threading.Thread(target=hold) for _ in range(20)]
    for thread in threads:
        thread.start()
    together.wait(timeout=30)
    assert pool.checkedout() == 20  # pyright: ignore[reportAttributeAccessIssue]
    alone.set()
    for thread in threads:
        thread.join()
    assert pool.checkedin() == 5  # pyright: ignore[reportAttributeAccessIssue]


def test_two_migrations_at_once_both_succeed() -> None:
    with temporary_stores() as stores:
        env = {**os.environ, **stores.env(), "APP_ENV": "test"}
        command = [sys.executable, "-m", "mixmodel_app.cli", "migrate"]
        both = [subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for process in both:
            _, words = process.communicate(timeout=120)
            assert process.returncode == 0, words
        engine = create_engine(stores.database_url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
            assert connection.scalar(text("SELECT count(*) FROM workspaces")) == 0
        engine.dispose()
