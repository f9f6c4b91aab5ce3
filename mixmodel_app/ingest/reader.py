"""A person's file, as bytes, to a `Table`; every way in which it can be wrong is one clear error."""

import gzip
import io
import zlib
from pathlib import Path, PurePath

from mixmodel_app.domain.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from mixmodel_app.domain.reading import ReadOptions
from mixmodel_app.ingest import delimited, workbook
from mixmodel_app.ingest.assemble import assemble
from mixmodel_app.ingest.footers import without_footers
from mixmodel_app.ingest.reshape import reshape
from mixmodel_app.ingest.signature import Kind, signature
from mixmodel_app.ingest.table import Table

MAX_BYTES = 50 * 1024 * 1024
GZIP_MARK = b"\x1f\x8b"
TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm"})


def read_table(raw: bytes | Path, filename: str, options: ReadOptions | None = None) -> Table:
    """Read a CSV (UTF-8, UTF-16, CP1252 or Latin-1; comma, semicolon, tab or bar; also gzipped) or an XLSX workbook.

    Args:
        raw: the bytes, or the path of a file that holds them.
        filename: the person's name for it; its ending says what the bytes should be.
        options: what the person has decided about it.

    Raises:
        FileTooLarge: more than 50 MB, as it comes or unzipped.
        UnsupportedFile: the name is not that of a CSV or XLSX file.
        UnreadableFile: the bytes are not what the name says, or hold no usable table.
    """
    options = options or ReadOptions()
    name = PurePath(filename).name or "the file"
    suffix = PurePath(filename.lower().removesuffix(".gz")).suffix
    _refuse_suffix(name, suffix)
    content = _unzipped(_bounded(raw, name), name)
    if not content.strip():
        raise UnreadableFile(f"{name} is empty.", hint="Export it again and check that it has a header and rows.")
    kind = signature(content)
    if suffix in WORKBOOK_SUFFIXES:
        _refuse_non_workbook(name, kind)
        records = workbook.read(content, name, options.sheet)
    else:
        _refuse_non_text(name, kind)
        records = delimited.read(content, name)
    del content
    return reshape(assemble(without_footers(records), name, options.decimal), options)


def _bounded(raw: bytes | Path, name: str) -> bytes:
    size = raw.stat().st_size if isinstance(raw, Path) else len(raw)
    if size > MAX_BYTES:
        raise FileTooLarge(
            f"{name} has {size / 1024**2:,.1f} MB ({size:,} bytes); the limit is 50 MB ({MAX_BYTES:,} bytes).",
            hint="Keep one row per day or week and only the columns that the model needs.",
        )
    return raw.read_bytes() if isinstance(raw, Path) else raw


def _unzipped(content: bytes, name: str) -> bytes:
    """What a gzip archive holds, never more than one byte over the limit; anything else as it is."""
    if not content.startswith(GZIP_MARK):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as archive:
            unzipped = archive.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableFile(
            f"{name} is a damaged gzip archive.", hint="Upload the .csv itself, or compress it again."
        ) from None
    if len(unzipped) > MAX_BYTES:
        raise FileTooLarge(
            f"{name} unzips to more than 50 MB.",
            hint="Keep one row per day or week and only the columns that the model needs.",
        )
    return unzipped


def _refuse_suffix(name: str, suffix: str) -> None:
    if suffix in TEXT_SUFFIXES | WORKBOOK_SUFFIXES:
        return
    if suffix in {".xls", ".xlsb", ".ods", ".numbers"}:
        raise UnsupportedFile(
            f"{name} is a {suffix} file, which cannot be read here.",
            hint="Open it in your spreadsheet program and save it as .xlsx or .csv, then upload that.",
        )
    what = f"ends in {suffix}" if suffix else "has no ending"
    raise UnsupportedFile(
        f"{name} {what}; only .csv and .xlsx files can be read.", hint="Save the table as .csv or .xlsx."
    )


def _refuse_non_workbook(name: str, kind: Kind) -> None:
    if kind is Kind.XLSX:
        return
    if kind is Kind.OLE:
        raise UnreadableFile(
            f"{name} is an old Excel file (.xls) or is protected by a password.",
            hint="Remove the password or save it as .xlsx, then upload that.",
        )
    if kind is Kind.TEXT:
        raise UnreadableFile(f"{name} holds text, not an Excel workbook.", hint="If it is a CSV, name it .csv.")
    raise UnreadableFile(f"{name} is {kind.label}, not an Excel workbook.", hint="Upload the workbook itself as .xlsx.")


def _refuse_non_text(name: str, kind: Kind) -> None:
    if kind is Kind.TEXT:
        return
    if kind is Kind.XLSX:
        raise UnreadableFile(
            f"{name} is an Excel workbook, not a CSV.", hint="Rename it to end in .xlsx and upload it again."
        )
    if kind is Kind.OLE:
        raise UnreadableFile(f"{name} is an old Excel file (.xls), not a CSV.", hint="Save it as .xlsx or .csv.")
    raise UnreadableFile(f"{name} is {kind.label}, not a CSV.", hint="Export the table itself as .csv and upload that.")
