"""What Postgres and Redis say about themselves: versions, settings, rights. No row of any table of ours is read."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import ResponseError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from mixmodel_app.config import TENANT_ROLE
from mixmodel_app.storage import db, redis

_SERVER = text(
    """
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_version') AS version,
           current_setting('max_connections')::int AS max_connections,
           pg_database_size(current_database()) AS size,
           rolsuper OR rolbypassrls AS unbound,
           (SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = :tenant) AS acts_as_tenant,
           clock_timestamp() AS clock
    FROM pg_roles WHERE rolname = current_user
    """
)
_UNGUARDED = text(
    """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'workspace_id'
          AND NOT a.attisdropped AND NOT c.relrowsecurity
    ORDER BY 1
    """
)


@dataclass(frozen=True, slots=True)
class PostgresFacts:
    """Of the server behind `DATABASE_URL`.

    Attributes:
        size: of our database, in bytes.
        unbound: whether our account is above row-level security.
        acts_as_tenant: whether it may act as the tenants' role; None when that does not exist.
        unguarded: tables of workspaces without row-level security.
        revision: of the migrations, "" when there are no tables yet.
        ahead_s: seconds by which its clock is ahead of ours.
    """

    version: str
    major: int
    max_connections: int
    size: int
    unbound: bool
    acts_as_tenant: bool | None
    unguarded: tuple[str, ...]
    revision: str
    ahead_s: float


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """Of the server behind `REDIS_URL`.

    Attributes:
        name: Redis or Valkey.
        compatible: version of Redis that it stands for, as (major, minor).
        events: of `notify-keyspace-events`; None where the provider does not show it.
        may_set: whether we may change that ourselves, as Reflex does when the first page needs it.
        used, limit: memory in bytes; limit 0 is none.
    """

    name: str
    version: str
    compatible: tuple[int, int]
    policy: str
    appends: bool
    events: str | None
    may_set: bool
    used: int
    limit: int


def postgres() -> PostgresFacts:
    """Ask Postgres. Raises what SQLAlchemy raises when it does not answer."""
    with db.engine().connect() as connection:
        asked = time.time()
        row = connection.execute(_SERVER, {"tenant": TENANT_ROLE}).mappings().one()
        middle = datetime.fromtimestamp((asked + time.time()) / 2, UTC)
        unguarded = tuple(connection.execute(_UNGUARDED).scalars())
    return PostgresFacts(
        version=row["version"].split()[0],
        major=row["major"],
        max_connections=row["max_connections"],
        size=row["size"],
        unbound=row["unbound"],
        acts_as_tenant=row["acts_as_tenant"],
        unguarded=unguarded,
        revision=_revision(),
        ahead_s=(row["clock"] - middle).total_seconds(),
    )


def _revision() -> str:
    try:
        with db.engine().connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    except ProgrammingError:  # the table comes with the first migration
        return ""


def valkey() -> RedisFacts:
    """Ask Redis. Raises what redis-py raises when it does not answer."""
    info: Any = redis.client().info()
    name = "Valkey" if "valkey_version" in info else "Redis"
    events = _events()
    major, minor = str(info["redis_version"]).split(".")[:2]
    return RedisFacts(
        name=name,
        version=str(info.get("valkey_version", info["redis_version"])),
        compatible=(int(major), int(minor)),
        policy=str(info.get("maxmemory_policy", "")),
        appends=bool(info.get("aof_enabled")),
        events=events,
        may_set=events is not None and _may_set(events),
        used=int(info.get("used_memory", 0)),
        limit=int(info.get("maxmemory", 0)),
    )


def _may_set(events: str) -> bool:
    """Whether `CONFIG SET` is allowed: asked by setting what is set already."""
    try:
        redis.client().config_set("notify-keyspace-events", events)
    except ResponseError:
        return False
    return True


def _events() -> str | None:
    try:
        found: Any = redis.client().config_get("notify-keyspace-events")
    except ResponseError:  # managed servers forbid CONFIG
        return None
    return str(found.get("notify-keyspace-events", ""))
