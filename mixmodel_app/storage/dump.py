"""Whole tables out of the database and back into it, as CSV, for backup and restore.

The schema is not part of it: migrations make it, with roles, rights and policies, on any version of Postgres. So
neither side needs the tools of a certain server, and an older backup is loaded into the tables of its time.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlmodel import Session

from mixmodel_app.config import settings

TRANSIENT = frozenset({"login_sessions", "password_resets"})
"""Not taken along: who was signed in. A restored session could be one that has been ended since."""

_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": 0,
        "idle_in_transaction_session_timeout": 0,
        "timezone": "UTC",
        "datestyle": "ISO",
        "client_encoding": "UTF8",
    }.items()
)

_TABLES = text("""
    SELECT c.relname, ARRAY(
        SELECT p.relname::text FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid
    ) FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> 'alembic_version'
""")
_COLUMNS = text("""
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
""")
_OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
    AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")


@dataclass(frozen=True, slots=True)
class TableDump:
    """One table in a backup: its columns in the order of the CSV, and its number of rows."""

    columns: tuple[str, ...]
    rows: int


class Tables:
    """The tables of the database as one connection sees them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session = Session(connection)

    def revision(self) -> str | None:
        """The last migration that was made, None in a database without tables."""
        if self.connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return None
        return self.connection.scalar(text("SELECT version_num FROM alembic_version"))

    def names(self) -> list[str]:
        """Every table that is backed up; one that others point at comes before them."""
        found = {name: set(points_at) for name, points_at in self.connection.execute(_TABLES)}
        return [name for name in TopologicalSorter(found).static_order() if name not in TRANSIENT]

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(self.connection.scalars(_COLUMNS, {"name": table}))

    def count(self, table: str) -> int:
        return self.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # names of our own tables only

    def others(self) -> int:
        """How many other connections of this account there are."""
        return self.connection.scalar(_OTHERS) or 0

    def copy_out(self, table: str, columns: tuple[str, ...]) -> Iterator[bytes]:
        """A table as CSV with a header."""
        with self._driver().cursor() as cursor:
            command = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT csv, HEADER)").format(*_names(table, columns))
            with cursor.copy(command) as copy:
                yield from map(bytes, copy)

    def copy_in(self, table: str, columns: tuple[str, ...], chunks: Iterable[bytes]) -> int:
        """Add the rows of a CSV to a table; gives their number."""
        with self._driver().cursor() as cursor:
            command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)").format(*_names(table, columns))
            with cursor.copy(command) as copy:
                for chunk in chunks:
                    copy.write(chunk)
            return cursor.rowcount

    def analyze(self) -> None:
        """Let the planner know what has been loaded."""
        self.connection.execute(text("ANALYZE"))

    def _driver(self) -> Any:
        """The connection of psycopg below, in the same transaction."""
        driver: Any = self.connection.connection.driver_connection
        return driver


def _names(table: str, columns: tuple[str, ...]) -> tuple[sql.Composable, sql.Composable]:
    return sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))


@contextmanager
def snapshot() -> Iterator[Tables]:
    """The database as it is at one moment, for as long as the block lasts; others go on writing meanwhile."""
    with _connection(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        connection.execute(text("SELECT 1"))  # the moment is that of the first statement
        yield Tables(connection)


@contextmanager
def loading() -> Iterator[Tables]:
    """One transaction that fills the tables; it commits at the end, or changes nothing."""
    with _connection() as connection:
        yield Tables(connection)
        connection.commit()


@contextmanager
def _connection(**options: Any) -> Iterator[Connection]:
    """A connection without the time limits of requests."""
    engine = create_engine(settings().database.url, poolclass=NullPool, connect_args={"options": _OPTIONS})
    with engine.connect().execution_options(**options) as connection:
        yield connection
