"""Files: one small interface, a local directory or S3 behind it.

Keys are relative, slash-separated and made by the services, never by a client. Writing is atomic: a reader sees the
old object or the whole new one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlparse

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import ConfigurationError, NotFound

CHUNK = 1024 * 1024


class ObjectStore(Protocol):
    """What the services need of a storage."""

    def put(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or the content of a file, under `key`, replacing what was there."""
        ...

    def get(self, key: str) -> bytes:
        """The whole object; `NotFound` when there is none."""
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in chunks; `NotFound` is raised before the first chunk."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Delete every object whose key starts with `prefix`; none is fine."""
        ...

    def check(self) -> None:
        """Raise when the storage cannot be used."""
        ...


class LocalStore:
    """Objects as files below one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root) or path == self.root:
            raise ValueError(f"The key {key!r} leaves the storage directory.")
        return path

    def put(self, key: str, data: bytes | Path) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
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
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise _missing() from None

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise _missing() from None

        def chunks() -> Iterator[bytes]:
            with file:
                while chunk := file.read(CHUNK):
                    yield chunk

        return chunks()

    def delete_prefix(self, prefix: str) -> None:
        path = self._path(prefix.rstrip("/"))
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".check-"):
            pass


class S3Store:
    """Objects in an S3 bucket, by boto3; large files go up in parts."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def put(self, key: str, data: bytes | Path) -> None:
        if isinstance(data, Path):
            self.client.upload_file(str(data), self.bucket, key)
        else:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=data)

    def _open(self, key: str) -> Any:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except self.client.exceptions.NoSuchKey:
            raise _missing() from None

    def get(self, key: str) -> bytes:
        return self._open(key).read()

    def stream(self, key: str) -> Iterator[bytes]:
        return self._open(key).iter_chunks(CHUNK)

    def delete_prefix(self, prefix: str) -> None:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in pages:
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if keys:
                self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys})

    def check(self) -> None:
        self.client.head_bucket(Bucket=self.bucket)


def _missing() -> NotFound:
    return NotFound("The stored file is no longer there.", hint="Upload the data again.")


@lru_cache(maxsize=1)
def objects() -> ObjectStore:
    """The storage that `STORAGE_URL` names: `file:///directory` or `s3://bucket`."""
    url = urlparse(settings().storage.url)
    if url.scheme == "file":
        return LocalStore(Path(unquote(url.path)))
    if url.scheme == "s3":
        return S3Store(_s3_client(), url.netloc)
    raise ConfigurationError(f"STORAGE_URL starts with {url.scheme!r}; it must start with file:// or s3://.")


def _s3_client() -> Any:
    import boto3  # imported where it is used: 40 MB that a local installation never needs
    from botocore.config import Config

    conf = settings().storage
    return boto3.client(
        "s3",
        endpoint_url=conf.s3_endpoint_url,
        aws_access_key_id=conf.s3_access_key,
        aws_secret_access_key=conf.s3_secret_key,
        config=Config(connect_timeout=2, read_timeout=30, retries={"max_attempts": 3}),
    )
