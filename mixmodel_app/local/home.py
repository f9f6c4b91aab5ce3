"""The data directory (`MIXMODEL_HOME`): what lies where, and the lock that lets one instance at a time use it."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from mixmodel_app.domain.errors import ConfigurationError

MIN_FREE_BYTES = 300 * 1024 * 1024
"""Below this a start is refused: a database that runs out of space in the middle of a fit helps nobody."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside the data directory."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def objects(self) -> Path:
        return self.root / "objects"

    @property
    def web(self) -> Path:
        return self.root / "web"

    def prepare(self) -> None:
        """Make the directory and see that it can be used.

        Raises:
            ConfigurationError: not writable, or hardly any space left on its disk.
        """
        with explained(self.root):
            for directory in (self.root, self.logs, self.objects):
                directory.mkdir(parents=True, exist_ok=True)
            # As root, Postgres runs under another account that has to pass through, though not look around.
            self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
            with tempfile.TemporaryFile(dir=self.root) as probe:
                probe.write(b"\0")
        if (free := shutil.disk_usage(self.root).free) < MIN_FREE_BYTES:
            raise ConfigurationError(
                f"The disk that holds {self.root} is full: {free // 2**20} MB are free, MixModel needs 300 MB.",
                hint="Make room, or set MIXMODEL_HOME to a directory on another disk.",
            )

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
        """The secret of that name, made at the first call and kept in a file that only this account can read."""
        path = self.root / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, make())
        return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600 so that a reader sees all of it or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into one sentence for the person who starts MixModel."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ConfigurationError(
                f"The disk that holds {where} is full.", hint="Make room and try again."
            ) from error
        raise ConfigurationError(
            f"MixModel cannot write to {where}: {error.strerror or error}.",
            hint="Set MIXMODEL_HOME to a directory of yours.",
        ) from error


@dataclass(frozen=True, slots=True)
class Instance:
    """What a running instance tells other commands of the same machine; `env` holds the addresses and keys."""

    pid: int
    url: str
    env: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, home: Home) -> Self | None:
        """The instance that runs on this home now, None when there is none."""
        try:
            with _lock_file(home).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return cls._from_file(home)

    @classmethod
    def _from_file(cls, home: Home) -> Self | None:
        try:
            raw: dict[str, Any] = json.loads(_instance_file(home).read_text())
        except FileNotFoundError:  # it holds the lock but has not got that far yet
            return None
        return cls(raw["pid"], raw["url"], raw["env"])

    def write(self, home: Home) -> None:
        write_private(_instance_file(home), json.dumps(asdict(self)))


def _lock_file(home: Home) -> Path:
    return home.root / "instance.lock"


def _instance_file(home: Home) -> Path:
    return home.root / "instance.json"


@contextlib.contextmanager
def only_instance(home: Home) -> Iterator[None]:
    """Hold the home for this process; the kernel gives it back even after `kill -9`.

    Raises:
        ConfigurationError: another instance holds it; the sentence says where it can be reached.
    """
    with _lock_file(home).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = Instance.read(home)
            where = f"at {other.url} (pid {other.pid})" if other else "and is just starting"
            raise ConfigurationError(
                f"MixModel already runs {where} with the data in {home.root}.",
                hint="Use that one, or set MIXMODEL_HOME to another directory for a second.",
            ) from None
        _instance_file(home).unlink(missing_ok=True)
        try:
            yield
        finally:
            _instance_file(home).unlink(missing_ok=True)
