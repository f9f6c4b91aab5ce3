"""Numbers as people write them: thousands separators, decimal commas, currencies, per cents, accounting brackets."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mixmodel_app.ingest.text_column import TextColumn

type Cell = str | float | None

_A_FEW = 200
MOSTLY = 0.8  # share of numbers from which a column counts as numbers with mistakes in it, not as text
MISSING = frozenset(
    {"", "-", "–", "—", "na", "n/a", "n.a.", "#n/a", "#nv", "nan", "null", "none", "nil", "k.a.", "n/d", "s/d"}
)

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN_SIGNS = frozenset("0123456789.+-eE")
CURRENCY = re.compile(
    r"(?:\b(?:US|CA|AU|NZ|HK|MX|[ACRS]))?\$|[€£¥₹₽₩₺₪฿]|\bRs\b\.?|"
    r"\b(?:EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|ZAR|BRL|MXN|CAD|AUD|NZD|SGD|kr|zł)\b\.?",
    re.IGNORECASE,
)
_SCALE = re.compile(r"(?<=[\d.,])\s?(?:(k|tsd\.?)|(m|mn|mio\.?))", re.IGNORECASE)
_GROUP_SPACE = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_GROUPED = {
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d*)?"),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?"),
}


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
        text = cell.strip().lower()
        return text in MISSING or (len(text) < 8 and CURRENCY.sub("", text).strip() in MISSING - {""})
    return cell is None or math.isnan(cell)


def plain_number(text: str) -> float | None:
    """The value of a number with decimal point and no decoration ("-1.5e3"), else None."""
    if _PLAIN.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def parse_number(text: str, decimal: str = ".") -> float | None:
    """The value of a number as people write it, else None.

    "€ 1,234.50" is 1234.5, "(12)" is −12, "12-" is −12, "5 %" is 0.05, "12k" is 12,000; with `decimal=","`, "1.234,5"
    is 1234.5.
    """
    if decimal == "." and (value := plain_number(text)) is not None:
        return value
    sign, body, factor = undress(text)
    if _GROUPED[decimal].fullmatch(body):
        body = body.replace("," if decimal == "." else ".", "")
    elif decimal == "," and "." in body:
        return None
    value = plain_number(body.replace(",", ".") if decimal == "," else body)
    return None if value is None or body[:1] in "+-" else sign * factor * value


def undress(text: str) -> tuple[float, str, float]:
    """Sign, digits with separators, and the factor: 0.01 for per cents, 1,000 for "k"."""
    body = _GROUP_SPACE.sub("", CURRENCY.sub("", text.lstrip("'"))).replace("−", "-").strip()
    factor = 1.0
    if body.endswith("%"):
        body, factor = body[:-1].rstrip(), 0.01
    elif body[-1:].isalpha() or body.endswith("."):
        body, factor = scaled(body)
    if body.startswith("(") and body.endswith(")"):
        return -1.0, body[1:-1].strip(), factor
    if body.endswith("-"):
        return -1.0, body[:-1].rstrip(), factor
    if body[:1] in ("+", "-"):
        return (-1.0 if body[0] == "-" else 1.0), body[1:].lstrip(), factor
    return 1.0, body, factor


def scaled(text: str) -> tuple[str, float]:
    """ "12k" and "1.2 Mio." as digits and a factor; 1 for any other text."""
    end = next((match for match in _SCALE.finditer(text) if match.end() == len(text)), None)
    return (text[: end.start()], 1e3 if end[1] else 1e6) if end else (text, 1.0)


def parse_numbers(cells: Sequence[Cell] | pd.Series, decimal: str = ".") -> ParsedNumbers:
    """Every cell of a column as a float; see `ParsedNumbers`."""
    if isinstance(cells, pd.Series) and pd.api.types.is_numeric_dtype(cells.dtype):
        return ParsedNumbers(cells.to_numpy(dtype=float, na_value=np.nan), ())
    codes, distinct = pd.factorize(np.asarray(list(cells), dtype=object))
    known = [parse_number(cell, decimal) if isinstance(cell, str) else float(cell) for cell in distinct]
    wrong = [value is None and not is_missing(cell) for value, cell in zip(known, distinct, strict=True)]
    values = np.array([*(np.nan if value is None else value for value in known), np.nan])[codes]
    return ParsedNumbers(values, tuple(np.flatnonzero(np.array([*wrong, False])[codes]).tolist()))


def looks_numeric(cells: Sequence[Cell] | pd.Series) -> bool:
    """Whether half of some cells from all over the column are numbers: what is not needs no second look."""
    step = max(1, len(cells) // _A_FEW)
    filled = [cell for cell in cells[::step] if not is_missing(cell)]
    numbers = sum(not isinstance(cell, str) or _is_number(cell) for cell in filled)
    return 2 * numbers >= len(filled)


def _is_number(text: str) -> bool:
    return parse_number(text) is not None or parse_number(text, ",") is not None


def all_numbers(cells: Sequence[Cell], decimal: str) -> NDArray[np.float64] | None:
    """The column as floats when every cell is a number or empty, else None, decided at the first cell that is not."""
    if decimal == "." and (plain := _all_plain(cells)) is not None:
        return plain
    if isinstance(cells, TextColumn) and not cells.with_sign(1) and (plain := cells.plain_numbers()) is not None:
        return plain
    known: dict[Cell, float] = {}
    values: list[float] = []
    for cell in cells:
        if (value := known.get(cell)) is None:
            value = parse_number(cell, decimal) if isinstance(cell, str) else cell
            if value is None and not is_missing(cell):
                return None
            value = known[cell] = np.nan if value is None else value
        values.append(value)
    return np.array(values, dtype=float)


def _all_plain(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """The short way for large columns without decoration or gaps: one pass in C instead of one match for each cell."""
    if isinstance(cells, TextColumn):
        return cells.plain_numbers()
    try:
        texts = cast(Sequence[str], cells)  # the TypeError of join is the test
        if not set("".join(texts)) <= _PLAIN_SIGNS:
            return None
        values = np.array(list(map(float, texts)), dtype=float)
    except (TypeError, ValueError):
        return None
    return values if np.isfinite(values).all() else None
