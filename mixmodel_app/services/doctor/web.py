"""The pages: whether they are built, served, and served where people look for them."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from mixmodel_app import __version__
from mixmodel_app.config import Settings
from mixmodel_app.local import frontend, processes
from mixmodel_app.services.doctor.diagnosis import Diagnosis, ok, problem, reason_of, warning

_TIMEOUT_S = 5


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """From the build to the public address."""
    yield _built()
    url = settings.web.public_url
    try:
        health = _get(f"{url}/health")
    except OSError as error:
        yield _unreachable(settings, reason_of(error))
        return
    if health is None:
        yield problem("web.reachable", f"{url} is answered by something else than MixModel.", _port_hint(settings))
        return
    yield ok("web.reachable", f"MixModel answers at {url}.")
    yield _version(health)
    if settings.is_production:
        yield _metrics(settings)


def _built() -> Diagnosis:
    name = "web.pages"
    if not (frontend.web_dir() / "build/client/index.html").exists():
        return problem(
            name, "The pages are not built.", "Run `mixmodel build`, or start with `mixmodel up`, which does."
        )
    if not frontend.is_current():
        return warning(
            name, "The pages were built from other sources than these.", "Run `mixmodel build`, then restart."
        )
    return ok(name, "The pages are built from these sources.")


def _get(url: str) -> dict[str, Any] | None:
    """The JSON of /health, None when the answer is something else. Raises `OSError` when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            found = json.load(error)
        except ValueError:
            return None
    except ValueError:
        return None
    return found if isinstance(found, dict) and "checks" in found else None


def _unreachable(settings: Settings, reason: str) -> Diagnosis:
    message = f"Nobody answers at {settings.web.public_url}: {reason}."
    if settings.is_production:  # inside a container the public address often leads nowhere
        hint = "If people cannot reach it either: is the web running, and the proxy in front of it?"
        return warning("web.reachable", message, hint)
    return problem("web.reachable", message, _port_hint(settings))


def _port_hint(settings: Settings) -> str:
    port = settings.web.port
    if processes.port_is_free(port, settings.web.host):
        return "Start it with `mixmodel up`, or `mixmodel web` where the stores run already."
    user = processes.port_user(port)
    return f"Port {port} is used by {user}: is that MixModel? Else set MIXMODEL_PORT to another."


def _version(health: dict[str, Any]) -> Diagnosis:
    running = str(health.get("version", ""))
    if running != __version__:
        message = f"The web runs version {running}, this is {__version__}."
        return warning("web.version", message, "Restart web, workers and janitor after an upgrade.")
    return ok("web.version", f"The web runs this version, {running}.")


def _metrics(settings: Settings) -> Diagnosis:
    name = "web.metrics"
    try:
        with urllib.request.urlopen(f"{settings.web.public_url}/metrics", timeout=_TIMEOUT_S):
            hint = "Let the proxy answer /metrics with 404, as deploy/nginx.conf does, or set METRICS_TOKEN."
            return problem(name, "Everybody can read /metrics at the public address.", hint)
    except OSError:
        return ok(name, "/metrics is not to be seen at the public address.")
