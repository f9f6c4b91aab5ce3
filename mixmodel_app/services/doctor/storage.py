"""The files: whether they can be written, read back and deleted."""

from collections.abc import Iterator
from uuid import uuid4

from mixmodel_app.config import Settings
from mixmodel_app.services.doctor.diagnosis import Diagnosis, ok, problem, reason_of
from mixmodel_app.storage.objects import objects

_CONTENT = b"Written by `mixmodel doctor`; may be deleted."

_HINTS = {
    "NoSuchBucket": "Make the bucket that STORAGE_URL names.",
    "Not Found": "Make the bucket that STORAGE_URL names, or correct the name.",
    "InvalidAccessKeyId": "S3_ACCESS_KEY is not known to the server.",
    "SignatureDoesNotMatch": "S3_SECRET_KEY is not the one of S3_ACCESS_KEY.",
    "AccessDenied": "Let the keys read, write, list and delete in the bucket.",
    "Forbidden": "Let the keys read, write, list and delete in the bucket.",
    "Could not connect": "Is the S3 server running at S3_ENDPOINT_URL?",
    "credentials": "Set S3_ACCESS_KEY and S3_SECRET_KEY, or give the machine a role.",
    "No such file": "Mount the disk that holds the files. A new directory is marked by `mixmodel migrate`.",
    "Permission denied": "Let this account write there, or choose another directory.",
    "Read-only": "Mount it writable, or choose another directory.",
    "No space": "Make room.",
}


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Write an object and take it away again."""
    name, key = "storage.usable", f"doctor/{uuid4().hex}"
    try:
        store = objects()
        store.check()
        store.put(key, _CONTENT)
        same = store.get(key) == _CONTENT
        store.delete(key)
    except Exception as error:  # noqa: BLE001 (whatever a store raises is what the person must hear)
        reason = reason_of(error)
        hint = next(
            (hint for sign, hint in _HINTS.items() if sign in reason), "Look at STORAGE_URL and the S3 settings."
        )
        yield problem(name, f"Files cannot be kept in {settings.storage.url}: {reason}.", hint)
        return
    if not same:
        yield problem(
            name, f"{settings.storage.url} gives back something else than was written.", "Do not use this store."
        )
        return
    yield ok(name, f"Files are written to {settings.storage.url}, read back and deleted.")
