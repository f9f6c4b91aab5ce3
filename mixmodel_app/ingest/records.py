"""What both kinds of file are reduced to before one set of rules is applied to them."""

from dataclasses import dataclass

from mixmodel_app.ingest.numbers import Cell

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
    """

    header: tuple[str, ...]
    columns: list[list[Cell]]
    lines: tuple[int, ...]
    header_line: int
    encoding: str
    delimiter: str
    notes: tuple[str, ...]
