"""What production insists on: every store named, secrets that nobody guesses, an address that cookies work under."""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

if TYPE_CHECKING:
    from mixmodel_app.config import Settings

MIN_SECRET_LENGTH = 32
MIN_PASSWORD_LENGTH = 8
_MIN_DISTINCT = 10
_MAX_STEPS_IN_ORDER = 0.5
_GUESSABLE = (
    "change",
    "example",
    "secret",
    "your-",
    "your_",
    "placeholder",
    "default",
    "0123456789",
    "insecure",
    "password",
    "qwerty",
    "letmein",
    "mixmodel",
)
_GUESSABLE_PASSWORDS = frozenset(
    {"postgres", "password", "mixmodel", "redis", "valkey", "secret", "admin", "changeme", "change-me", "changeit"}
    | {"password1", "password123", "12345678", "123456789", "letmein", "qwertyui", "database", "default", "foobared"}
)
_GUESSABLE_KEYS = frozenset(
    {"minioadmin", "minio", "minio123", "rustfsadmin", "admin", "any", "test", "testing", "secret", "password"}
    | {"accesskey", "secretkey", "some_access_key1", "some_secret_key1", "changeme", "key", "none"}
)
_RANDOM = "make one with `openssl rand -hex 32`"
_HERE = ("localhost", "127.0.0.1", "::1")


def problem_of(found: "Settings", env: Mapping[str, str]) -> str:
    """The first reason not to start, as one sentence that says what to do; "" when there is none."""
    if not env.get("STORAGE_URL", "").strip():
        return "STORAGE_URL is not set: production needs file:///directory or s3://bucket."
    if reason := weakness(found.auth.jwt_secret_key):
        return f"JWT_SECRET_KEY {reason}; {_RANDOM}."
    return _stores(found) or _objects(found) or _address(found, env)


def weakness(secret: str) -> str:
    """Why a signing key is weak, as the end of a sentence; "" when it is strong."""
    if len(secret) < MIN_SECRET_LENGTH:
        return f"has {len(secret)} characters but needs at least {MIN_SECRET_LENGTH}"
    lower = secret.lower()
    if len(set(secret)) < _MIN_DISTINCT or any(word in lower for word in _GUESSABLE):
        return "is easy to guess"
    if lower in (lower + lower)[1:-1]:
        return "repeats itself and so is easy to guess"
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(lower)]
    if sum(step in (-1, 0, 1) for step in steps) > _MAX_STEPS_IN_ORDER * len(steps):
        return "follows an order and so is easy to guess"
    return ""


def _stores(found: "Settings") -> str:
    """Passwords of the stores. A socket of this machine asks the system who calls, and needs none."""
    urls = {
        "DATABASE_URL": found.database.url,
        "DATABASE_REPLICA_URL": found.database.replica_url,
        "REDIS_URL": found.redis.url,
    }
    for name, url in urls.items():
        parts = urlsplit(url)
        if parts.hostname and (reason := _password_weakness(parts)):
            return f"The password in {name} {reason}; {_RANDOM}."
    return ""


def _password_weakness(parts: SplitResult) -> str:
    password = unquote(parts.password or "")
    if not password:
        return "is missing"
    if password.lower() in _GUESSABLE_PASSWORDS or password == parts.username:
        return "is a well-known default"
    if len(password) < MIN_PASSWORD_LENGTH or len(set(password)) < MIN_PASSWORD_LENGTH // 2:
        return f"is too short or too simple (at least {MIN_PASSWORD_LENGTH} characters)"
    return ""


def _objects(found: "Settings") -> str:
    keys = {"S3_ACCESS_KEY": found.storage.s3_access_key, "S3_SECRET_KEY": found.storage.s3_secret_key}
    for name, key in keys.items():
        if key is not None and (key.lower() in _GUESSABLE_KEYS or "example" in key.lower()):
            return f"{name} is a well-known default; make keys of your own at the S3 server."
    secret = found.storage.s3_secret_key
    if secret is not None and len(secret) < MIN_PASSWORD_LENGTH:
        return f"S3_SECRET_KEY has {len(secret)} characters; make a longer one at the S3 server."
    return ""


def _address(found: "Settings", env: Mapping[str, str]) -> str:
    if not (env.get("MIXMODEL_PUBLIC_URL", "").strip() or env.get("CORS_ORIGINS", "").strip()):
        return "MIXMODEL_PUBLIC_URL is not set: name the address that people open, like https://mix.example.com."
    parts = urlsplit(found.web.public_url)
    if parts.scheme != "https" and parts.hostname not in _HERE:
        return "MIXMODEL_PUBLIC_URL must start with https://, since browsers keep session cookies under HTTPS only."
    return ""
