"""A ZIP that is sent while it is written: no part of it has to fit into memory or onto a disk."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime


def stream_zip(files: Iterable[tuple[str, Iterable[bytes]]], made_at: datetime) -> Iterator[bytes]:
    """The bytes of an archive of these files, name and content each, in their order."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:  # pyright: ignore[reportArgumentType, reportCallIssue] (write alone is needed)
        for name, chunks in files:
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with archive.open(entry, "w", force_zip64=True) as target:
                for chunk in chunks:
                    target.write(chunk)
                    yield sink.taken()
    yield sink.taken()


class _Sink:
    """Takes what the archive writes, and gives it away. It cannot seek, so the archive is written as a stream."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits here for longer than until `taken`."""

    def taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held
