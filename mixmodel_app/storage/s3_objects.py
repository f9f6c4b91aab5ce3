"""Objects in an S3 bucket, by boto3: whatever speaks the protocol."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mixmodel_app.config import StorageSettings
from mixmodel_app.domain.errors import StorageUnavailable
from mixmodel_app.storage import digests
from mixmodel_app.storage.local_objects import CHUNK, away, full, missing

PART_BYTES = 8 * CHUNK
"""Larger objects go up in parts of this size. The protocol takes 10,000 of them: 80 GB."""
TRIES = 3
"""How often a request is sent at most."""
PAGE = 1000
"""Objects in one answer to a listing; the protocol's own limit, and that of one deletion."""
_AT_ONCE = 4
_OUTAGES = ("InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout")


class S3Store:
    """`storage.objects.ObjectStore` in a bucket. An upload that is cut short leaves no object."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def prepare(self) -> None:
        """The bucket is the operator's."""

    def put(self, key: str, data: bytes | Path) -> None:
        from boto3.s3.transfer import TransferConfig

        parts = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=_AT_ONCE)
        with _outage(), data.open("rb") if isinstance(data, Path) else io.BytesIO(data) as source:
            self.client.upload_fileobj(source, self.bucket, key, Config=parts)

    def _open(self, key: str) -> Any:
        with _outage():
            try:
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            except self.client.exceptions.NoSuchKey:
                raise missing() from None

    def get(self, key: str) -> bytes:
        body = self._open(key)
        with _outage():
            return digests.whole(key, body.read())

    def stream(self, key: str) -> Iterator[bytes]:
        body = self._open(key)

        def chunks() -> Iterator[bytes]:
            with _outage():
                yield from body.iter_chunks(CHUNK)

        return digests.checked(key, chunks())

    def delete(self, key: str) -> None:
        with _outage():
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def delete_prefix(self, prefix: str) -> None:
        for page in self._pages(prefix):
            keys = [{"Key": item["Key"]} for item in page]
            with _outage():
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            if answer.get("Errors"):
                raise away()

    def list_older(self, prefix: str, age: timedelta) -> Iterator[str]:
        before = datetime.now(UTC) - age
        for page in self._pages(f"{prefix.rstrip('/')}/"):
            yield from (item["Key"] for item in page if item["LastModified"] < before)

    def size_of(self, prefix: str) -> int:
        return sum(item["Size"] for page in self._pages(f"{prefix.rstrip('/')}/") for item in page)

    def _pages(self, prefix: str) -> Iterator[list[dict[str, Any]]]:
        """The objects below a prefix, up to a thousand at a time."""
        with _outage():
            lister = self.client.get_paginator("list_objects_v2")
            for page in lister.paginate(Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE}):
                if found := page.get("Contents"):
                    yield found

    def tidy(self, age: timedelta) -> int:
        before = datetime.now(UTC) - age
        ended = 0
        with _outage():
            for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
                for upload in page.get("Uploads", []):
                    if upload["Initiated"] < before:
                        self.client.abort_multipart_upload(
                            Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        ended += 1
        return ended

    def check(self) -> None:
        with _outage():
            self.client.head_bucket(Bucket=self.bucket)


def client_of(conf: StorageSettings) -> Any:
    """A client for the server that the settings name. Every wait and the number of tries are bounded."""
    import boto3  # imported where it is used: 40 MB that a local installation never needs
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=conf.s3_endpoint_url,
        aws_access_key_id=conf.s3_access_key,
        aws_secret_access_key=conf.s3_secret_key,
        config=Config(
            connect_timeout=2,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            # Newer checksums in the trailer of a request are refused by many servers that are not Amazon's.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _outage() -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _refusal(error.response.get("Error", {}).get("Code", ""), error) from error
    except (Boto3Error, BotoCoreError) as error:
        raise away() from error


def _refusal(code: str, error: Any) -> StorageUnavailable:
    """The server has answered, but not with what was asked for."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if status == 507 or "StorageFull" in code:
        return full()
    if status >= 500 or code in _OUTAGES:
        return away()
    return StorageUnavailable(
        f"The file storage refuses: {code or status}.",
        hint="Ask your administrator to check STORAGE_URL and the S3 settings.",
    )
