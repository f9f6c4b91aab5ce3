"""The short way for large text files of a plain dialect, where rows are lines and nothing needs a second thought.

Whatever could be read differently here than by `csv` is left to `csv`: odd quotation marks, lone carriage returns,
blank lines, rows of unequal length. A test holds the two ways to the same result.
"""

import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv

from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.text_column import TextColumn

LEAST_CHARACTERS = 200_000  # below this the long way takes no time
_CONTROLS = bytes(sorted({*range(9), *range(11, 13), *range(14, 32)}))
_BLOCK = 8 * 1024 * 1024

type Body = tuple[Sequence[int], list[Sequence[Cell]]]


def columns(
    text: str, delimiter: str, width: int, below: Sequence[tuple[int, list[str]]], first_line: int
) -> Body | None:
    """Line numbers and columns of all rows from the first of `below` on, or None when this way is not safe."""
    if len(text) < LEAST_CHARACTERS or text.count("\r") != text.count("\r\n"):
        return None
    if not below or any(len(fields) != width for _, fields in below):
        return None
    start = below[0][0]
    body = _from_line(text, start - first_line).encode()
    if not _is_simple(body, delimiter.encode()):
        return None
    try:
        table = _parse(body, delimiter, width)
    except pa.ArrowInvalid:
        return None
    if table.num_rows != body.count(b"\n") + (not body.endswith(b"\n")):
        return None
    bare = body.isascii() and not any(blank in body for blank in (b" ", b"\t"))
    found = [TextColumn(table.column(place), trimmed=bare) for place in range(width)]
    lines = np.arange(start, start + table.num_rows)
    blank = np.logical_and.reduce([column.empty() for column in found])
    if blank.any():
        return lines[~blank].tolist(), [column.take(~blank) for column in found]
    return range(start, start + table.num_rows), list(found)


def longest(column: Sequence[Cell]) -> int:
    """The number of characters of the longest text in a column."""
    if isinstance(column, TextColumn):
        return column.longest()
    return max((len(cell) for cell in column if isinstance(cell, str)), default=0)


def _from_line(text: str, skipped: int) -> str:
    place = 0
    for _ in range(skipped):
        place = text.index("\n", place) + 1
    return text[place:]


def _is_simple(body: bytes, delimiter: bytes) -> bool:
    if len(body) != len(body.translate(None, _CONTROLS)):
        return False
    return b'"' not in body or _simply_quoted(body, delimiter)


def _simply_quoted(body: bytes, delimiter: bytes) -> bool:
    """Whether every quotation mark opens or closes a whole field."""
    opening = body.count(delimiter + b'"') + body.count(b'\n"') + body.startswith(b'"')
    closing = body.count(b'"' + delimiter) + body.count(b'"\r\n') + body.count(b'"\n') + body.endswith(b'"')
    odd = b'""' in body or delimiter + b'"' + delimiter in body
    return not odd and opening == closing and opening + closing == body.count(b'"')


def _parse(body: bytes, delimiter: str, width: int) -> pa.Table:
    names = [str(place) for place in range(width)]
    return pc_csv.read_csv(
        io.BytesIO(body),
        read_options=pc_csv.ReadOptions(column_names=names, block_size=_BLOCK),
        parse_options=pc_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        convert_options=pc_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
