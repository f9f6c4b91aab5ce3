"""Rows that are no periods: totals, averages, sources, remarks and repeated headers, at the end or in between."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from mixmodel_app.ingest.date_formats import is_date
from mixmodel_app.ingest.layout import is_text
from mixmodel_app.ingest.numbers import Cell, all_numbers
from mixmodel_app.ingest.records import Records
from mixmodel_app.ingest.text_column import TextColumn
from mixmodel_app.ingest.vocabulary import AVERAGE, AVERAGED, TOTAL, Name

_LABEL_COLUMNS = 8
_MOST_TEXTS = 0.2  # share of texts among the distinct cells of a column of dates
_FEW_TEXTS = 3
_LEAST_ROWS = 4
_SAMPLE = 50
_TOTAL = re.compile(
    r"(?:\d{4}\s+)?(?:grand|sub|report)?[\s-]*"
    r"(?:totals?(?::.*)?|total g[ée]n[ée]ral|totale|totaux|totales|summe|zwischensumme|"
    r"gesamt|gesamtsumme|gesamtergebnis|ergebnis|insgesamt|endsumme|sum|suma|somme|average|avg|mean|mittelwert|"
    r"durchschnitt|moyenne|promedio)(?:\s+(?:general|result))?[\s:]*(?:\d{4})?",
    re.IGNORECASE,
)


def is_total_label(cell: Cell) -> bool:
    """Whether a cell names a row of totals or averages: "Total", "Summe 2024", "Grand Total:"."""
    if not isinstance(cell, str) or (cell[:1].isdigit() and cell[-1:].isdigit()):
        return False
    return _TOTAL.fullmatch(cell.strip("* =-–")) is not None


def without_footers(records: Records) -> Records:
    """Leave out repeated headers, remarks, and rows of totals: named, or being the sum of all others."""
    records = _without_repeated_header(_without_closing_text(records))
    records = _without_remarks(records)
    if totals := _labelled(records):
        labels = sorted({label for _, label in totals})
        rows = _rows(records, [position for position, _ in totals])
        note = f"Left out {rows}: totals or averages ({', '.join(labels[:3])})."
        records = records.without([position for position, _ in totals], note)
    for position in (len(records.lines) - 1, 0):
        if _is_sum(records, position):
            what = "it is the sum of all others"
            return records.without([position], f"Left out {_rows(records, [position])}: {what}.")
    return records


def _rows(records: Records, positions: Sequence[int]) -> str:
    lines = [str(records.lines[position]) for position in positions]
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"row{'s' if len(lines) > 1 else ''} {', '.join(lines[:5])}{more}"


def _label_columns(records: Records) -> Iterator[tuple[int, list[Cell]]]:
    """Places and cells of the first columns that are not plain numbers."""
    for place, column in enumerate(records.columns[:_LABEL_COLUMNS]):
        if not (isinstance(column, TextColumn) and column.is_plain):
            yield place, list(column)


def _labelled(records: Records) -> list[tuple[int, str]]:
    """Positions and labels of rows whose first filled cell is the name of a total."""
    found: list[tuple[int, str]] = []
    for place, cells in _label_columns(records):
        labels = {cell for cell in set(cells) if is_total_label(cell)} | _totals_among_dates(cells)
        if labels:
            hits = [i for i, cell in enumerate(cells) if cell in labels]
            before = records.columns[:place]
            found += [(i, str(cells[i])) for i in hits if all(earlier[i] is None for earlier in before)]
    return sorted(found)


def _totals_among_dates(cells: list[Cell]) -> set[Cell]:
    """Texts in a column of dates with a word for a total anywhere: "Total (12 weeks)", "Average per week"."""
    return {text for text in _texts_among_dates(cells) if set(Name.of(text).words) & (TOTAL | AVERAGE)}


def _texts_among_dates(cells: list[Cell]) -> list[str]:
    """The distinct texts, which begin with no digit, of a column whose other cells are dates."""
    distinct = [cell for cell in set(cells) if isinstance(cell, str)]
    if 2 * sum(map(is_date, distinct[:_SAMPLE])) <= len(distinct[:_SAMPLE]):
        return []
    texts = [cell for cell in distinct if not cell[:1].isdigit() and is_text(cell)]
    return texts if len(texts) <= max(_FEW_TEXTS, _MOST_TEXTS * len(distinct)) else []


def _without_repeated_header(records: Records) -> Records:
    """Files that were put below each other, or printed pages, have their header more than once."""
    names = [title.casefold() for title in records.header]
    place = next((i for i, title in enumerate(names) if title), None)
    first = records.columns[place] if place is not None else ()
    if place is None or (isinstance(first, TextColumn) and first.is_plain):
        return records
    same = [
        i
        for i, cell in enumerate(first)
        if isinstance(cell, str) and cell.casefold() == names[place] and _repeats_header(records, i, names)
    ]
    return records.without(same, f"Left out {_rows(records, same)}: the header again.") if same else records


def _repeats_header(records: Records, position: int, names: list[str]) -> bool:
    cells = [str(column[position] or "").casefold() for column in records.columns]
    return cells == names and sum(map(bool, cells)) > 1


def _without_remarks(records: Records) -> Records:
    """Rows between the others with nothing but a text where the date should be."""
    for _, cells in _label_columns(records):
        texts = set(_texts_among_dates(cells))
        rows = [i for i, cell in enumerate(cells) if cell in texts and _is_remark(records, i)] if texts else []
        if rows:
            note = f"Left out {_rows(records, rows)}, which hold{'' if len(rows) > 1 else 's'} only text: "
            return records.without(rows, f"{note}{str(cells[rows[0]])[:60]!r}.")
    return records


def _without_closing_text(records: Records) -> Records:
    last = len(records.lines)
    while last > 1 and _is_remark(records, last - 1):
        last -= 1
    dropped = list(range(last, len(records.lines)))
    if not dropped:
        return records
    text = next(str(column[last]) for column in records.columns if column[last] is not None)
    return records.without(dropped, f"Left out {_rows(records, dropped)} at the end: {text[:60]!r}.")


def _is_remark(records: Records, position: int) -> bool:
    filled = [cell for column in records.columns if (cell := column[position]) is not None]
    return len(filled) == 1 and len(records.columns) > 2 and is_text(filled[0]) and not is_total_label(filled[0])


def _is_sum(records: Records, position: int) -> bool:
    """Whether a row holds, in every column of amounts, the sum of all other rows.

    Two columns at least, so that chance is ruled out; one is enough in a row without a first cell.
    """
    if len(records.lines) < _LEAST_ROWS:
        return False
    sums = 0
    for title, column in zip(records.header, records.columns, strict=True):
        if column[position] is None or Name.of(title).first_of(AVERAGED):
            continue
        if (values := _either(column)) is None:
            continue
        rest = np.nansum(np.delete(values, position))
        if not np.isclose(values[position], rest, rtol=1e-6, atol=0.01):
            return False
        sums += bool(values[position])
    return sums > (records.columns[0][position] is not None)


def _either(column: Sequence[Cell]) -> np.ndarray | None:
    values = all_numbers(column, ".")
    return all_numbers(column, ",") if values is None else values
