"""The Postgres engine, and the transaction that each use case runs in."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from mixmodel_app.config import settings

_OPTIONS = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"


def _make(url: str) -> Engine:
    pool = settings().database
    return create_engine(
        url,
        pool_size=pool.pool_size,
        max_overflow=pool.pool_max - pool.pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"options": _OPTIONS, "connect_timeout": 5},
    )


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


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any exception. Objects stay readable afterwards."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """A read-only unit of work on the replica when there is one."""
    with Session(replica_engine(), expire_on_commit=False) as session:
        yield session


def ping() -> None:
    """`SELECT 1`, raising when the database does not answer."""
    with engine().connect() as connection:
        connection.execute(text("SELECT 1"))
