"""Postgres: whether it answers, is new enough, has our tables, and holds workspaces apart."""

from collections.abc import Iterator

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from mixmodel_app.config import TENANT_ROLE, Settings
from mixmodel_app.local.frontend import PROJECT
from mixmodel_app.services.doctor.diagnosis import Diagnosis, megabytes, ok, problem, reason_of, warning
from mixmodel_app.storage import inspection
from mixmodel_app.storage.inspection import PostgresFacts

OLDEST = 16
CLOCK_WARNING_S, CLOCK_PROBLEM_S = 2.0, 10.0
_RESERVED = 10
"""Connections left to workers, janitor and administrators."""

_HINTS = {
    "password authentication failed": "The user or the password in DATABASE_URL is not that of the server.",
    "no password supplied": "DATABASE_URL has no password.",
    "does not exist": "Make role and database as in deploy/create-database.sh.",
    "could not translate host name": "The host in DATABASE_URL has no address; is the name right?",
    "failed to resolve host": "The host in DATABASE_URL has no address; is the name right?",
    "too many clients": "Raise max_connections, or lower DATABASE_POOL_MAX.",
}


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Nothing more is said of a server that does not answer."""
    try:
        facts = inspection.postgres()
    except OperationalError as error:
        yield _unreachable(settings, reason_of(error))
        return
    yield ok("database.reachable", f"Postgres {facts.version} answers; the database holds {megabytes(facts.size)}.")
    yield _version(facts)
    yield _migrations(facts)
    yield from _separation(facts)
    yield _clock(facts)
    yield _connections(settings, facts)


def _unreachable(settings: Settings, reason: str) -> Diagnosis:
    url = make_url(settings.database.url)
    place = f"{url.host or url.query.get('host', 'this machine')}:{url.port or 5432}"
    known = next((hint for sign, hint in _HINTS.items() if sign in reason), "")
    hint = known or f"Is Postgres running at {place}, and may this machine reach it?"
    return problem("database.reachable", f"Postgres does not answer: {reason}.", hint)


def _version(facts: PostgresFacts) -> Diagnosis:
    if facts.major < OLDEST:
        return problem("database.version", f"Postgres {facts.version} is too old.", f"Use version {OLDEST} or newer.")
    return ok("database.version", f"Version {facts.version} is new enough.")


def _migrations(facts: PostgresFacts) -> Diagnosis:
    name, do = "database.migrations", "Run `mixmodel migrate`."
    scripts = ScriptDirectory.from_config(Config(PROJECT / "alembic.ini"))
    newest = scripts.get_current_head() or ""
    if facts.revision == newest:
        return ok(name, f"The tables are those of this version ({newest}).")
    if not facts.revision:
        return problem(name, "The database has no tables yet.", do)
    if facts.revision in {script.revision for script in scripts.walk_revisions()}:
        return problem(name, f"The tables are of an earlier version ({facts.revision}; this one has {newest}).", do)
    hint = "Run the newer MixModel everywhere, or restore the backup from before its upgrade."
    return problem(name, f"The tables are of a newer version ({facts.revision}; this one knows {newest}).", hint)


def _separation(facts: PostgresFacts) -> Iterator[Diagnosis]:
    name = "database.separation"
    if facts.unbound:
        hint = "Use an account as in deploy/create-database.sh: NOSUPERUSER NOBYPASSRLS."
        yield problem(name, "The account in DATABASE_URL is above row-level security.", hint)
        return
    if not facts.acts_as_tenant:
        hint = f"As an administrator: CREATE ROLE {TENANT_ROLE} NOLOGIN; GRANT {TENANT_ROLE} TO the account."
        what = "does not exist" if facts.acts_as_tenant is None else "is not granted to the account in DATABASE_URL"
        yield problem(name, f"The role {TENANT_ROLE}, which requests act as, {what}.", hint)
        return
    if facts.unguarded:
        hint = "Run `mixmodel migrate`; if it stays, enable row level security on them."
        yield problem(name, f"Not separated by workspace: {', '.join(facts.unguarded)}.", hint)
        return
    yield ok(name, "The database keeps workspaces apart.")


def _clock(facts: PostgresFacts) -> Diagnosis:
    name, size = "database.clock", abs(facts.ahead_s)
    if size < CLOCK_WARNING_S:
        return ok(name, f"The clocks of database and this machine differ by {size * 1000:.0f} ms.")
    message = f"The clock of the database is {size:.0f} s {'ahead of' if facts.ahead_s > 0 else 'behind'} ours."
    hint = "Let both follow a time server: heartbeats of runs and the life of sessions go by them."
    return problem(name, message, hint) if size >= CLOCK_PROBLEM_S else warning(name, message, hint)


def _connections(settings: Settings, facts: PostgresFacts) -> Diagnosis:
    name = "database.connections"
    wanted = settings.web.workers * settings.database.pool_max + settings.worker.concurrency * 2 + _RESERVED
    if wanted > facts.max_connections:
        return warning(
            name,
            f"One web container here may open {wanted} connections, the server takes {facts.max_connections}.",
            "Lower DATABASE_POOL_MAX or MIXMODEL_WEB_WORKERS, or raise max_connections.",
        )
    return ok(name, f"The server takes {facts.max_connections} connections; this machine may open {wanted}.")
