"""Whether secrets are strong, and kept from other accounts."""

import os
from collections.abc import Iterator
from pathlib import Path

from mixmodel_app.config import Settings
from mixmodel_app.production import weakness
from mixmodel_app.services.doctor.diagnosis import Diagnosis, ok, problem, warning

_OTHERS = 0o077


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """The signing key, and the files that hold secrets."""
    yield _key(settings)
    yield _files(settings)
    if settings.is_production and not settings.web.trusted_proxies:
        yield warning(
            "secrets.proxies",
            "TRUSTED_PROXIES is not set, so behind a proxy everybody has the proxy's address and shares its limits.",
            "Name the network of the proxy, like 172.30.7.0/24.",
        )


def _key(settings: Settings) -> Diagnosis:
    name = "secrets.signing_key"
    if reason := weakness(settings.auth.jwt_secret_key):
        return problem(name, f"JWT_SECRET_KEY {reason}.", "Make one with `openssl rand -hex 32`.")
    return ok(name, "The key that signs sessions is strong.")


def _files(settings: Settings) -> Diagnosis:
    name = "secrets.files"
    candidates = [Path(".env"), *(settings.home / "secrets").glob("*"), settings.home / "instance.json"]
    found = [path for path in candidates if path.is_file()]
    if open_to_others := [str(path) for path in found if path.stat().st_mode & _OTHERS]:
        listed = " ".join(open_to_others)
        return problem(name, f"Other accounts of this machine may read {listed}.", f"Run `chmod 600 {listed}`.")
    folder = settings.home / "secrets"
    if folder.is_dir() and folder.stat().st_mode & _OTHERS and os.name == "posix":
        return problem(name, f"Other accounts of this machine may look into {folder}.", f"Run `chmod 700 {folder}`.")
    return ok(name, f"{len(found)} files with secrets are kept from other accounts.")
