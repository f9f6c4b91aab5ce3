"""Objects as files below one directory, written atomically: to a file beside, to the disk, then renamed."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from mixmodel_app.domain.errors import NotFound, StorageFull, StorageUnavailable
from mixmodel_app.storage import digests

CHUNK = 1024 * 1024
MARK = ".mixmodel-files"
"""The file that says which directory it is: one without it is the place where a disk is not mounted."""

_PART = ".part-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TRIES = 3


class LocalStore:
    """`storage.objects.ObjectStore` on a directory.

    The directory is made and marked by `prepare` alone: one that is missing or bare later is a disk that is not there,
    and a file that is written in its place would be lost when it comes back.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root) or path == self.root:
            raise ValueError(f"The key {key!r} leaves the storage directory.")
        return path

    def prepare(self) -> None:
        with _outage():
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / MARK).touch()

    def put(self, key: str, data: bytes | Path) -> None:
        with _outage():
            self._put(self._path(key), data)

    def _put(self, path: Path, data: bytes | Path) -> None:
        descriptor, name = self._part(path.parent)
        try:
            with os.fdopen(descriptor, "wb") as target:
                if isinstance(data, Path):
                    with data.open("rb") as source:
                        shutil.copyfileobj(source, target, CHUNK)
                else:
                    target.write(data)
                target.flush()
                os.fsync(target.fileno())
            Path(name).replace(path)
            _sync(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _part(self, folder: Path) -> tuple[int, str]:
        """A new file in the folder. Whoever deletes its last object at this moment may take the folder away again."""
        for _ in range(_TRIES - 1):
            self._require_root()
            folder.mkdir(parents=True, exist_ok=True)
            try:
                return tempfile.mkstemp(dir=folder, prefix=_PART)
            except FileNotFoundError:
                continue
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix=_PART)

    def get(self, key: str) -> bytes:
        with _outage(), self._open(key) as file:
            return digests.whole(key, file.read())

    def stream(self, key: str) -> Iterator[bytes]:
        with _outage():
            file = self._open(key)

        def chunks() -> Iterator[bytes]:
            with _outage(), file:
                while chunk := file.read(CHUNK):
                    yield chunk

        return digests.checked(key, chunks())

    def _open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            self._require_root()
            raise missing() from None

    def _require_root(self) -> None:
        try:
            (self.root / MARK).stat()
        except OSError as error:
            raise away() from error

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _outage():
            self._require_root()
            path.unlink(missing_ok=True)
            self._drop_empty(path.parent)

    def _drop_empty(self, folder: Path) -> None:
        for each in (folder, *folder.parents):
            if each == self.root:
                return
            try:
                each.rmdir()
            except FileNotFoundError:
                continue
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                    return
                raise

    def delete_prefix(self, prefix: str) -> None:
        path = self._path(prefix.rstrip("/"))
        with _outage():
            self._require_root()
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def list_older(self, prefix: str, age: timedelta) -> Iterator[str]:
        for path in self._older(prefix, age):
            if not path.name.startswith(_PART):
                yield path.relative_to(self.root).as_posix()

    def size_of(self, prefix: str) -> int:
        total = 0
        with _outage():
            for path in self._path(prefix.rstrip("/")).rglob("*"):
                try:
                    total += path.stat().st_size if path.is_file() else 0
                except FileNotFoundError:  # deleted meanwhile
                    continue
        return total

    def tidy(self, age: timedelta) -> int:
        parts = [path for path in self._older(".", age) if path.name.startswith(_PART)]
        for path in parts:
            path.unlink(missing_ok=True)
            self._drop_empty(path.parent)
        return len(parts)

    def _older(self, prefix: str, age: timedelta) -> Iterator[Path]:
        """Files below a folder that were written longer ago than `age`."""
        before = time.time() - age.total_seconds()
        folder = self.root if prefix == "." else self._path(prefix.rstrip("/"))
        self._require_root()
        with _outage():
            for path in folder.rglob("*"):
                try:
                    old = path.is_file() and path.stat().st_mtime < before
                except FileNotFoundError:  # deleted meanwhile
                    continue
                if old:
                    yield path

    def check(self) -> None:
        with _outage():
            self._require_root()
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=_PART):
                pass


def _sync(folder: Path) -> None:
    """Put the name of a new file on the disk too, not only its content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def missing() -> NotFound:
    """What to tell of an object that is not there."""
    return NotFound("The stored file is no longer there.", hint="Upload the data again.")


def away() -> StorageUnavailable:
    """What to tell of a storage that does not answer."""
    return StorageUnavailable("The file storage does not answer.", hint="Try again in a few minutes.")


def full() -> StorageFull:
    """What to tell of a storage without room."""
    return StorageFull("The file storage is full.", hint="Ask your administrator to make room.")


@contextmanager
def _outage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise (full() if error.errno in _NO_ROOM else away()) from error
