"""The same on S3: a server that is gone is an outage that is waited out, a missing object is not."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from mixmodel_app.domain.errors import NotFound, StorageUnavailable
from mixmodel_app.storage.objects import S3Store
from tests.s3_server import BUCKET, S3Server
from workers.patience import patiently


@pytest.fixture
def server() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def store(server: S3Server) -> S3Store:
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(connect_timeout=1, read_timeout=5, retries={"max_attempts": 1}),
    )
    return S3Store(client, BUCKET)


def test_an_upload_waits_for_the_server(server: S3Server, store: S3Store) -> None:
    store.put("runs/1/model.nc", b"first")
    server.stop()
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        if len(told) == 1:
            server.start()

    patiently(lambda: store.put("runs/2/model.nc", b"second"), tell=tell)
    assert told
    assert set(told) == {"Waiting for the file storage, which does not answer"}
    assert (store.get("runs/1/model.nc"), store.get("runs/2/model.nc")) == (b"first", b"second")


def test_every_use_of_a_server_that_is_gone_says_so(server: S3Server, store: S3Store) -> None:
    with pytest.raises(NotFound):
        store.get("nothing")
    server.stop()
    try:
        for use in (lambda: store.put("a", b"b"), lambda: store.get("a"), lambda: store.delete("a"), store.check):
            with pytest.raises(StorageUnavailable):
                use()
        with pytest.raises(StorageUnavailable):
            store.delete_prefix("a/")
    finally:
        server.start()
