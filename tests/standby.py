"""A hot standby of an embedded Postgres: a real replica, whose lag a test decides."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg

from mixmodel_app.local.home import Home
from mixmodel_app.local.postgres import EmbeddedPostgres


class Standby(EmbeddedPostgres):
    """A copy of `primary` that follows it by streaming replication."""

    def __init__(self, home: Path, primary: EmbeddedPostgres) -> None:
        made = Home(home.absolute())
        made.prepare()
        super().__init__(made)
        self.primary = primary
        self.password = primary.password

    def pause(self) -> None:
        """Take in nothing of what is written from now on."""
        self.ask("SELECT pg_wal_replay_pause()")

    def resume(self) -> None:
        """Catch up, and go on."""
        if self.ask("SELECT pg_is_wal_replay_paused()"):
            self.ask("SELECT pg_wal_replay_resume()")

    def ask(self, query: str) -> Any:
        """One value, asked as the administrator."""
        with psycopg.connect(_address(self), dbname="mixmodel", autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def _make_cluster(self, binaries: Path) -> None:
        new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._reachable_base()))
        self._own(new)
        options = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
        self._run(binaries / "pg_basebackup", "--dbname", _address(self.primary), "--pgdata", new, *options)
        new.rename(self.link)

    def _make_database(self) -> None:
        """It has what its primary has."""


def _address(server: EmbeddedPostgres) -> str:
    return f"host={server.socket_dir} port=5432 user=postgres password={server.password}"
