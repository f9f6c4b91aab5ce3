"""Text with separators, in the dialects that spreadsheet programs write."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.ingest import encoding, layout, quick_text
from mixmodel_app.ingest.footers import is_total_label
from mixmodel_app.ingest.layout import HEAD_ROWS, is_text
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.records import MAX_CELL, MAX_COLUMNS, Records

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_CHUNK_ROWS = 20_000
_START = 4 * 1024 * 1024  # no row that is allowed is as long as a sixtieth of this

type Line = tuple[int, list[str]]


def read(content: bytes, name: str) -> Records:
    """Decode, find the delimiter and the header, and split into columns.

    Raises:
        UnreadableFile: no encoding fits, only one column, no header, rows of unequal length, a cell or row beyond the
            limits.
    """
    text, used = encoding.decode(content, name)
    text, first_line, declared = _declared_delimiter(text.lstrip("\ufeff"))
    _refuse_long_rows(text, name)
    delimiter = declared or _delimiter(text, name)
    head = list(islice(_rows(_start(text), delimiter, name, first_line), HEAD_ROWS))
    if not head:
        raise _empty(name)
    _check_width(head, delimiter, name)
    found = layout.find(head, name)
    header = _named_width(found.names, head[found.first :])
    body = quick_text.columns(text, delimiter, len(header), head[found.first :], first_line)
    rows = islice(_rows(text, delimiter, name, first_line), found.first, None)
    lines, columns = body or _collect(rows, header, delimiter, name)
    _refuse_long_cells(columns, header, lines, name)
    note = f"Read as {encoding.NAMES[used]}, separated by {DELIMITERS[delimiter]}."
    line = head[found.header][0]
    return Records(header, columns, lines, line, used, delimiter, (note, *found.notes))


def _empty(name: str) -> UnreadableFile:
    return UnreadableFile(f"{name} is empty.", hint="Export it again and check that it has a header and rows.")


def _declared_delimiter(text: str) -> tuple[str, int, str | None]:
    """Excel's first line "sep=;": the text without it, the number of its first line and the delimiter."""
    head, _, rest = text[:100].partition("\n")
    head = head.strip("\r\"' \ufeff")
    if head.lower().startswith("sep=") and head[4:] in DELIMITERS:
        return text[len(text[:100]) - len(rest) :], 2, head[4:]
    return text, 1, None


def _delimiter(text: str, name: str) -> str:
    """The delimiter under which most of the first rows have the same number of fields, and at least two."""
    best, best_score = "", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for _, row in _sample(text, delimiter, name))
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
        if width >= 2:
            score = (count / widths.total(), width)
            best, best_score = max((best, best_score), (delimiter, score), key=lambda option: option[1])
    if best:
        return best
    if not text.strip():
        raise _empty(name)
    for delimiter in DELIMITERS:  # a cell that does not end may be what hides the others
        list(islice(_rows(_start(text), delimiter, name, 1), HEAD_ROWS))
    raise UnreadableFile(
        f"{name} has only one column: no comma, semicolon or tab separates its fields.",
        hint="A model needs a date, an outcome and at least one channel, each in its own column. Export it again with "
        "commas between the fields.",
    )


def _sample(text: str, delimiter: str, name: str) -> list[Line]:
    """The first rows under one delimiter, as far as it gets: a wrong one may run many fields into one too long."""
    sample: list[Line] = []
    try:
        for line, row in islice(_rows(_start(text), delimiter, name, 1), HEAD_ROWS):
            sample.append((line, row))
            if len(row) > MAX_COLUMNS:
                break
    except UnreadableFile:
        return sample
    return sample


def _start(text: str) -> str:
    """Enough of a large text for its first rows, cut at the end of a line."""
    return text[: _last_end(text) + 1] if len(text) > _START else text


def _last_end(text: str) -> int:
    return max(text.rfind("\n", 0, _START), text.rfind("\r", 0, _START))


def _refuse_long_rows(text: str, name: str) -> None:
    if len(text) > _START and _last_end(text) < 0:
        raise UnreadableFile(
            f"The first row of {name} is longer than {_START:,} characters.",
            hint="Export the table with one row per period and one column per channel.",
        )


def _rows(text: str, delimiter: str, name: str, first_line: int) -> Iterator[Line]:
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


def _check_width(head: list[Line], delimiter: str, name: str) -> None:
    widest = max(len(fields) for _, fields in head)
    if widest > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {widest:,} columns; the limit is {MAX_COLUMNS:,}.",
            hint="Keep one row per period and one column per channel.",
        )
    if max(sum(bool(field) for field in fields) for _, fields in head) < 2:
        raise UnreadableFile(
            f"{name} has only one column when it is split at each {DELIMITERS[delimiter]}.",
            hint="A model needs a date, an outcome and at least one channel, each in its own column.",
        )


def _named_width(names: tuple[str, ...], below: Sequence[Line]) -> tuple[str, ...]:
    """The header without the blank names behind its last one when no row has a field there."""
    width = max((len(fields) for _, fields in below), default=len(names))
    while len(names) > width and not names[-1]:
        names = names[:-1]
    return names


def _collect(
    rows: Iterator[Line], header: tuple[str, ...], delimiter: str, name: str
) -> tuple[tuple[int, ...], list[Sequence[Cell]]]:
    """Rows turned into columns, a chunk at a time so that a large file is never held twice."""
    lines: list[int] = []
    columns: list[list[Cell]] = [[] for _ in header]
    shared: dict[str, str] = {}
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        _refuse_swallowed_rows(chunk, len(header), delimiter, name)
        fitted = [_fitted(line, fields, header, name) for line, fields in chunk]
        lines.extend(line for line, _ in chunk)
        for column, cells in zip(columns, zip(*fitted, strict=True), strict=True):
            # Equal texts share one object: columns of zeros and repeated amounts are what fills large files.
            column.extend(shared.setdefault(cell, cell) if cell else None for cell in cells)
        if len(shared) > _CHUNK_ROWS:
            shared.clear()
    return tuple(lines), list(columns)


def _refuse_swallowed_rows(rows: Sequence[Line], width: int, delimiter: str, name: str) -> None:
    """A quotation mark that is opened and not closed makes one cell of all that follows up to the next one."""
    for line, fields in rows:
        if any("\n" in field and field.count(delimiter) >= width - 1 for field in fields):
            raise UnreadableFile(
                f"A cell in row {line} of {name} holds a whole row of fields.",
                hint="Look for a quotation mark there that is opened and not closed, and remove it.",
            )


def _fitted(line: int, fields: list[str], header: tuple[str, ...], name: str) -> list[str]:
    """A row as wide as the header: surplus fields must be empty, missing ones are those of a total or a remark."""
    surplus = len(fields) - len(header)
    if surplus == 0:
        return fields
    if surplus > 0 and not any(fields[len(header) :]):
        return fields[: len(header)]
    lone = sum(map(bool, fields)) == 1 and is_text(fields[0])
    if surplus < 0 and (lone or is_total_label(fields[0])):
        return fields + [""] * -surplus
    raise UnreadableFile(
        f"Row {line} of {name} has {len(fields)} fields; the header has {len(header)}.",
        hint="Look for a separator too many or too few there, or for one inside text or a number without quotation "
        "marks.",
    )


def _refuse_long_cells(columns: list[Sequence[Cell]], header: tuple[str, ...], lines: Sequence[int], name: str) -> None:
    for column, title in zip(columns, header, strict=True):
        if quick_text.longest(column) <= MAX_CELL:
            continue
        lengths = [len(cell) if isinstance(cell, str) else 0 for cell in column]
        raise UnreadableFile(
            f"Row {lines[lengths.index(max(lengths))]} of {name} holds {max(lengths):,} characters in {title[:40]!r}; "
            f"the limit is {MAX_CELL:,}.",
            hint="Usually a quotation mark is opened and not closed there.",
        )
