"""The Postgres engine, and the transaction that each use case runs in.

A transaction belongs to one workspace: the database itself then hides the rows of all others (row-level security), even
from a query that forgot to ask for its own. What has no workspace yet, or serves all, says so: `system_transaction`.

What only reads may go to a replica (`reading`): never to one that lacks something that was written in the workspace.
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
from mixmodel_app.storage import written

WORKSPACE = "mixmodel.workspace"
"""The setting of the database that names the workspace of a transaction."""

REPLICA_RESTS_S = 30.0
_log = structlog.get_logger(__name__)

_HAS_WRITTEN = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
_POSITION = text("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
_REPLAYED = text("""
    SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
            - '0/0')::bigint
""")
"""Where a replica has come to; it is a primary itself once it was promoted."""

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
    _count_in_use(made)
    return made


def _count_in_use(made: Engine) -> None:
    """Each that is handed out counts until it comes back; one that could not be made comes back all the same."""
    in_use = CONNECTIONS.labels("postgres")

    def out(_connection: Any, record: Any, _proxy: Any) -> None:
        record.record_info[CONNECTIONS] = True
        in_use.inc()

    def back(_connection: Any, record: Any) -> None:
        if record.record_info.pop(CONNECTIONS, False):
            in_use.dec()

    event.listen(made, "checkout", out)
    event.listen(made, "checkin", back)


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process, made at the first use; a forked child must call `after_fork` first."""
    return _make(settings().database.url)


@lru_cache(maxsize=1)
def replica_engine() -> Engine:
    """The engine of the replica; the primary's when none is configured."""
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
    with _unit(of.workspace_id) as session:
        _confine(session, of.workspace_id)
        yield session


@contextmanager
def system_transaction() -> Iterator[Session]:
    """`transaction` across all workspaces: for who is not in one yet, for sign-ins, and for worker and janitor."""
    with _unit(None) as session:
        yield session


@contextmanager
def _unit(workspace_id: UUID | None) -> Iterator[Session]:
    has_written = False
    with _storable(), Session(engine(), expire_on_commit=False) as session:
        yield session
        has_written = _has_replica() and _has_written(session)
        session.commit()
    if has_written:
        _note_written(workspace_id)


@contextmanager
def _storable() -> Iterator[None]:
    try:
        yield
    except (DataError, UnicodeEncodeError) as error:
        raise InvalidInput(
            "A value in the request cannot be stored.", hint="Leave out control characters and broken letters."
        ) from error


def _has_written(session: Session) -> bool:
    session.flush()
    return session.in_transaction() and bool(session.scalar(_HAS_WRITTEN))


def _note_written(workspace_id: UUID | None) -> None:
    """Let nobody read a replica that does not have what was just committed."""
    try:
        with engine().connect() as connection:
            written.note(workspace_id, connection.scalar(_POSITION) or 0)
    except OperationalError as error:  # it is written all the same
        _log.warning("what was written is not noted", error=repr(error.orig))


@contextmanager
def reading(of: Tenanted) -> Iterator[Session]:
    """A read-only unit of work in one workspace: what it finds is never older than what was last written there.

    It goes to the replica when there is one that answers and has come so far, else to the primary.

    Raises:
        InvalidInput: a value cannot be in the database, as for `transaction`.
    """
    with (
        _storable(),
        _reader(of.workspace_id) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        _confine(session, of.workspace_id)
        yield session


_replica_rests_until = 0.0


def _has_replica() -> bool:
    return replica_engine() is not engine()


def _reader(workspace_id: UUID) -> Connection:
    """A connection for reads. A replica that does not answer is left alone for a while, so that few have to wait."""
    global _replica_rests_until
    if not _has_replica() or time.monotonic() < _replica_rests_until:
        return engine().connect()
    needed = written.position(workspace_id)
    try:
        found = _replica_at(needed) if needed is not None else None
    except OperationalError as error:
        _replica_rests_until = time.monotonic() + REPLICA_RESTS_S
        _log.warning("the replica does not answer", error=repr(error.orig))
        found = None
    return engine().connect() if found is None else found


def _replica_at(needed: int) -> Connection | None:
    """A connection to the replica; None when it has not come to a position yet, or does not say where it is."""
    connection = replica_engine().connect()
    try:
        replayed = connection.scalar(_REPLAYED)
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    if replayed is not None and replayed >= needed:
        return connection
    connection.close()
    return None


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
