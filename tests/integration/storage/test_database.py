"""Connections: how many, how long a statement may take, and two migrations at once."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from mixmodel_app.local.stack import temporary_stores
from mixmodel_app.storage import db
from tests.integration.conftest import forget_connections

ROOT = Path(__file__).resolve().parents[3]


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
