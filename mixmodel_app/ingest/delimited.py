"""Text with separators, in the dialects that spreadsheet programs write."""

import contextlib
import csv
import io
from collections.abc import Iterator
from itertools import islice

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.records import MAX_CELL, MAX_COLUMNS, Records
from mixmodel_app.ingest.signature import UTF16_MARKS

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ENCODING_NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "CP1252", "latin-1": "Latin-1"}
_SAMPLE_ROWS = 50
_CHUNK_ROWS = 20_000


def read(content: bytes, name: str) -> Records:
    """Decode, find the delimiter and split into columns.

    Raises:
        UnreadableFile: no encoding fits, only one column, rows of unequal length, a cell or row beyond the limits.
    """
    text, encoding = _decode(content, name)
    text, first_line, declared = _declared_delimiter(text)
    delimiter = declared or _delimiter(text, name)
    rows = _rows(text, delimiter, name, first_line)
    header_line, header = next(rows)
    _check_header(header, delimiter, name)
    lines, columns = _collect(rows, header, name)
    note = f"Read as {_ENCODING_NAMES[encoding]}, separated by {DELIMITERS[delimiter]}."
    return Records(tuple(header), columns, lines, header_line, encoding, delimiter, (note,))


def _decode(content: bytes, name: str) -> tuple[str, str]:
    """UTF-8 when it fits; else CP1252, which is Latin-1 with more signs; else Latin-1, which fits anything."""
    if content.startswith(UTF16_MARKS):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise UnreadableFile(
                f"{name} starts like UTF-16 text but is not.", hint="Save it as CSV UTF-8 and upload it again."
            ) from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def _declared_delimiter(text: str) -> tuple[str, int, str | None]:
    """Excel's first line "sep=;": the text without it, the number of its first line and the delimiter."""
    head, _, rest = text.partition("\n")
    head = head.strip("\r\"' ")
    if head.lower().startswith("sep=") and head[4:] in DELIMITERS:
        return rest, 2, head[4:]
    return text, 1, None


def _delimiter(text: str, name: str) -> str:
    """The delimiter under which most of the first rows have as many fields as the header, and at least two."""
    best, best_score = "", (0.0, 0)
    for delimiter in DELIMITERS:
        sample = _sample(text, delimiter, name)
        width = len(sample[0]) if sample else 0
        if width >= 2:
            share = sum(len(row) == width for row in sample) / len(sample)
            best, best_score = max((best, best_score), (delimiter, (share, width)), key=lambda option: option[1])
    if best:
        return best
    if not text.strip():
        raise UnreadableFile(f"{name} is empty.", hint="Export it again and check that it has a header and rows.")
    raise UnreadableFile(
        f"{name} has only one column: no comma, semicolon or tab separates its header.",
        hint="A model needs a date, an outcome and at least one channel, each in its own column. Remove title "
        "rows above the header, or export it again with commas between the fields.",
    )


def _sample(text: str, delimiter: str, name: str) -> list[list[str]]:
    """The first rows under one delimiter, as far as it gets: a wrong one may run many fields into one too long."""
    sample: list[list[str]] = []
    with contextlib.suppress(UnreadableFile):
        sample.extend(row for _, row in islice(_rows(text, delimiter, name, 1), _SAMPLE_ROWS))
    return sample


def _rows(text: str, delimiter: str, name: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and stripped fields of each row that is not wholly empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + first_line
        try:
            fields = [field.strip() for field in next(reader)]
        except StopIteration:
            return
        except csv.Error as problem:
            raise _unsplittable(name, line, problem) from None
        if any(fields):
            yield line, fields


def _unsplittable(name: str, line: int, problem: csv.Error) -> UnreadableFile:
    if "field limit" in str(problem):
        return UnreadableFile(
            f"A cell that starts in row {line} of {name} does not end: it is longer than {MAX_CELL:,} characters.",
            hint="Usually a quotation mark is opened there and never closed.",
        )
    return UnreadableFile(f"Row {line} of {name} could not be split into fields.", hint="Check its quotation marks.")


def _check_header(header: list[str], delimiter: str, name: str) -> None:
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {len(header):,} columns; the limit is {MAX_COLUMNS:,}.",
            hint="Keep one row per period and one column per channel.",
        )
    if sum(bool(field) for field in header) < 2:
        raise UnreadableFile(
            f"{name} has only one column when it is split at each {DELIMITERS[delimiter]}.",
            hint="A model needs a date, an outcome and at least one channel, each in its own column.",
        )


def _collect(
    rows: Iterator[tuple[int, list[str]]], header: list[str], name: str
) -> tuple[tuple[int, ...], list[list[Cell]]]:
    """Rows turned into columns, a chunk at a time so that a large file is never held twice."""
    lines: list[int] = []
    columns: list[list[Cell]] = [[] for _ in header]
    shared: dict[str, str] = {}
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        for line, fields in chunk:
            if len(fields) != len(header):
                _refuse_ragged(line, fields, header, name)
            lines.append(line)
        for column, cells in zip(columns, zip(*(fields for _, fields in chunk), strict=True), strict=True):
            # Equal texts share one object: columns of zeros and repeated amounts are what fills large files.
            column.extend(shared.setdefault(cell, cell) if cell else None for cell in cells)
        if len(shared) > _CHUNK_ROWS:
            shared.clear()
    _refuse_long_cells(columns, header, lines, name)
    return tuple(lines), columns


def _refuse_ragged(line: int, fields: list[str], header: list[str], name: str) -> None:
    raise UnreadableFile(
        f"Row {line} of {name} has {len(fields)} fields; the header has {len(header)}.",
        hint="Look for a separator too many or too few there, or for one inside text without quotation marks.",
    )


def _refuse_long_cells(columns: list[list[Cell]], header: list[str], lines: list[int], name: str) -> None:
    for column, title in zip(columns, header, strict=True):
        lengths = [len(cell) if isinstance(cell, str) else 0 for cell in column]
        longest = max(lengths, default=0)
        if longest > MAX_CELL:
            raise UnreadableFile(
                f"Row {lines[lengths.index(longest)]} of {name} holds {longest:,} characters in {title[:40]!r}; "
                f"the limit is {MAX_CELL:,}.",
                hint="Usually a quotation mark is opened and not closed there.",
            )
