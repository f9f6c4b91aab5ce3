"""Redis or Valkey: whether it answers, is new enough, and keeps what it is given."""

from collections.abc import Iterator

from redis.exceptions import AuthenticationError, RedisError

from mixmodel_app.config import Settings
from mixmodel_app.services.doctor.diagnosis import Diagnosis, megabytes, ok, problem, reason_of, warning
from mixmodel_app.storage import inspection
from mixmodel_app.storage.inspection import RedisFacts

OLDEST = (7, 2)
_FULL = 0.8
_EVENTS = "Kgxe"


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Nothing more is said of a server that does not answer."""
    try:
        facts = inspection.valkey()
    except AuthenticationError as error:
        yield problem("redis.reachable", f"Redis refuses us: {reason_of(error)}.", "Put its password into REDIS_URL.")
        return
    except RedisError as error:
        hint = "Is it running at the address in REDIS_URL, and may this machine reach it?"
        yield problem("redis.reachable", f"Redis does not answer: {reason_of(error)}.", hint)
        return
    yield ok("redis.reachable", f"{facts.name} {facts.version} answers and uses {megabytes(facts.used)}.")
    yield _version(facts)
    yield _eviction(facts)
    yield _append_only(facts)
    yield _events(facts)
    yield _memory(facts)


def _version(facts: RedisFacts) -> Diagnosis:
    if facts.compatible < OLDEST:
        return problem("redis.version", f"{facts.name} {facts.version} is too old.", "Use version 7.2 or newer.")
    return ok("redis.version", f"Version {facts.version} is new enough.")


def _eviction(facts: RedisFacts) -> Diagnosis:
    name = "redis.eviction"
    if facts.policy != "noeviction":
        message = f"maxmemory-policy is {facts.policy}: when memory runs short, queued runs are thrown away."
        return problem(name, message, "Set maxmemory-policy to noeviction.")
    return ok(name, "Nothing is thrown away when memory runs short.")


def _append_only(facts: RedisFacts) -> Diagnosis:
    name = "redis.persistence"
    if not facts.appends:
        message = "appendonly is off: after a restart pages start anew, and runs are queued again from Postgres."
        return warning(name, message, "Set appendonly to yes and appendfsync to everysec.")
    return ok(name, "What it is given outlives a restart.")


def _events(facts: RedisFacts) -> Diagnosis:
    name = "redis.events"
    if facts.events is None:
        hint = f"Set notify-keyspace-events to {_EVENTS} at the provider, if that is not so already."
        return warning(name, "The server does not show notify-keyspace-events.", hint)
    letters = facts.events.replace("A", "g$lshzxetd")
    if not set(_EVENTS) <= set(letters):
        if facts.may_set:
            return ok(name, "The web sets notify-keyspace-events itself with the first page that needs it.")
        hint = f"Set notify-keyspace-events to {_EVENTS} at the provider: the web may not do so itself."
        return warning(name, f"notify-keyspace-events is {facts.events!r}: pages wait longer for each other.", hint)
    return ok(name, "Pages hear of each other's changes.")


def _memory(facts: RedisFacts) -> Diagnosis:
    name = "redis.memory"
    if facts.limit and facts.used > _FULL * facts.limit:
        message = f"It uses {megabytes(facts.used)} of the {megabytes(facts.limit)} that it may."
        return warning(name, message, "Raise maxmemory.")
    return ok(name, f"It may use {megabytes(facts.limit)}." if facts.limit else "Its memory has no limit of its own.")
