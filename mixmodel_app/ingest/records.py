"""What both kinds of file are reduced to before one set of rules is applied to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixmodel_app.domain.reading import Question
from mixmodel_app.ingest.numbers import Cell
from mixmodel_app.ingest.text_column import TextColumn

MAX_COLUMNS = 2_000
MAX_CELL = 32_767  # the most that a spreadsheet cell can hold


@dataclass(frozen=True, slots=True)
class Records:
    """Header and rows as read; wholly empty rows are left out.

    Attributes:
        header: names as read, blank ones included.
        columns: one sequence of cells for each name; text is stripped and None when empty.
        lines: the line of each row in the file; `header_line` that of the header.
        encoding, delimiter: as in `Table`.
        notes: sentences for the person.
        sheets: titles of the sheets of a workbook that could be read, the one that was read first.
        questions: what the file leaves open.
    """

    header: tuple[str, ...]
    columns: list[Sequence[Cell]]
    lines: Sequence[int]
    header_line: int
    encoding: str
    delimiter: str
    notes: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def without(self, positions: Sequence[int], note: str) -> Self:
        """The same with these rows left out, which the note says."""
        keep = np.ones(len(self.lines), dtype=bool)
        keep[list(positions)] = False
        kept = np.flatnonzero(keep).tolist()
        columns = [
            column.take(keep) if isinstance(column, TextColumn) else [column[position] for position in kept]
            for column in self.columns
        ]
        lines = tuple(self.lines[position] for position in kept)
        return replace(self, columns=columns, lines=lines, notes=(*self.notes, note))
