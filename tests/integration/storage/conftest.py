"""Both kinds of storage: a directory, and a bucket on a server that speaks S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mixmodel_app.config import StorageSettings
from mixmodel_app.storage.objects import LocalStore, ObjectStore, S3Store
from mixmodel_app.storage.s3_objects import client_of
from tests.s3_server import BUCKET, S3Server


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """Address of a server with one empty bucket."""
    server = S3Server()
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def bucket(s3_url: str) -> Iterator[S3Store]:
    client = client_of(StorageSettings(f"s3://{BUCKET}", s3_url, "key", "secret"))
    store = S3Store(client, BUCKET)
    yield store
    for folder in ("a/", "b/", "workspaces/"):
        store.delete_prefix(folder)


@pytest.fixture
def directory(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path / "objects")
    store.prepare()
    return store


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    return request.getfixturevalue(request.param)
