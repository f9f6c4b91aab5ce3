"""Files: one small interface, a local directory or S3 behind it.

Keys are relative, slash-separated and made by the services, never by a client. Writing is atomic: a reader sees the
old object or the whole new one. A storage that is away or full raises `StorageUnavailable`, which may be waited out;
that an object is not there is `NotFound`, which may not. An object whose key names its content (`storage.digests`) and
that is something else raises `DamagedFile`.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlparse

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.storage.local_objects import CHUNK, LocalStore
from mixmodel_app.storage.s3_objects import S3Store, client_of

__all__ = ["CHUNK", "LocalStore", "ObjectStore", "S3Store", "objects"]


class ObjectStore(Protocol):
    """What the services need of a storage."""

    def put(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or the content of a file, under `key`, replacing what was there."""
        ...

    def get(self, key: str) -> bytes:
        """The whole object; `NotFound` when there is none."""
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in chunks; `NotFound` is raised before the first chunk, `DamagedFile` after the last."""
        ...

    def delete(self, key: str) -> None:
        """Delete one object; that it is not there is fine."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Delete every object below a folder, which `prefix` names with a slash at its end; none is fine."""
        ...

    def list_older(self, prefix: str, age: timedelta) -> Iterator[str]:
        """Keys below the folder `prefix` that were written longer ago than `age`, in no order."""
        ...

    def size_of(self, prefix: str) -> int:
        """Bytes of all objects below the folder `prefix`."""
        ...

    def tidy(self, age: timedelta) -> int:
        """Clear what writes left behind that were cut short longer ago than `age`; gives their number."""
        ...

    def prepare(self) -> None:
        """Make what is needed before the first use; part of the migration."""
        ...

    def check(self) -> None:
        """Raise when the storage cannot be used."""
        ...


@lru_cache(maxsize=1)
def objects() -> ObjectStore:
    """The storage that `STORAGE_URL` names: `file:///directory` or `s3://bucket`."""
    conf = settings().storage
    url = urlparse(conf.url)
    if url.scheme == "file":
        return LocalStore(Path(unquote(url.path)))
    if url.scheme == "s3":
        return S3Store(client_of(conf), url.netloc)
    raise ConfigurationError(f"STORAGE_URL starts with {url.scheme!r}; it must start with file:// or s3://.")
