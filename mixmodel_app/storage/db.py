"""The Postgres engine, and the transaction that each use case runs in.

A transaction belongs to one workspace: the database itself then hides the rows of all others (row-level security), even
from a query that forgot to ask for its own. What has no workspace yet, or serves all, says so: `system_transaction`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, OperationalError
from sqlmodel import Session

from mixmodel_app.config import TENANT_ROLE, settings
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.metrics import CONNECTIONS

WORKSPACE = "mixmodel.workspace"
"""The setting of the database that names the workspace of a transaction."""

REPLICA_RESTS_S = 30.0
_log = structlog.get_logger(__name__)

_BECOME_TENANT = text("SELECT set_config('role', :role, true), set_config(:name, :id, true)")
_OPTIONS = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"


def _make(url: str) -> Engine:
    pool = settings().database
    made = create_engine(
        url,
        pool_size=pool.pool_size,
        max_overflow=pool.pool_max - pool.pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,  # errors would tell what was to be stored
        connect_args={"options": _OPTIONS, "connect_timeout": 5},
    )
    in_use = CONNECTIONS.labels("postgres")
    event.listen(made, "checkout", lambda *_: in_use.inc())
    event.listen(made, "checkin", lambda *_: in_use.dec())
    return made


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process, made at the first use; a forked child must call `after_fork` first."""
    return _make(settings().database.url)


@lru_cache(maxsize=1)
def replica_engine() -> Engine:
    """The engine for reads that may lag; the primary when no replica is configured."""
    replica = settings().database.replica_url
    return engine() if replica == settings().database.url else _make(replica)


def after_fork() -> None:
    """Forget connections inherited from the parent process without closing them there."""
    for make in (engine, replica_engine):
        if make.cache_info().currsize:
            make().dispose(close=False)
    engine.cache_clear()
    replica_engine.cache_clear()


class Tenanted(Protocol):
    """Whatever belongs to a workspace: the person who asks, or a row of theirs."""

    @property
    def workspace_id(self) -> UUID: ...


@contextmanager
def transaction(of: Tenanted) -> Iterator[Session]:
    """One unit of work in the workspace of `of`: commits at the end, rolls back on any exception.

    Rows of other workspaces can neither be seen nor written in it, and tables that belong to no workspace (sign-ins,
    second factors) not be read at all. Objects stay readable afterwards.

    Raises:
        InvalidInput: a value cannot be stored, such as a text with a NUL or half of a surrogate pair.
    """
    with system_transaction() as session:
        _confine(session, of.workspace_id)
        yield session


@contextmanager
def system_transaction() -> Iterator[Session]:
    """`transaction` across all workspaces: for who is not in one yet, for sign-ins, and for worker and janitor."""
    with Session(engine(), expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except (DataError, UnicodeEncodeError) as error:
            raise InvalidInput(
                "A value in the request cannot be stored.", hint="Leave out control characters and broken letters."
            ) from error


@contextmanager
def reading(of: Tenanted) -> Iterator[Session]:
    """A read-only unit of work in one workspace, on the replica when there is one that answers, else on the primary."""
    with _reader() as connection, Session(connection, expire_on_commit=False) as session:
        _confine(session, of.workspace_id)
        yield session


_replica_rests_until = 0.0


def _reader() -> Connection:
    """A connection for reads. A replica that does not answer is left alone for a while, so that few have to wait."""
    global _replica_rests_until
    if replica_engine() is engine() or time.monotonic() < _replica_rests_until:
        return engine().connect()
    try:
        return replica_engine().connect()
    except OperationalError as error:
        _replica_rests_until = time.monotonic() + REPLICA_RESTS_S
        _log.warning("the replica does not answer", error=repr(error.orig))
        return engine().connect()


def _confine(session: Session, workspace_id: UUID) -> None:
    """Make each transaction of the session start as the tenants' role, in one workspace.

    Both settings end with the transaction, so a pooled connection never carries them on.
    """

    def become_tenant(_session: Any, _transaction: Any, connection: Connection) -> None:
        connection.execute(_BECOME_TENANT, {"role": TENANT_ROLE, "name": WORKSPACE, "id": str(workspace_id)})

    event.listen(session, "after_begin", become_tenant)


def ping() -> None:
    """`SELECT 1`, raising when the database does not answer."""
    with engine().connect() as connection:
        connection.execute(text("SELECT 1"))
