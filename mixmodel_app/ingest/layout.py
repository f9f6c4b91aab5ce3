"""Where the table begins in a file: comments, titles and blank lines above the header, and rows of units below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.ingest.date_formats import is_date
from mixmodel_app.ingest.numbers import Cell, parse_number
from mixmodel_app.ingest.vocabulary import CURRENCY, EXPOSURE, RATE, SPEND, Name

HEAD_ROWS = 60  # a header deeper than this is not looked for

_COMMENT = re.compile(r"(?:#|//)(?!n/?[av]\b)", re.IGNORECASE)
_UNIT = re.compile(
    r"[\[(]?(?:in )?(?:k|t|tsd\.?|th\.?|mio\.?|mn|m)?\s?(?:€|\$|£|eur|usd|gbp|chf|euros?|dollars?|%|percent|prozent|"
    r"units?|stück|stk\.?|pcs|number|count|anzahl|date|datum|float|integer|int|string|text|°c|grps?|index|#)[\])]?",
    re.IGNORECASE,
)

_MEASURES = SPEND.union(*EXPOSURE.values())

type Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of the header among the first rows.

    Attributes:
        header, first: positions of the header and of the first row of data.
        names: one name per column, "" where there is none.
        notes: which rows were left out, in sentences.
    """

    header: int
    first: int
    names: tuple[str, ...]
    notes: tuple[str, ...]


def find(rows: Sequence[Row], name: str) -> Layout:
    """Find the header: the first row of names with data right below it.

    Args:
        rows: line number and cells of the first non-empty rows.

    Raises:
        UnreadableFile: there is no row of names, or rows of data stand above it.
    """
    usual = median([count for _, cells in rows if (count := len(_filled(cells))) > 1] or [0])
    candidates = [i for i, (_, cells) in enumerate(rows) if _could_be_names(cells, usual)]
    header = next((i for i in candidates if _data_below(rows, i)), candidates[0] if candidates else None)
    if header is None or any(_is_data(cells, usual) for _, cells in rows[:header]):
        raise _no_header(rows, usual, name)
    first = header + 1 + _has_units(rows, header)
    names = tuple(_as_title(cell) for cell in rows[header][1])
    names = (names[0].lstrip("#/ "), *names[1:])
    notes = [*_note_above(rows, header)]
    grouped = _with_groups(rows, header, names)
    if grouped != names:
        notes.append(f"Joined the two header rows, for example to {grouped[-1]!r}.")
    if first > header + 1:
        units = ", ".join(str(cell) for cell in _filled(rows[header + 1][1])[:4])
        notes.append(f"Left out row {rows[header + 1][0]}, which holds units ({units}). Amounts are as written.")
    return Layout(header, first, grouped, tuple(notes))


def is_text(cell: Cell) -> bool:
    """Whether a cell is neither empty nor a number nor a date."""
    return isinstance(cell, str) and not _is_number(cell) and not is_date(cell)


def _filled(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell not in (None, "")]


def _is_number(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return cell is not None
    return parse_number(cell) is not None or parse_number(cell, ",") is not None


def _could_be_names(cells: Sequence[Cell], usual: float) -> bool:
    filled = _filled(cells)
    return len(filled) >= max(2, 0.6 * usual) and all(is_text(cell) for cell in filled)


def _is_data(cells: Sequence[Cell], usual: float) -> bool:
    """Whether a row above a header would be lost data: as full as the others, with a date and a number."""
    filled = _filled(cells)
    full = len(filled) >= max(2, 0.9 * usual)
    dates = [isinstance(cell, str) and is_date(cell) for cell in filled]
    return full and any(dates) and any(_is_number(cell) for cell, date in zip(filled, dates, strict=True) if not date)


def _data_below(rows: Sequence[Row], header: int) -> bool:
    below = header + 1 + _has_units(rows, header)
    return below >= len(rows) or any(not is_text(cell) for cell in _filled(rows[below][1]))


def _has_units(rows: Sequence[Row], header: int) -> bool:
    if header + 2 >= len(rows):
        return False
    filled = _filled(rows[header + 1][1])
    return all(isinstance(cell, str) and _UNIT.fullmatch(cell) for cell in filled)


def _as_title(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _note_above(rows: Sequence[Row], header: int) -> list[str]:
    above = [(line, _filled(cells)) for line, cells in rows[:header]]
    if not above:
        return []
    kind = "comments" if all(_COMMENT.match(str(cells[0])) for _, cells in above) else "lines"
    shown = "; ".join(repr(str(cells[0])[:40]) for _, cells in above[:3])
    return [f"The header is row {rows[header][0]}; {kind} above it were left out: {shown}."]


def _with_groups(rows: Sequence[Row], header: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that repeat, or are only measures, get the group from the row above: "TV" over "clicks" is "TV clicks".

    A blank name gets what stands above it alone: "date" in the upper row, measures in the lower.
    """
    above = [str(cell) if cell else "" for cell in rows[header - 1][1]] if header else []
    if len([over for over in above if over]) < 2 and len(set(names) - {""}) == len([name for name in names if name]):
        return names
    above += [""] * (len(names) - len(above))
    group, groups = "", []
    for over in above[: len(names)]:
        group = over or group
        groups.append(group)
    measures = [title for title in names if _is_measure(title)]
    several = len({over for over, title in zip(groups, names, strict=True) if title in measures}) > 1
    joined = tuple(
        f"{over} {title}".strip() if title and (names.count(title) > 1 or (several and title in measures)) else title
        for over, title in zip(groups, names, strict=True)
    )
    joined = tuple(title or over for over, title in zip(above, joined, strict=False))
    filled = [title for title in joined if title]
    return joined if len(filled) == len(set(filled)) else names


def _is_measure(title: str) -> bool:
    """Whether a name says what is measured and not of which channel."""
    words = set(Name.of(title).words)
    return bool(words & _MEASURES) and words <= _MEASURES | CURRENCY | RATE


def _no_header(rows: Sequence[Row], usual: float, name: str) -> UnreadableFile:
    line, cells = next(((line, cells) for line, cells in rows if len(_filled(cells)) >= max(2, 0.6 * usual)), rows[0])
    filled = _filled(cells)
    shown = ", ".join(str(cell)[:20] for cell in filled[:4])
    if sum(isinstance(cell, str) and is_date(cell) for cell in filled) >= max(3, 0.6 * (len(filled) - 1)):
        return UnreadableFile(
            f"In {name} the dates run across the columns (row {line}: {shown}).",
            hint="Turn the table around so that each row is one period: in a spreadsheet, copy it and paste it "
            "transposed.",
        )
    return UnreadableFile(
        f"{name} has no row of column names: row {line} holds values ({shown}).",
        hint="Put a row above the data with one name, in words, for each column.",
    )
