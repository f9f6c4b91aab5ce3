"""What bytes are, by their first bytes and not by their name."""

import io
import zipfile
from enum import Enum

from mixmodel_app.ingest.encoding import UTF16_MARKS, unmarked_utf16


class Kind(Enum):
    """A kind of content, with the words for it in a message."""

    TEXT = "text"
    XLSX = "an Excel workbook"
    OLE = "an old Excel file"
    PNG = "a PNG picture"
    JPEG = "a JPEG picture"
    GIF = "a GIF picture"
    PDF = "a PDF document"
    ZIP = "a ZIP archive"
    GZIP = "a gzip archive"
    PARQUET = "a Parquet file"
    BINARY = "binary data"

    @property
    def label(self) -> str:
        return self.value


_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
    (b"\x89PNG", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF8", Kind.GIF),
    (b"%PDF", Kind.PDF),
    (b"\x1f\x8b", Kind.GZIP),
    (b"PAR1", Kind.PARQUET),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})


def signature(content: bytes) -> Kind:
    """The kind of `content`; anything with NUL or many control bytes that is not UTF-16 is binary."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.XLSX if _is_workbook(content) else Kind.ZIP
    if content.startswith(UTF16_MARKS) or unmarked_utf16(content):
        return Kind.TEXT
    head = content[:65536]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return Kind.BINARY if b"\x00" in content or controls > len(head) // 100 else Kind.TEXT


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)
