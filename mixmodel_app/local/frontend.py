"""Builds the pages with Reflex and node (from a wheel) when their sources have changed since the last build."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import processes
from mixmodel_app.local.home import explained

PROJECT = Path(__file__).resolve().parents[2]
"""Where `rxconfig.py`, `assets/` and the package lie."""

BAKED_PORT = 48000
"""Reflex writes the server's port into the scripts; this one stands for "to be filled in when served"."""

_SOURCES = ("rxconfig.py", "requirements.lock", "mixmodel_app/**/*.py", "assets/**/*")
_OWN_SETTINGS = (
    "MIXMODEL_",
    "DATABASE_",
    "REDIS_",
    "STORAGE_",
    "S3_",
    "JWT_",
    "CORS_",
    "SENTRY_",
    "SMTP_",
    "APP_ENV",
    "REFLEX_",
)


def web_dir(project: Path = PROJECT) -> Path:
    """Reflex's working directory; the finished pages are in `build/client` below it."""
    return project / ".web"


def source_digest(project: Path, patterns: Iterable[str] = _SOURCES) -> str:
    """A digest of names and contents of everything that the pages are made from."""
    digest = hashlib.sha256()
    for path in sorted(_files(project, patterns)):
        digest.update(f"{path.relative_to(project).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(project: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        # assets/external holds links that Reflex itself makes while it builds.
        yield from (p for p in project.glob(pattern) if p.is_file() and "external" not in p.relative_to(project).parts)


def is_current(project: Path = PROJECT) -> bool:
    """Whether there is a finished build of exactly these sources."""
    stamp = _stamp(project)
    built = (web_dir(project) / "build/client/index.html").exists()
    return built and stamp.exists() and stamp.read_text() == source_digest(project)


def build(project: Path = PROJECT) -> None:
    """Build unless the build is current. Of several builders at a time one works and the others wait for it.

    Raises:
        ConfigurationError: the build failed; the sentence quotes its last line and names the log.
    """
    with explained(project), _lock_path(project).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current(project):
            return
        digest = source_digest(project)
        _stamp(project).unlink(missing_ok=True)
        _export(project)
        _stamp(project).write_text(digest)


def _lock_path(project: Path) -> Path:
    directory = project / ".mixmodel"
    directory.mkdir(exist_ok=True)
    return directory / "build.lock"


def _stamp(project: Path) -> Path:
    return web_dir(project) / "mixmodel.digest"


def _export(project: Path) -> None:
    log = project / ".mixmodel" / "build.log"
    # A build that was interrupted leaves halves behind which the next one would keep.
    shutil.rmtree(web_dir(project) / "build", ignore_errors=True)
    log.unlink(missing_ok=True)
    handle = processes.append_to(log)
    try:
        done = subprocess.Popen(
            [sys.executable, "-m", "reflex", "export", "--no-zip", "--frontend-only", "--env", "prod"],
            cwd=project,
            env=build_env(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGKILL),
        )
        _wait(done)
    finally:
        os.close(handle)
    if done.returncode or not (web_dir(project) / "build/client/index.html").exists():
        raise ConfigurationError(f"The pages could not be built: {_reason(log)}", hint=f"Log: {log}.")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait()
    finally:
        processes.kill_group(process.pid)


def _reason(log: Path) -> str:
    """The first line of the log that speaks of an error, else its last one."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "failed" in line.lower()]
    return (errors or lines[-1:] or ["it said nothing."])[0]


def build_env(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a build: node and npm of this environment first, none of this installation's settings."""
    kept = {name: value for name, value in env.items() if not name.startswith(_OWN_SETTINGS)}
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
        "MIXMODEL_PORT": str(BAKED_PORT),
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",  # reflex.lock/ is committed and names no host
        "NO_COLOR": "1",
    }
