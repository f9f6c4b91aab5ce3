"""Merged cells of a sheet: text is given to every cell of its range, whatever leaves a doubt is refused."""

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter

from openpyxl.utils.cell import get_column_letter, range_boundaries

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.ingest.numbers import Cell

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')

type Grid = list[tuple[int, list[Cell]]]
type Range = tuple[int, int, int, int]


def merged_ranges(xml: bytes) -> list[Range]:
    return [_boundaries(match.group(1).decode()) for match in _MERGE.finditer(xml)]


def _boundaries(reference: str) -> Range:
    """First column, first row, last column, last row, from 1."""
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def unmerge(grid: Grid, merged: list[Range], width: int, name: str) -> int:
    """Give every cell of a merged range its text, in place; the number of ranges that held text.

    Raises:
        UnreadableFile: the ranges overlap, which no spreadsheet program writes.
    """
    by_line = dict(grid)
    lines = [line for line, _ in grid]
    room, count = width * len(grid), 0
    for left, top, right, bottom in merged:
        row = by_line.get(top, [])
        value = row[left - 1] if left <= len(row) else None
        if not isinstance(value, str):
            continue
        right = min(right, width)
        room -= (right - left + 1) * (bisect_right(lines, bottom) - bisect_left(lines, top))
        if room < 0:
            raise UnreadableFile(f"{name} has merged cells that overlap.", hint="Unmerge all cells and save it again.")
        _fill(grid, (left, top, right, bottom), value)
        count += 1
    return count


def refuse_merged(grid: Grid, merged: list[Range], header_line: int, name: str) -> None:
    """Refuse merged cells that leave a doubt.

    Raises:
        UnreadableFile: in the header, where columns would share a name, and for numbers, where it cannot be known
            whether the number is meant for each row or for all of them together.
    """
    by_line = dict(grid)
    for left, top, right, bottom in merged:
        place = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        if top <= header_line <= bottom and (left < right or bottom > header_line):
            raise UnreadableFile(
                f"The header of {name} has merged cells ({place}).",
                hint="Unmerge them and give every column a name of its own in one row.",
            )
        row = by_line.get(top, [])
        value = row[left - 1] if left <= len(row) else None
        if isinstance(value, float):
            raise UnreadableFile(
                f"The merged cells {place} of {name} hold the number {value:,.10g}.",
                hint="Unmerge them and write each row's own number: it may be meant for each row or for all together.",
            )


def _fill(grid: Grid, area: Range, value: Cell) -> None:
    left, top, right, bottom = area
    first = bisect_left(grid, top, key=itemgetter(0))
    for line, row in grid[first:]:
        if line > bottom:
            return
        row.extend([None] * (right - len(row)))
        row[left - 1 : right] = [value] * (right - left + 1)
