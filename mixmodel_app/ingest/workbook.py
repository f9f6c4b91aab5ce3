"""XLSX workbooks: the first visible sheet that holds something, read as a stream."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import get_column_letter, range_boundaries

from mixmodel_app.domain.errors import MixModelError, UnreadableFile
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.records import MAX_CELL, MAX_COLUMNS, Records

MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')

type Grid = list[tuple[int, list[Cell]]]
type Range = tuple[int, int, int, int]


def read(content: bytes, name: str) -> Records:
    """Values of the first non-empty visible sheet; see `_unmerge` for what happens to merged cells.

    Raises:
        UnreadableFile: damaged, unpacks to too much, no sheet with data, merged headers or merged numbers.
    """
    _refuse_bomb(content, name)
    try:
        title, others, grid, merged = _first_sheet(content, name)
    except MixModelError:
        raise
    except Exception as problem:  # whatever the parsers below raise on damaged or hostile bytes
        raise UnreadableFile(
            f"{name} is damaged or uses something that cannot be read here.",
            hint="Open it in your spreadsheet program, save it again as .xlsx and upload that.",
        ) from problem
    width = max((len(row) for _, row in grid), default=0)
    _check_width(width, name)
    notes = [f"Read the sheet {title!r}."]
    if others:
        notes.append(f"Not read: {', '.join(repr(other) for other in others[:5])}.")
    notes += _unmerge(grid, merged, width, name)
    header_line, header = grid[0]
    names = tuple("" if cell is None else _as_title(cell) for cell in _padded(header, width))
    rows = [(line, _padded(row, width)) for line, row in grid[1:] if any(cell is not None for cell in row)]
    columns: list[list[Cell]] = [[row[position] for _, row in rows] for position in range(width)]
    return Records(names, columns, tuple(line for line, _ in rows), header_line, "xlsx", "", tuple(notes))


def _refuse_bomb(content: bytes, name: str) -> None:
    """Look at the sizes that the archive declares before anything is unpacked; zipfile never reads beyond them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        raise UnreadableFile(
            f"{name} would unpack to {unpacked / 1024**2:,.0f} MB in {len(members):,} parts; "
            f"the limit is {MAX_UNPACKED // 1024**2} MB.",
            hint="Keep only the sheet with the table, without formatting, or save it as .csv.",
        )


def _first_sheet(content: bytes, name: str) -> tuple[str, list[str], Grid, list[Range]]:
    """Title, titles of the other visible sheets, non-empty rows by line, and merged ranges."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            sheet.reset_dimensions()  # some programs declare a wrong size, which would cut the sheet
            grid = _grid(sheet, name)
            if grid:
                others = [other.title for other in visible if other is not sheet]
                # openpyxl reads merged ranges only when it loads the whole book, at fifty times the memory, and
                # tells the part of a sheet only by this attribute.
                path: str = getattr(sheet, "_worksheet_path")  # noqa: B009
                return sheet.title, others, grid, _merged_ranges(content, path)
    finally:
        book.close()
    raise UnreadableFile(
        f"{name} has no sheet with data in it.", hint="Hidden sheets are not read: make the table visible."
    )


def _grid(sheet: Any, name: str) -> Grid:
    grid: Grid = []
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        row = [_cell(value) for value in values]
        while row and row[-1] is None:
            row.pop()
        if row:
            grid.append((line, row))
            _refuse_long(row, line, name)
    return grid


def _cell(value: Any) -> Cell:
    """A workbook's value as text or float: dates become ISO text, truth values words."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).strip() or None


def _as_title(cell: str | float) -> str:
    return cell if isinstance(cell, str) else repr(cell).removesuffix(".0")


def _refuse_long(row: list[Cell], line: int, name: str) -> None:
    longest = max((len(cell) for cell in row if isinstance(cell, str)), default=0)
    if longest > MAX_CELL:
        raise UnreadableFile(
            f"Row {line} of {name} holds a cell of {longest:,} characters; the limit is {MAX_CELL:,}.",
            hint="Remove the long text.",
        )


def _check_width(width: int, name: str) -> None:
    if width > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {width:,} columns; the limit is {MAX_COLUMNS:,}.",
            hint="Keep one row per period and one column per channel.",
        )
    if width < 2:
        raise UnreadableFile(
            f"{name} has only one column.",
            hint="A model needs a date, an outcome and at least one channel, each in its own column.",
        )


def _merged_ranges(content: bytes, path: str) -> list[Range]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(path.lstrip("/"))
    return [_boundaries(match.group(1).decode()) for match in _MERGE.finditer(xml)]


def _boundaries(reference: str) -> Range:
    """First column, first row, last column, last row, from 1."""
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def _unmerge(grid: Grid, merged: list[Range], width: int, name: str) -> Iterator[str]:
    """Give every cell of a merged range its value, in place, and say so.

    Raises:
        UnreadableFile: in the header, where columns would share a name, and for numbers, where it cannot be known
            whether the number is meant for each row or for all of them together.
    """
    by_line = dict(grid)
    header_line = grid[0][0]
    count = 0
    for left, top, right, bottom in merged:
        place = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        if top <= header_line <= bottom:
            raise UnreadableFile(
                f"The header of {name} has merged cells ({place}).",
                hint="Unmerge them and give every column a name of its own in one row; remove title rows above it.",
            )
        row = by_line.get(top, [])
        value = row[left - 1] if left <= len(row) else None
        if isinstance(value, float):
            raise UnreadableFile(
                f"The merged cells {place} of {name} hold the number {value:,.10g}.",
                hint="Unmerge them and write each row's own number: it may be meant for each row or for all together.",
            )
        if value is not None:
            _fill(by_line, (left, top, min(right, width), bottom), value)
            count += 1
    if count:
        yield f"Unmerged {count} merged {'range' if count == 1 else 'ranges'}: every cell got the text of its range."


def _fill(by_line: dict[int, list[Cell]], area: Range, value: Cell) -> None:
    left, top, right, bottom = area
    for line in range(top, min(bottom, max(by_line)) + 1):
        row = by_line.get(line)
        if row is not None and left <= right:
            row.extend([None] * (right - len(row)))
            row[left - 1 : right] = [value] * (right - left + 1)


def _padded(row: list[Cell], width: int) -> list[Cell]:
    return row + [None] * (width - len(row))
