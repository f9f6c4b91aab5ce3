"""Settings by concern, read once from the environment by `settings()`; tests use `Settings.from_env(mapping)`.

A wrong value is a `SettingsError` of one sentence that names the variable. In production a missing store and a missing
or weak secret are such errors too: a badly set up installation stops at once instead of running unsafely.
"""

import ipaddress
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self, cast
from urllib.parse import urlsplit

AppEnv = Literal["local", "production", "test"]

MIN_SECRET_LENGTH = 32
_MIN_DISTINCT = 10
_GUESSABLE = ("change", "example", "secret-key", "your-", "placeholder", "default", "0123456789", "insecure")
_GUESSABLE_PASSWORDS = frozenset({"postgres", "password", "mixmodel", "redis", "secret", "admin", "changeme"})
_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class SettingsError(ValueError):
    """A setting is missing or wrong; the text is one sentence for the person who starts MixModel."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Postgres by SQLAlchemy URLs, "" when unset; `replica_url` serves dashboard reads and defaults to `url`."""

    url: str = field(repr=False)
    replica_url: str = field(repr=False)
    pool_size: int
    pool_max: int


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Valkey or Redis: jobs, progress, caches, limits and Reflex's state. `url` is "" when unset."""

    url: str = field(repr=False)
    max_connections: int


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Objects: `file:///directory` or `s3://bucket`. Empty S3 keys leave the choice to boto3 (instance roles)."""

    url: str
    s3_endpoint_url: str | None
    s3_access_key: str | None = field(repr=False)
    s3_secret_key: str | None = field(repr=False)

    @property
    def is_s3(self) -> bool:
        return self.url.startswith("s3://")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Signing of tokens. Lifetimes are in seconds."""

    jwt_secret_key: str = field(repr=False)
    access_ttl_s: int = 15 * 60
    refresh_ttl_s: int = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The one port that serves everything.

    Attributes:
        host: address to listen on; this machine only unless told otherwise.
        workers: web processes; more than one needs Redis, which every start has.
        public_url: where people reach MixModel, without a slash at the end; used in invitations.
        cors_origins: origins that may call the API and open the socket from a browser.
        trusted_proxies: networks whose `X-Forwarded-For` counts.
    """

    host: str
    port: int
    workers: int
    open_browser: bool
    public_url: str
    cors_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How many fits one host runs at a time."""

    concurrency: int


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Limits of one fit in seconds: at the soft one it saves and fails with a reason, at the hard one it is killed."""

    soft_timeout_s: int
    hard_timeout_s: int


@dataclass(frozen=True, slots=True)
class SentrySettings:
    """Error reports; off without a DSN."""

    dsn: str | None = field(repr=False)
    traces_sample_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an installation can set. `home` is the data directory of the embedded start."""

    app_env: AppEnv
    home: Path
    database: DatabaseSettings
    redis: RedisSettings
    storage: StorageSettings
    auth: AuthSettings
    web: WebSettings
    worker: WorkerSettings
    runs: RunSettings
    sentry: SentrySettings

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check all; `SettingsError` for the first wrong value, in production also a missing or weak one."""
        read = _Reader(env)
        app_env = cast(AppEnv, read.choice("APP_ENV", ("local", "production", "test")))
        home = Path(read.text("MIXMODEL_HOME") or _default_home(env)).expanduser().absolute()
        found = cls(
            app_env=app_env,
            home=home,
            database=_database(read),
            redis=RedisSettings(read.url("REDIS_URL", ("redis", "rediss")), read.whole("REDIS_MAX_CONNECTIONS", 50, 5)),
            storage=_storage(read, home),
            auth=AuthSettings(read.text("JWT_SECRET_KEY")),
            web=_web(read, in_production=app_env == "production"),
            worker=WorkerSettings(read.whole("WORKER_CONCURRENCY", 1, 1, 64)),
            runs=_runs(read),
            sentry=SentrySettings(read.url("SENTRY_DSN", ("http", "https")) or None),
        )
        if found.is_production:
            _check_production(found, env)
        return found

    def require_services(self) -> None:
        """Raise `SettingsError` when a store or the signing key, which web and workers cannot do without, is unset."""
        values = {
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis.url,
            "STORAGE_URL": self.storage.url,
            "JWT_SECRET_KEY": self.auth.jwt_secret_key,
        }
        if missing := [name for name, value in values.items() if not value]:
            verb = "is" if len(missing) == 1 else "are"
            raise SettingsError(f"{', '.join(missing)} {verb} not set: set it, or start everything with `mixmodel up`.")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Tests that change the environment call `settings.cache_clear()`."""
    return Settings.from_env(os.environ)


class _Reader:
    """Typed reads from an environment; every message names the variable."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    def text(self, name: str, default: str = "") -> str:
        return self.env.get(name, "").strip() or default

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        value = self.text(name, known[0]).lower()
        if value not in known:
            raise SettingsError(f"{name} is {value!r} but must be one of {', '.join(known)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in _FLAGS:
            raise SettingsError(f"{name} is {value!r} but must be 0 or 1.")
        return _FLAGS[value]

    def whole(self, name: str, default: int, low: int, high: int = 1_000_000) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise SettingsError(f"{name} is {value!r} but must be a whole number from {low} to {high}.")
        return int(value)

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def url(self, name: str, schemes: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            # The value may hold a password, so it is not repeated here.
            raise SettingsError(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return value


def _default_home(env: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/MixModel")
    base = env.get("XDG_DATA_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path("~/.local/share")) / "mixmodel"


_POSTGRES = ("postgresql", "postgresql+psycopg", "postgres")


def _with_driver(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in _POSTGRES else url


def _database(read: _Reader) -> DatabaseSettings:
    url = _with_driver(read.url("DATABASE_URL", _POSTGRES))
    replica = _with_driver(read.url("DATABASE_REPLICA_URL", _POSTGRES)) or url
    low = read.whole("DATABASE_POOL_SIZE", 5, 1, 100)
    return DatabaseSettings(url, replica, low, read.whole("DATABASE_POOL_MAX", max(20, low), low, 500))


def _storage(read: _Reader, home: Path) -> StorageSettings:
    url = read.url("STORAGE_URL", ("file", "s3"), default=f"file://{home / 'objects'}")
    key, secret = read.text("S3_ACCESS_KEY") or None, read.text("S3_SECRET_KEY") or None
    if (key is None) != (secret is None):
        raise SettingsError("S3_ACCESS_KEY and S3_SECRET_KEY belong together: set both or neither.")
    return StorageSettings(url, read.url("S3_ENDPOINT_URL", ("http", "https")) or None, key, secret)


def _web(read: _Reader, in_production: bool) -> WebSettings:
    port = read.whole("MIXMODEL_PORT", 8000, 1, 65535)
    local = (f"http://localhost:{port}", f"http://127.0.0.1:{port}")
    public = read.url("MIXMODEL_PUBLIC_URL", ("http", "https"), default=local[0]).rstrip("/")
    return WebSettings(
        host=read.text("MIXMODEL_HOST", "127.0.0.1"),
        port=port,
        workers=read.whole("MIXMODEL_WEB_WORKERS", 1, 1, 64),
        open_browser=read.flag("MIXMODEL_OPEN_BROWSER", default=False),
        public_url=public,
        cors_origins=_origins(read) or ((public,) if in_production else tuple(dict.fromkeys((public, *local)))),
        trusted_proxies=_networks(read),
    )


def _origins(read: _Reader) -> tuple[str, ...]:
    origins = tuple(origin.rstrip("/") for origin in read.words("CORS_ORIGINS"))
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise SettingsError(f"CORS_ORIGINS holds {origin!r}, which is not an origin like https://mix.example.com.")
    return origins


def _networks(read: _Reader) -> tuple[str, ...]:
    for network in read.words("TRUSTED_PROXIES"):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise SettingsError(f"TRUSTED_PROXIES holds {network!r}, which is not an address or network.") from None
    return read.words("TRUSTED_PROXIES")


def _runs(read: _Reader) -> RunSettings:
    soft, hard = read.whole("RUN_SOFT_TIMEOUT_S", 1740, 10), read.whole("RUN_HARD_TIMEOUT_S", 1800, 10)
    if soft >= hard:
        raise SettingsError(f"RUN_SOFT_TIMEOUT_S ({soft}) must be below RUN_HARD_TIMEOUT_S ({hard}).")
    return RunSettings(soft, hard)


def _check_production(found: Settings, env: Mapping[str, str]) -> None:
    found.require_services()
    if not env.get("STORAGE_URL", "").strip():
        raise SettingsError("STORAGE_URL is not set: production needs file:///directory or s3://bucket.")
    if reason := weakness(found.auth.jwt_secret_key):
        raise SettingsError(f"JWT_SECRET_KEY {reason}; make one with `openssl rand -hex 32`.")
    for name, url in (("DATABASE_URL", found.database.url), ("REDIS_URL", found.redis.url)):
        if (urlsplit(url).password or "").lower() in _GUESSABLE_PASSWORDS:
            raise SettingsError(f"The password in {name} is a well-known default; choose another.")


def weakness(secret: str) -> str:
    """Why a signing key is weak, as the end of a sentence; "" when it is strong."""
    if len(secret) < MIN_SECRET_LENGTH:
        return f"has {len(secret)} characters but needs at least {MIN_SECRET_LENGTH}"
    if len(set(secret)) < _MIN_DISTINCT or any(word in secret.lower() for word in _GUESSABLE):
        return "is easy to guess"
    return ""
