"""Settings by concern, read once from the environment by `settings()`; tests use `Settings.from_env(mapping)`.

A wrong value is a `SettingsError` of one sentence that names the variable. In production a missing store and a missing
or weak secret are such errors too (`production`): a badly set up installation stops instead of running unsafely.
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

from mixmodel_app.environment import Reader
from mixmodel_app.environment import SettingsError as SettingsError
from mixmodel_app.production import problem_of
from mixmodel_app.secret_files import SecretFileError, resolved

AppEnv = Literal["local", "production", "test"]

QUEUES = ("quick", "fits")
"""The lines that runs wait in; a worker takes from the first before the second."""

TENANT_ROLE = "mixmodel_tenant"
"""The database role that requests act as, in one workspace; migration 0011 says what it may do."""

SOCKET_MESSAGE_BYTES = 256 * 1024
"""The largest message that a browser may send through the socket; files go by HTTP."""

MIN_TOKEN_LENGTH = 16


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Postgres by SQLAlchemy URLs, "" when unset; `replica_url` serves what only reads and defaults to `url`."""

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
        slow_client_s: seconds that a client may stop in the middle of a request or of reading its answer.
        sockets_per_address: WebSockets that one address may have open with one web process.
        stop_grace_s: seconds in which requests under way are finished when the web is told to stop.
    """

    host: str
    port: int
    workers: int
    open_browser: bool
    public_url: str
    cors_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    slow_client_s: int
    sockets_per_address: int
    stop_grace_s: int


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How many fits one host runs at a time, 0 for what its cores and memory carry, and from which lines."""

    concurrency: int
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Limits of one fit in seconds: at the soft one it saves and fails with a reason, at the hard one it is killed.

    `per_workspace` is how many runs of one workspace may be in line or on a worker; 0 leaves one worker to others.
    """

    soft_timeout_s: int
    hard_timeout_s: int
    per_workspace: int


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """What the janitor clears away by itself.

    Attributes:
        run_days: runs that ended longer ago go; 0 keeps all.
        keep_runs: of each dataset so many of the newest finished runs stay, however old.
        only_models: takes their model files alone, by far the largest part; their results stay.
    """

    run_days: int
    keep_runs: int
    only_models: bool


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server for letters, `smtp://user:password@host:587` or `smtps://…`, "" for none, and their sender."""

    url: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Sign-in by an OpenID Connect provider; off without an issuer.

    Attributes:
        issuer: the provider's address, without a slash at the end; its discovery document lies below.
        name: what people know the provider by.
        only: nobody signs in by password any more.
        domains: of the emails that may sign in, in lower case; all when empty.
        trust_email: emails count as verified where the provider does not say whether they are.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    only: bool
    domains: tuple[str, ...]
    trust_email: bool

    @property
    def is_on(self) -> bool:
        return bool(self.issuer)


@dataclass(frozen=True, slots=True)
class SentrySettings:
    """Error reports; off without a DSN."""

    dsn: str | None = field(repr=False)
    traces_sample_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class OperationSettings:
    """Who runs the installation, and how Prometheus shows that it may read.

    Attributes:
        operators: emails, in lower case, of people who see the whole installation.
        metrics_token: what `/metrics` asks for; "" leaves it to programs of the same machine.
    """

    operators: tuple[str, ...]
    metrics_token: str = field(repr=False)


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
    retention: RetentionSettings
    mail: MailSettings
    oidc: OidcSettings
    sentry: SentrySettings
    operation: OperationSettings

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check all; `SettingsError` for the first wrong value, in production also a missing or weak one."""
        try:
            env = resolved(env)
        except SecretFileError as error:
            raise SettingsError(str(error)) from None
        read = Reader(env)
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
            worker=WorkerSettings(read.whole("WORKER_CONCURRENCY", 0, 0, 64), _lines(read)),
            runs=_runs(read),
            retention=_retention(read),
            mail=_mail(read),
            oidc=_oidc(read, in_production=app_env == "production"),
            sentry=SentrySettings(read.url("SENTRY_DSN", ("http", "https")) or None),
            operation=_operation(read),
        )
        if found.is_production:
            found.require_services()
            if problem := problem_of(found, env):
                raise SettingsError(problem)
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


def _default_home(env: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/MixModel")
    base = env.get("XDG_DATA_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path("~/.local/share")) / "mixmodel"


_POSTGRES = ("postgresql", "postgresql+psycopg", "postgres")


def _with_driver(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in _POSTGRES else url


def _database(read: Reader) -> DatabaseSettings:
    url = _with_driver(read.url("DATABASE_URL", _POSTGRES))
    replica = _with_driver(read.url("DATABASE_REPLICA_URL", _POSTGRES)) or url
    low = read.whole("DATABASE_POOL_SIZE", 5, 1, 100)
    return DatabaseSettings(url, replica, low, read.whole("DATABASE_POOL_MAX", max(20, low), low, 500))


def _storage(read: Reader, home: Path) -> StorageSettings:
    url = read.url("STORAGE_URL", ("file", "s3"), default=f"file://{home / 'objects'}")
    key, secret = read.text("S3_ACCESS_KEY") or None, read.text("S3_SECRET_KEY") or None
    if (key is None) != (secret is None):
        raise SettingsError("S3_ACCESS_KEY and S3_SECRET_KEY belong together: set both or neither.")
    return StorageSettings(url, read.url("S3_ENDPOINT_URL", ("http", "https")) or None, key, secret)


def _web(read: Reader, in_production: bool) -> WebSettings:
    port = read.whole("MIXMODEL_PORT", 8000, 1, 65535)
    local = (f"http://localhost:{port}", f"http://127.0.0.1:{port}")
    origins = _origins(read)
    known = origins[0] if in_production and origins else local[0]
    public = read.url("MIXMODEL_PUBLIC_URL", ("http", "https"), default=known).rstrip("/")
    return WebSettings(
        host=read.text("MIXMODEL_HOST", "127.0.0.1"),
        port=port,
        workers=read.whole("MIXMODEL_WEB_WORKERS", 1, 1, 64),
        open_browser=read.flag("MIXMODEL_OPEN_BROWSER", default=False),
        public_url=public,
        cors_origins=origins or ((public,) if in_production else tuple(dict.fromkeys((public, *local)))),
        trusted_proxies=_networks(read),
        slow_client_s=read.whole("MIXMODEL_SLOW_CLIENT_S", 15, 1, 60),
        sockets_per_address=read.whole("MIXMODEL_SOCKETS_PER_ADDRESS", 300, 1),
        stop_grace_s=read.whole("MIXMODEL_STOP_GRACE_S", 1, 1, 600),
    )


def _origins(read: Reader) -> tuple[str, ...]:
    origins = tuple(origin.rstrip("/") for origin in read.words("CORS_ORIGINS"))
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise SettingsError(f"CORS_ORIGINS holds {origin!r}, which is not an origin like https://mix.example.com.")
    return origins


def _networks(read: Reader) -> tuple[str, ...]:
    for network in read.words("TRUSTED_PROXIES"):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise SettingsError(f"TRUSTED_PROXIES holds {network!r}, which is not an address or network.") from None
    return read.words("TRUSTED_PROXIES")


def _runs(read: Reader) -> RunSettings:
    soft, hard = read.whole("RUN_SOFT_TIMEOUT_S", 1740, 10), read.whole("RUN_HARD_TIMEOUT_S", 1800, 10)
    if soft >= hard:
        raise SettingsError(f"RUN_SOFT_TIMEOUT_S ({soft}) must be below RUN_HARD_TIMEOUT_S ({hard}).")
    return RunSettings(soft, hard, read.whole("RUNS_PER_WORKSPACE", 0, 0, 10_000))


def _lines(read: Reader) -> tuple[str, ...]:
    found = read.words("WORKER_QUEUES") or QUEUES
    unknown = sorted(set(found) - set(QUEUES))
    if unknown:
        raise SettingsError(f"WORKER_QUEUES names {', '.join(unknown)} but knows only {' and '.join(QUEUES)}.")
    return found


def _retention(read: Reader) -> RetentionSettings:
    what = read.choice("RETENTION_OF", ("runs", "models"))
    return RetentionSettings(
        run_days=read.whole("RETENTION_DAYS", 0, 0, 36_500),
        keep_runs=read.whole("RETENTION_KEEP", 3, 1, 1000),
        only_models=what == "models",
    )


def _mail(read: Reader) -> MailSettings:
    found = MailSettings(read.url("SMTP_URL", ("smtp", "smtps")), read.text("SMTP_FROM"))
    if found.url and "@" not in found.sender:
        raise SettingsError("SMTP_FROM must be an email address that letters are sent from, since SMTP_URL is set.")
    return found


def _oidc(read: Reader, in_production: bool) -> OidcSettings:
    issuer = read.url("OIDC_ISSUER", ("https",) if in_production else ("https", "http")).rstrip("/")
    if issuer and ({"?", "#", "@"} & set(issuer) or not urlsplit(issuer).netloc):
        raise SettingsError("OIDC_ISSUER must be the plain address of the provider, like https://id.example.com.")
    found = OidcSettings(
        issuer=issuer,
        client_id=read.text("OIDC_CLIENT_ID"),
        client_secret=read.text("OIDC_CLIENT_SECRET"),
        name=read.text("OIDC_NAME", "single sign-on")[:40],
        only=read.flag("OIDC_ONLY", default=False),
        domains=tuple(word.lower().removeprefix("@") for word in read.words("OIDC_DOMAINS")),
        trust_email=read.flag("OIDC_TRUST_EMAIL", default=False),
    )
    if issuer and not (found.client_id and found.client_secret):
        raise SettingsError("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
    if not issuer and (found.client_id or found.client_secret or found.only):
        raise SettingsError("OIDC_ISSUER is not set, but other OIDC settings are: set it, or unset them.")
    return found


def _operation(read: Reader) -> OperationSettings:
    operators = tuple(email.lower() for email in read.words("OPERATORS"))
    if wrong := next((email for email in operators if "@" not in email), None):
        raise SettingsError(f"OPERATORS holds {wrong!r}, which is not an email address.")
    token = read.text("METRICS_TOKEN")
    if token and len(token) < MIN_TOKEN_LENGTH:
        raise SettingsError(f"METRICS_TOKEN has {len(token)} characters but needs at least {MIN_TOKEN_LENGTH}.")
    return OperationSettings(operators, token)
