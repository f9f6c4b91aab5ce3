"""The served copy of the built pages, with the real port filled in, and the web server's command line."""

import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from mixmodel_app.config import SOCKET_MESSAGE_BYTES, Settings
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import frontend
from mixmodel_app.local.home import explained
from mixmodel_app.logging import granian_config
from mixmodel_app.metrics import SHARED

APP = "mixmodel_app.mixmodel_app:app"
_HEADER_BUFFER = 64 * 1024
"""Bytes of headers that are taken in at all; `api.request_guard` refuses a quarter of that with a message."""

_NEEDED = ("build/client", "backend", "reflex.json", "env.json", "routes.json")
_TEXT = {".js", ".html", ".json", ".css"}
_BAKED = re.compile(rf"//localhost:{frontend.BAKED_PORT}\b".encode())


def public_port(public_url: str) -> int:
    """The port that a browser uses for `public_url`."""
    parts = urlsplit(public_url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def served_copy(built: Path, target: Path, port: int) -> Path:
    """A copy of the build for one port below `target`; made once, older ones removed.

    Reflex bakes `http://localhost:<port>` into its scripts. The browser replaces the host by the page's own, so only
    the port has to be right. Unchanged files are hard links where the file system allows it.

    Raises:
        ConfigurationError: there is no build, or the copy cannot be written.
    """
    index = built / "build/client/index.html"
    if not index.exists():
        raise ConfigurationError(
            f"There are no built pages in {built}.", hint="Start with `mixmodel up`, which builds them."
        )
    stat = index.stat()
    key = hashlib.sha256(f"{stat.st_ino}-{stat.st_mtime_ns}-{port}".encode()).hexdigest()[:12]
    copy = target / key
    with explained(target):
        if not copy.exists():
            _make_copy(built, copy, port)
        for other in target.iterdir():
            if other != copy:
                shutil.rmtree(other, ignore_errors=True)
    return copy


def _make_copy(built: Path, copy: Path, port: int) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(dir=copy.parent))
    for name in _NEEDED:
        source = built / name
        if source.is_dir():
            shutil.copytree(source, staged / name, copy_function=_link_or_copy)
        elif source.exists():
            (staged / name).write_bytes(source.read_bytes())
    for path in staged.rglob("*"):
        if path.suffix in _TEXT and path.is_file():
            _stamp(path, port)
    staged.rename(copy)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _stamp(path: Path, port: int) -> None:
    before = path.read_bytes()
    after = _BAKED.sub(f"//localhost:{port}".encode(), before)
    if after == before:
        return
    path.unlink()  # a hard link: writing through it would change the build
    path.write_bytes(after)
    packed = path.with_name(f"{path.name}.gz")
    if packed.exists():
        packed.unlink()
        packed.write_bytes(gzip.compress(after, mtime=0))


def web_command(settings: Settings, logging_config: Path, app: str = APP) -> list[str]:
    """The command that serves pages, socket, API and health on one port.

    Headers have to arrive whole within the time for slow clients, which is also how long an idle connection is kept.
    """
    web = settings.web
    options = {
        "--interface": "asgi",
        "--host": web.host,
        "--port": str(web.port),
        "--workers": str(web.workers),
        "--workers-kill-timeout": str(web.stop_grace_s),  # open sockets never drain by themselves
        "--http": "1",  # HTTP/2 is the proxy's; its streams would pass the bounds below
        "--http1-header-read-timeout": str(web.slow_client_s * 1000),
        "--http1-buffer-size": str(_HEADER_BUFFER),
        "--log-config": str(logging_config),
    }
    flat = [part for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *flat, "--factory", "--respawn-failed-workers", app]


def web_env(settings: Settings, served: Path) -> dict[str, str]:
    """What Reflex needs to serve a finished build without node (names with two underscores are its internal ones)."""
    return {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_WEB_WORKDIR": str(served),
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(SOCKET_MESSAGE_BYTES),
        "REFLEX_UPLOADED_FILES_DIR": str(settings.home / "uploads"),
        SHARED: str(_metrics_dir(settings)),
    }


def _metrics_dir(settings: Settings) -> Path:
    """Where the web processes of this start count together."""
    return settings.home / "metrics" / str(settings.web.port)


def serve(settings: Settings, project: Path = frontend.PROJECT) -> None:
    """Become the web server: this process is replaced and does not return."""
    served = served_copy(frontend.web_dir(project), settings.home / "web", public_port(settings.web.public_url))
    logging_config = settings.home / "web-logging.json"
    with explained(logging_config):
        logging_config.write_text(json.dumps(granian_config(settings)))
        shutil.rmtree(_metrics_dir(settings), ignore_errors=True)  # counts of the start before
        _metrics_dir(settings).mkdir(parents=True)
    os.chdir(project)
    command = web_command(settings, logging_config)
    os.execve(command[0], command, {**os.environ, **web_env(settings, served)})
