"""The rules that hold for every table, whatever file it came in: names, empty columns, numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.domain.reading import Choice, Question
from mixmodel_app.ingest.dates import are_months
from mixmodel_app.ingest.decimals import Decimals, decimals
from mixmodel_app.ingest.decoration import currency_column_notes, decoration_notes
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.ingest.numbers import MOSTLY, Cell, all_numbers, looks_numeric, parse_number, parse_numbers
from mixmodel_app.ingest.records import Records
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.text_column import TextColumn

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def assemble(records: Records, name: str, decimal: str | None = None) -> Table:
    """Check the header, drop what has neither name nor content, and turn columns of numbers into floats.

    Args:
        decimal: a person's decision about the decimal sign.

    Raises:
        UnreadableFile: no rows, blank or repeated names, fewer than two columns.
    """
    if not records.lines:
        raise UnreadableFile(
            f"{name} has a header but no rows.", hint="Export it again with the data included, one row per period."
        )
    notes = list(records.notes)
    header, columns = _without_nameless(records, name, notes)
    header = _safe_names(header, notes)
    _refuse_repeats(header, name)
    if len(header) < 2:
        raise UnreadableFile(
            f"{name} has only one column with a name: {header[0]!r}." if header else f"{name} has no column names.",
            hint="A model needs a date, an outcome and at least one channel, each in its own column.",
        )
    found = decimals(columns, records.delimiter, decimal)
    frame = pd.DataFrame(
        {
            title: _typed(cells, title, sign, notes)
            for title, cells, sign in zip(header, columns, found.signs, strict=True)
        }
    )
    if found.common == ",":
        notes.append("Numbers have a decimal comma: 1,5 is one and a half.")
    notes += _odd_columns(header, found)
    for title, cells in zip(header, columns, strict=True):
        notes += currency_column_notes(cells, title)
    table = Table(
        frame,
        records.encoding,
        records.delimiter,
        found.common,
        tuple(records.lines),
        tuple(notes),
        sheets=records.sheets,
    )
    return table.asking(*records.questions, *_doubts(header, found))


def _odd_columns(header: list[str], found: Decimals) -> list[str]:
    odd = [title for title, sign in zip(header, found.signs, strict=True) if sign != found.common]
    if not odd:
        return []
    word = "comma" if found.common == "." else "point"
    return [f"Numbers in {', '.join(map(repr, odd[:3]))} have a decimal {word}, unlike the rest of the file."]


def _doubts(header: list[str], found: Decimals) -> list[Question]:
    """One question for the file, about the first column whose numbers could mean a thousand times as much."""
    if not found.doubtful:
        return []
    place, example = next(iter(found.doubtful.items()))
    sign = found.signs[place]
    readings = {one: parse_number(example, one) for one in (sign, "." if sign == "," else ",")}
    if len(set(readings.values())) < 2:
        return []
    choices = [Choice(one, f"{example} is {value:,.10g}") for one, value in readings.items() if value is not None]
    text = (
        f"Is {example!r} in {header[place]!r} {choices[0].label.split(' is ')[1]} or "
        f"{choices[-1].label.split(' is ')[1]}? The file does not say; it was read as the first."
    )
    return [Question("decimal", text, tuple(choices), header[place])]


def _without_nameless(records: Records, name: str, notes: list[str]) -> tuple[list[str], list[Sequence[Cell]]]:
    header: list[str] = []
    columns: list[Sequence[Cell]] = []
    for position, (title, cells) in enumerate(zip(records.header, records.columns, strict=True)):
        if title:
            header.append(title)
            columns.append(cells)
        elif any(cell is not None for cell in cells):
            if position > 0 or not _is_row_index(cells):
                raise UnreadableFile(
                    f"Column {position + 1} of {name} has values but no name in row {records.header_line}.",
                    hint="Give every column a name in the header, or remove title rows above it.",
                )
            notes.append("Left out the first column: it has no name and only counts the rows.")
    return header, columns


def _is_row_index(cells: Sequence[Cell]) -> bool:
    """0, 1, 2 … or 1, 2, 3 …: what data frames write in front when they are saved."""
    values = all_numbers(cells, ".")
    if values is None or np.isnan(values).any() or values[0] not in (0, 1):
        return False
    return bool(np.array_equal(values, values[0] + np.arange(len(values))))


def _safe_names(header: list[str], notes: list[str]) -> list[str]:
    safe = [neutralise(" ".join(title.translate(_INVISIBLE).split())) for title in header]
    changed = [new for new in safe if new.startswith("'") and new not in header]
    if changed:
        notes.append(
            "Made harmless: column names that a spreadsheet would run as a formula now start with an "
            f"apostrophe ({', '.join(changed[:3])})."
        )
    return safe


def _refuse_repeats(header: list[str], name: str) -> None:
    repeated = [title for title in dict.fromkeys(header) if header.count(title) > 1]
    if repeated:
        places = ", ".join(str(i + 1) for i, title in enumerate(header) if title == repeated[0])
        raise UnreadableFile(
            f"{name} has the column name {repeated[0]!r} more than once (columns {places}).",
            hint="Give every column a name of its own.",
        )


def _typed(cells: Sequence[Cell], title: str, decimal: str, notes: list[str]) -> pd.Series:
    """Floats when every cell is a number or empty, else text; see `_uniform`."""
    if are_months(cells):
        return pd.Series(list(cells), dtype=object)
    values = all_numbers(cells, decimal)
    if values is None:
        return pd.Series(_uniform(cells, decimal), dtype=object)
    if isinstance(cells, TextColumn) and cells.is_plain:
        return pd.Series(values, dtype=float)
    empty = (cells[position] for position in np.flatnonzero(np.isnan(values)).tolist())
    words = sorted({cell for cell in empty if isinstance(cell, str)})
    notes += decoration_notes(cells, title)
    if words:
        notes.append(f"Read as empty in {title!r}: {', '.join(repr(word) for word in words[:3])}.")
    return pd.Series(values, dtype=float)


def _uniform(cells: Sequence[Cell], decimal: str) -> list[str | None]:
    """Text as read; in a column of numbers with a few mistakes the numbers get a decimal point and no decoration.

    So whoever reads the cells later needs to know nothing about the file that they came in.
    """
    if not looks_numeric(cells):
        return list(cells) if isinstance(cells, TextColumn) else [_as_text(cell) for cell in cells]
    numbers = parse_numbers(cells, decimal)
    filled = sum(cell is not None for cell in cells)
    good = np.isfinite(numbers.values)
    if good.sum() < MOSTLY * filled:
        return [_as_text(cell) for cell in cells]
    return [
        _as_text(float(number) if fine else cell)
        for cell, number, fine in zip(cells, numbers.values, good, strict=True)
    ]


def _as_text(cell: Cell) -> str | None:
    return cell if cell is None or isinstance(cell, str) else repr(float(cell)).removesuffix(".0")
