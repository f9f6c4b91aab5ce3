"""XLSX workbooks: one visible sheet, read as a stream."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import load_workbook

from mixmodel_app.domain.errors import MixModelError, UnreadableFile
from mixmodel_app.domain.reading import Choice, Question
from mixmodel_app.ingest import layout
from mixmodel_app.ingest.merged_cells import Grid, merged_ranges, refuse_merged, unmerge
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.records import MAX_CELL, MAX_COLUMNS, Records

MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_ROWS = 1_048_576
MAX_CELLS = 1_000_000
SHEET_WIDTH = 16_384  # columns that a sheet can have; formatted ones without content are written down too
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, its non-empty rows by line, and its XML."""

    title: str
    grid: Grid
    xml: bytes

    @property
    def is_table(self) -> bool:
        return len(self.grid) > 1 and max(len(row) for _, row in self.grid) > 1

    @property
    def weight(self) -> int:
        """How many numbers and dates it holds in rows of at least two cells: a cover sheet holds few."""
        full = (row for _, row in self.grid if sum(cell is not None for cell in row) > 1)
        return sum(
            isinstance(cell, float) or (isinstance(cell, str) and cell[:1].isdigit()) for row in full for cell in row
        )


def read(content: bytes, name: str, sheet: str | None = None) -> Records:
    """Values of one visible sheet; see `merged_cells` for what happens to merged cells.

    Args:
        sheet: the title of the sheet that a person chose; None takes the one with the largest table.

    Raises:
        UnreadableFile: damaged, unpacks to too much, no such sheet, no sheet with data, merged headers or numbers,
            formulas without values.
    """
    _refuse_bomb(content, name)
    try:
        sheets = _sheets(content, name)
    except MixModelError:
        raise
    except Exception as problem:  # whatever the parsers below raise on damaged or hostile bytes
        raise UnreadableFile(
            f"{name} is damaged or uses something that cannot be read here.",
            hint="Open it in your spreadsheet program, save it again as .xlsx and upload that.",
        ) from problem
    ranked = sorted(sheets, key=lambda one: -one.weight)
    chosen = _chosen(ranked, sheet, name)
    others = [one.title for one in ranked if one is not chosen]
    notes = [f"Read the sheet {chosen.title!r}."]
    if others:
        notes.append(f"Not read: {', '.join(repr(other) for other in others[:5])}.")
    tables = (chosen.title, *(one.title for one in ranked if one is not chosen and one.is_table))
    questions = () if sheet else _which_sheet(chosen, ranked)
    return replace(_records(chosen, notes, tables, name), questions=questions)


def _which_sheet(chosen: Sheet, ranked: list[Sheet]) -> tuple[Question, ...]:
    """A question when another sheet holds nearly as much: perhaps the other half of the history."""
    rivals = [one.title for one in ranked if one is not chosen and one.is_table and 2 * one.weight >= chosen.weight]
    if not rivals:
        return ()
    choices = tuple(Choice(title, f"Read {title!r}") for title in (chosen.title, *rivals))
    text = (
        f"Which sheet holds the table? {chosen.title!r} was read; {', '.join(map(repr, rivals[:5]))} "
        f"hold{'s' if len(rivals) == 1 else ''} about as much. If they belong together, put them below each other in "
        "one sheet."
    )
    return (Question("sheet", text, choices),)


def _chosen(ranked: list[Sheet], title: str | None, name: str) -> Sheet:
    if not ranked:
        raise UnreadableFile(
            f"{name} has no sheet with data in it.", hint="Hidden sheets are not read: make the table visible."
        )
    if title is None:
        return ranked[0]
    named = next((one for one in ranked if one.title == title), None)
    if named is None:
        known = ", ".join(repr(one.title) for one in ranked[:5])
        raise UnreadableFile(f"{name} has no sheet {title!r} with data.", hint=f"Sheets with data: {known}.")
    return named


def _records(sheet: Sheet, notes: list[str], sheets: tuple[str, ...], name: str) -> Records:
    _refuse_formulas(sheet.xml, name)
    width = max(len(row) for _, row in sheet.grid)
    _check_width(width, name)
    merged = merged_ranges(sheet.xml)
    before = [(line, _padded(list(row), width)) for line, row in sheet.grid]
    unmerged = unmerge(sheet.grid, merged, width, name)
    grid = [(line, _padded(row, width)) for line, row in sheet.grid]
    found = layout.find(grid[: layout.HEAD_ROWS], name)
    header_line = grid[found.header][0]
    refuse_merged(before, merged, header_line, name)
    rows = grid[found.first :]
    columns: list[Sequence[Cell]] = [[row[position] for _, row in rows] for position in range(width)]
    lines = tuple(line for line, _ in rows)
    if unmerged:
        notes.append(f"Unmerged {unmerged} merged {'range' if unmerged == 1 else 'ranges'}: every cell got its text.")
    return Records(found.names, columns, lines, header_line, "xlsx", "", (*notes, *found.notes), sheets)


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


def _sheets(content: bytes, name: str) -> list[Sheet]:
    """The visible sheets that hold anything."""
    _refuse_many_cells(content, name)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    found: list[Sheet] = []
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # some programs declare a wrong size, which would cut the sheet
            # openpyxl reads merged ranges and formulas only when it loads the whole book, at fifty times the memory,
            # and tells the part of a sheet only by this attribute.
            path: str = getattr(sheet, "_worksheet_path")  # noqa: B009
            if grid := _grid(sheet, name):
                found.append(Sheet(sheet.title, grid, _part(content, path)))
    finally:
        book.close()
    return found


def _refuse_many_cells(content: bytes, name: str) -> None:
    """Count what the parts write down before they are parsed, which takes microseconds for each cell."""
    cells = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.namelist():
            xml = archive.read(member)
            cells += sum(xml.count(mark) for mark in (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/"))
            end = _ROW_END.search(xml)
            if end and end.start() > SHEET_WIDTH:
                width = len(_CELL.findall(xml, 0, end.start()))
                if width > SHEET_WIDTH:
                    _check_width(width, name)
    if cells > MAX_CELLS:
        raise UnreadableFile(
            f"{name} has about {cells:,} cells; the limit for a workbook is {MAX_CELLS:,}.",
            hint="Keep only the sheet with the table, or save it as .csv, which may be larger.",
        )


def _part(content: bytes, path: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(path.lstrip("/"))


def _grid(sheet: Any, name: str) -> Grid:
    grid: Grid = []
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > MAX_ROWS:
            raise UnreadableFile(f"{name} has a row beyond {MAX_ROWS:,}, the most that a sheet can hold.")
        row = [_cell(value) for value in values]
        while row and row[-1] is None:
            row.pop()
        if row:
            grid.append((line, row))
            _refuse_long(row, line, name)
            if len(row) > MAX_COLUMNS:
                _check_width(len(row), name)
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


def _refuse_formulas(xml: bytes, name: str) -> None:
    """A program that writes formulas without computing them leaves cells that look empty here."""
    if match := _NO_VALUE.search(xml):
        raise UnreadableFile(
            f"The formula in cell {match.group(1).decode()} of {name} has no stored value.",
            hint="Open the file in your spreadsheet program, let it compute, save it and upload it again.",
        )


def _padded(row: list[Cell], width: int) -> list[Cell]:
    return row + [None] * (width - len(row))
