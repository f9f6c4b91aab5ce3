"""Files that are named by their content, so that whoever reads one knows whether it is still what was stored.

`named("a/raw.csv", …)` is `a/raw-<digest>.csv`, with the first half of the SHA-256 in hexadecimal digits. Both
stores check such names at every reading: damage is an error, never a wrong number. Names without a digest, of files
from before, are not checked.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from mixmodel_app.domain.errors import DamagedFile

LENGTH = 32
_ONE = rf"-[0-9a-f]{{{LENGTH}}}"
_NAMED = re.compile(rf"(?:-([0-9a-f]{{{LENGTH}}})(?!\.parquet$)|{_ONE}-([0-9a-f]{{{LENGTH}}}))(\.[^/]*)?$")
"""The last digest counts. A Parquet file with only one is older, and has the name of its CSV."""


def of(data: bytes | Path) -> str:
    """The digest of bytes, or of a file's content."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:LENGTH]
    return hashlib.sha256(data).hexdigest()[:LENGTH]


def named(key: str, data: bytes | Path) -> str:
    """The key with the digest of its content before its suffix."""
    path = PurePosixPath(key)
    stem, dot, suffix = path.name.partition(".")
    return str(path.with_name(f"{stem}-{of(data)}{dot}{suffix}"))


def plain(key: str) -> str:
    """The last part of a key as people know it: without the digest."""
    return re.sub(rf"({_ONE})+(?=\.|$)", "", PurePosixPath(key).name)


def _expected(key: str) -> str | None:
    found = _NAMED.search(key)
    return found and (found[1] or found[2])


def whole(key: str, data: bytes) -> bytes:
    """The data, if they are what the key says. Raises `DamagedFile`."""
    return b"".join(checked(key, [data]))


def checked(key: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of an object; after the last one `DamagedFile` is raised when they are not what the key says."""
    expected = _expected(key)
    if expected is None:
        yield from chunks
        return
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if digest.hexdigest()[:LENGTH] != expected:
        raise damaged(key)


def damaged(key: str) -> DamagedFile:
    """What to tell of a file that cannot be trusted."""
    return DamagedFile(
        f"The stored file {plain(key)} is damaged: it is not what was stored.",
        hint="Ask your administrator to restore it from a backup, or upload the data or run the model again.",
    )
