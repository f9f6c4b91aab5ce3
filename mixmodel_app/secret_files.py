"""Secrets that come as files: `JWT_SECRET_KEY_FILE=/run/secrets/jwt` instead of `JWT_SECRET_KEY=…`.

An environment is seen by everything that can look at a process; a file is read by one account. `config` calls
`resolved` before it reads anything, so that the rest of the program knows no difference.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

SECRETS = (
    "DATABASE_PASSWORD",
    "DATABASE_REPLICA_URL",
    "DATABASE_URL",
    "JWT_SECRET_KEY",
    "METRICS_TOKEN",
    "OIDC_CLIENT_SECRET",
    "REDIS_PASSWORD",
    "REDIS_URL",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "SENTRY_DSN",
    "SMTP_URL",
)
_PASSWORDS = {
    "DATABASE_PASSWORD": ("DATABASE_URL", "DATABASE_REPLICA_URL"),
    "REDIS_PASSWORD": ("REDIS_URL",),
}
"""Where a password goes that is given apart from its URL."""

_OTHERS_MAY = 0o077


class SecretFileError(ValueError):
    """A file cannot be used; the text is one sentence for the person who starts MixModel."""


def resolved(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with the contents of the named files in it, and each password in the URL that lacks one.

    In production a file that others may read or write stops the start: a secret that is left lying around is none.

    Raises:
        SecretFileError: with what is wrong and what to do.
    """
    found = dict(env)
    strict = env.get("APP_ENV", "").strip().lower() == "production"
    for name in SECRETS:
        place = env.get(f"{name}_FILE", "").strip()
        if not place:
            continue
        if env.get(name, "").strip():
            raise SecretFileError(f"{name} and {name}_FILE are both set: keep one of them.")
        found[name] = _content(f"{name}_FILE", Path(place), strict)
    for name, urls in _PASSWORDS.items():
        for url in urls:
            if found.get(name, "").strip() and found.get(url, "").strip():
                found[url] = _with_password(found[url].strip(), found[name].strip())
    return found


def _content(name: str, path: Path, strict: bool) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SecretFileError(f"{name} names {path}, which cannot be read: {reason}.") from None
    if strict and mode & _OTHERS_MAY:
        raise SecretFileError(
            f"{name} names {path}, which other accounts may read or write (mode {mode & 0o777:04o}); "
            f"run `chmod 600 {path}`."
        )
    if not text:
        raise SecretFileError(f"{name} names {path}, which is empty.")
    return text


def _with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    if parts.password or "://" not in url:
        return url
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.rstrip(':') if at else ''}:{quote(password, safe='')}@{host}"))
