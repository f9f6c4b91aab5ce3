"""Numbers as people write them: thousands separators, decimal commas, currencies, per cents, accounting brackets."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

type Cell = str | float | None

MOSTLY = 0.8  # share of numbers from which a column counts as numbers with mistakes in it, not as text
MISSING = frozenset({"", "-", "–", "—", "na", "n/a", "n.a.", "#n/a", "#nv", "nan", "null", "none", "nil"})

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN_SIGNS = frozenset("0123456789.+-eE")
_CURRENCY = re.compile(
    r"[€$£¥₹₽₩₺₪฿]|R\$|\b(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|kr|zł)\b\.?", re.IGNORECASE
)
_GROUP_SPACE = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?"),
}
_EVIDENCE_PER_COLUMN = 2_000  # cells with a sign in them; enough to know a convention, few enough for large files
_SURE_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|0+,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+")
_SURE_POINT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|0+\.\d+|\d+\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d+")


@dataclass(frozen=True, slots=True)
class ParsedNumbers:
    """Cells as floats: empty and wrong cells are nan, `bad` holds the positions of the wrong ones."""

    values: NDArray[np.float64]
    bad: tuple[int, ...]

    @property
    def is_numeric(self) -> bool:
        return not self.bad


def is_missing(cell: Cell) -> bool:
    """Whether a cell counts as empty in a column of numbers."""
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    return cell is None or math.isnan(cell)


def plain_number(text: str) -> float | None:
    """The value of a number with decimal point and no decoration ("-1.5e3"), else None."""
    if _PLAIN.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def parse_number(text: str, decimal: str = ".") -> float | None:
    """The value of a number as people write it, else None.

    "€ 1,234.50" is 1234.5, "(12)" is −12, "12-" is −12, "5 %" is 0.05; with `decimal=","`, "1.234,5" is 1234.5.
    """
    if decimal == "." and (value := plain_number(text)) is not None:
        return value
    sign, body, factor = _undress(text)
    if _GROUPED[decimal].fullmatch(body):
        body = body.replace("," if decimal == "." else ".", "")
    elif decimal == "," and "." in body:
        return None
    value = plain_number(body.replace(",", ".") if decimal == "," else body)
    return None if value is None or body[:1] in "+-" else sign * factor * value


def _undress(text: str) -> tuple[float, str, float]:
    """Sign, digits with separators, and 0.01 for per cents."""
    body = _GROUP_SPACE.sub("", _CURRENCY.sub("", text)).replace("−", "-").strip()
    factor = 1.0
    if body.endswith("%"):
        body, factor = body[:-1].rstrip(), 0.01
    if body.startswith("(") and body.endswith(")"):
        return -1.0, body[1:-1].strip(), factor
    if body.endswith("-"):
        return -1.0, body[:-1].rstrip(), factor
    if body[:1] in ("+", "-"):
        return (-1.0 if body[0] == "-" else 1.0), body[1:].lstrip(), factor
    return 1.0, body, factor


def parse_numbers(cells: Sequence[Cell] | pd.Series, decimal: str = ".") -> ParsedNumbers:
    """Every cell of a column as a float; see `ParsedNumbers`."""
    if isinstance(cells, pd.Series) and pd.api.types.is_numeric_dtype(cells.dtype):
        return ParsedNumbers(cells.to_numpy(dtype=float, na_value=np.nan), ())
    values = np.full(len(cells), np.nan)
    bad: list[int] = []
    for position, cell in enumerate(cells):
        value = parse_number(cell, decimal) if isinstance(cell, str) else cell
        if value is not None:
            values[position] = value
        elif not is_missing(cell):
            bad.append(position)
    return ParsedNumbers(values, tuple(bad))


def all_numbers(cells: Sequence[Cell], decimal: str) -> NDArray[np.float64] | None:
    """The column as floats when every cell is a number or empty, else None, decided at the first cell that is not."""
    if decimal == "." and (plain := _all_plain(cells)) is not None:
        return plain
    values = np.full(len(cells), np.nan)
    for position, cell in enumerate(cells):
        value = parse_number(cell, decimal) if isinstance(cell, str) else cell
        if value is not None:
            values[position] = value
        elif not is_missing(cell):
            return None
    return values


def _all_plain(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """The short way for large columns without decoration or gaps: one pass in C instead of one match for each cell."""
    try:
        texts = cast(Sequence[str], cells)  # the TypeError of join is the test
        if not set("".join(texts)) <= _PLAIN_SIGNS:
            return None
        values = np.array(list(map(float, texts)), dtype=float)
    except (TypeError, ValueError):
        return None
    return values if np.isfinite(values).all() else None


def decimal_sign(columns: Iterable[Sequence[Cell]], delimiter: str) -> str:
    """The decimal sign of a whole file, from the cells that leave no doubt.

    "1,5" can only be a decimal comma and "1,234,567" only thousands; "1,234" alone says nothing. Without any sure
    cell a file with semicolons has decimal commas (that is why it has semicolons), any other has points.
    """
    comma = point = 0
    for cells in columns:
        found = [_sure_sign(cell) for cell in islice(filter(_has_sign, cells), _EVIDENCE_PER_COLUMN)]
        comma += found.count(",")
        point += found.count(".")
    if comma == point:
        return "," if delimiter == ";" and comma == 0 else "."
    return "," if comma > point else "."


def _has_sign(cell: Cell) -> bool:
    return isinstance(cell, str) and ("," in cell or "." in cell)


def _sure_sign(cell: Cell) -> str:
    body = _undress(str(cell))[1]
    return "," if _SURE_COMMA.fullmatch(body) else "." if _SURE_POINT.fullmatch(body) else ""
