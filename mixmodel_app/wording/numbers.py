"""How numbers and dates look, in one place, so that a figure reads the same on a page, in a chart and in an export.

A currency is a symbol ("€") or a code ("EUR"), put in front; "" when it is not known. Missing (`MISSING`) and not
estimated (`NOT_ESTIMATED`) are different things, and neither is zero.
"""

import math
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import TypeGuard

MISSING = "–"
NOT_ESTIMATED = "not estimated"
_TINY_SHARE = 0.0005  # below it a share would read 0.0 %
MINUS = "−"
EN_DASH = "–"

Cell = str | float | int | None

_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Format(StrEnum):
    """How one column of a table is written."""

    TEXT = "text"
    MONEY = "money"
    RETURN = "return"
    PERCENT = "percent"
    NUMBER = "number"
    COUNT = "count"
    RHAT = "rhat"
    DATE = "date"


def money(value: float | None, currency: str = "") -> str:
    """Short money for prose and charts: "€1.2M", "€40k", "€950", "€9.50"."""
    return _with_sign(value, lambda size: prefix(currency) + _short(size))


def signed_money(value: float | None, currency: str = "") -> str:
    """A change of money, with its sign: "+€22k", "−€3k", "€0"."""
    text = money(value, currency)
    return f"+{text}" if is_known(value) and value > 0 and text != money(0, currency) else text


def full_money(value: float | None, currency: str = "") -> str:
    """Money for tables, to the unit, or with two decimals below 100: "€1,234,567", "€12.30"."""
    return _with_sign(value, lambda size: f"{prefix(currency)}{size:,.{0 if round(size, 2) >= 100 else 2}f}")


def roas(value: float | None, currency: str = "") -> str:
    """Return per 1 spent, two decimals: "€2.10", or "2.10" without a currency."""
    return _with_sign(value, lambda size: f"{prefix(currency)}{size:,.2f}")


def percent(share: float | None) -> str:
    """A fraction as per cent: no decimals, one below 10 %: "34 %", "9.5 %", "0 %"."""
    if share is not None and -_TINY_SHARE < share < 0:
        return f">{MINUS}0.1 %"
    return _with_sign(share, lambda size: f"{_percent_digits(size * 100)} %")


def signed_percent(share: float | None) -> str:
    """A relative change with its sign: "+12 %", "−9.5 %", "0 %"."""
    text = percent(share)
    grows = is_known(share) and share >= _TINY_SHARE
    return f"+{text}" if grows else text


def plain(value: float | None) -> str:
    """A number in prose, three significant digits, thousands separated: "1,230", "0.0123"."""
    return _with_sign(value, _three_digits)


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return _with_sign(value, lambda size: f"{size:,.0f}")


def rhat(value: float | None) -> str:
    """R-hat, three decimals: the thresholds 1.01 and 1.05 must be readable."""
    return _with_sign(value, lambda size: f"{size:.3f}")


def value_range(lo: float | None, hi: float | None, write: Callable[[float], str]) -> str:
    """A range with an en dash, spaced when a minus sign could be mistaken for it: "€1.40–€2.90", "−0.50 – 2.90"."""
    if not is_known(lo) or not is_known(hi):
        return MISSING
    first, last = write(lo), write(hi)
    return f"{first} {EN_DASH} {last}" if MINUS in first + last else f"{first}{EN_DASH}{last}"


def date_text(iso: str | date | None) -> str:
    """A date in prose: "12 Jan 2026". Takes an ISO date or date-time."""
    if iso is None or iso == "":
        return MISSING
    day = date.fromisoformat(iso[:10]) if isinstance(iso, str) else iso
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def date_range(start: str | date | None, end: str | date | None) -> str:
    """A span of dates: "12 Jan 2026 – 5 Mar 2027"; a shared year is written once."""
    first, last = date_text(start), date_text(end)
    if MISSING in (first, last):
        return MISSING
    if first == last:
        return first
    if first[-4:] == last[-4:]:
        first = first[:-5]
    return f"{first} {EN_DASH} {last}"


def cell(value: Cell, style: Format, currency: str = "") -> str:
    """One table cell: ISO dates stay ISO, text stays itself, a number is written in its column's format."""
    if value is None or isinstance(value, str):
        return MISSING if value is None else value
    writers: dict[Format, Callable[[float], str]] = {
        Format.MONEY: lambda number: full_money(number, currency),
        Format.RETURN: lambda number: roas(number, currency),
        Format.PERCENT: percent,
        Format.NUMBER: plain,
        Format.COUNT: count,
        Format.RHAT: rhat,
    }
    return writers.get(style, plain)(value)


def is_known(value: float | None) -> TypeGuard[float]:
    """Whether there is a finite number to write."""
    return value is not None and math.isfinite(value)


def _with_sign(value: float | None, write: Callable[[float], str]) -> str:
    """Write the size and put the true minus sign in front, unless the size rounds to zero."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = write(abs(value))
    return MINUS + text if value < 0 and text != write(0.0) else text


def prefix(currency: str) -> str:
    """What stands before an amount: the symbol, or the code and a space."""
    return f"{currency} " if currency[-1:].isalpha() else currency


def _short(size: float) -> str:
    for step, letter in _STEPS:
        if round(size * 1e3 / step, 0 if step == _STEPS[-1][0] else 1) >= 1e3:
            return f"{size / step:,.1f}".removesuffix(".0") + letter
    if round(size, 2) == 0 or round(size, 1) >= 100:
        return f"{size:.0f}"
    return f"{size:.2f}" if round(size, 2) < 10 else f"{size:.1f}".removesuffix(".0")


def _percent_digits(points: float) -> str:
    if points == 0 or round(points, 1) >= 10:
        return f"{points:,.0f}"
    return "<0.1" if points < 100 * _TINY_SHARE else f"{points:.1f}"


def _three_digits(size: float) -> str:
    if size == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(size))
    rounded = round(size, decimals)
    decimals = 2 - math.floor(math.log10(rounded))
    text = f"{round(rounded, decimals):,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
