"""How numbers and dates look, in one place, so that a figure reads the same on a page, in a chart and in an export.

Currency, separators and the level of ranges are those that the workspace of the reader prefers, and the outcome is
written as money or as a count: the `Look`. It is set once for each request (`use`, `looking`) and passes into threads.
Missing (`MISSING`) and not estimated (`NOT_ESTIMATED`) are different things, and neither is zero.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeGuard

from mixmodel_app.domain.preferences import NumberFormat
from mixmodel_app.wording.look import Look as Look
from mixmodel_app.wording.look import level as level
from mixmodel_app.wording.look import look as look
from mixmodel_app.wording.look import looking as looking
from mixmodel_app.wording.look import use as use
from mixmodel_app.wording.look import use_outcome as use_outcome

MISSING = "–"
NOT_ESTIMATED = "not estimated"
_TINY_SHARE = 0.0005  # below it a share would read 0.0 %
MINUS = "−"
EN_DASH = "–"

Cell = str | float | int | None

_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+)(?!\d|\.\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Format(StrEnum):
    """How one column of a table is written."""

    TEXT = "text"
    MONEY = "money"
    OUTCOME = "outcome"
    AMOUNT = "amount"
    RETURN = "return"
    PERCENT = "percent"
    NUMBER = "number"
    COUNT = "count"
    RHAT = "rhat"
    DATE = "date"


def money(value: float | None) -> str:
    """Short money for prose and charts: "€1.2M", "€40k", "€950", "€9.50"."""
    return _with_sign(value, lambda size: look().prefix + _short(size))


def signed_money(value: float | None) -> str:
    """A change of money, with its sign: "+€22k", "−€3k", "€0"."""
    return _signed(value, money)


def full_money(value: float | None) -> str:
    """Money for tables, to the unit, or with two decimals below 100: "€1,234,567", "€12.30"."""
    return _with_sign(value, lambda size: look().prefix + _full(size))


def short(value: float | None) -> str:
    """As `money` without the currency: "1.2M" impressions."""
    return _with_sign(value, _short)


def amount(value: float | None) -> str:
    """As `full_money` without the currency, for fields that people type into: "1,234,567", "12.30"."""
    return _with_sign(value, _full)


def outcome(value: float | None) -> str:
    """A short amount of the outcome: "€1.2M" where it is money, "1.2M" where it is a count."""
    return _with_sign(value, lambda size: look().outcome_prefix + _short(size))


def signed_outcome(value: float | None) -> str:
    """A change of the outcome, with its sign."""
    return _signed(value, outcome)


def full_outcome(value: float | None) -> str:
    """An amount of the outcome for tables, rounded as `full_money`."""
    return _with_sign(value, lambda size: look().outcome_prefix + _full(size))


def with_things(text: str) -> str:
    """An amount of the outcome in a sentence, where a count needs its noun: "€40k", "1.2k orders"."""
    return f"{text} {look().things}".rstrip() if look().counts else text


def roas(value: float | None) -> str:
    """The outcome per 1 spent: money with two decimals ("€2.10", or "2.10" without a currency).

    A count per 1 is often small: up to four decimals below 1, up to five below 0.01 ("0.12", "0.0042").
    """
    return _with_sign(value, lambda size: f"{look().outcome_prefix}{_return(size)}")


def returned(value: float | None) -> str:
    """`roas` in a sentence, where a count needs its noun: "€2.10", "0.12 orders"."""
    return with_things(roas(value)) if is_known(value) else roas(value)


def percent(share: float | None) -> str:
    """A fraction as per cent: no decimals, one below 10 %: "34 %", "9.5 %", "0 %"."""
    if share is not None and -_TINY_SHARE < share < 0:
        return _punctuated(f">{MINUS}0.1 %")
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
    return _with_sign(value, lambda size: _fixed(size, 0))


def exact(value: float) -> str:
    """A number as people type it, with at least six digits where it has them: "1,250", "37.5"."""
    return _with_sign(value, _six_digits)


def rhat(value: float | None) -> str:
    """R-hat, three decimals: the thresholds 1.01 and 1.05 must be readable."""
    return decimal(value, 3)


def decimal(value: float | None, decimals: int) -> str:
    """A number with so many decimals, whatever its size."""
    return _with_sign(value, lambda size: _fixed(size, decimals))


def separators() -> str:
    """Decimal and thousands, for what a browser writes itself."""
    form = look().number_format
    return form.decimal + form.thousands


def read(text: str) -> float:
    """The number that a person typed, in the format of the look or any other that cannot be mistaken for it.

    Of two separators the last is the decimal one. A single one is what the format says it is, except that it cannot
    group what are not three digits: "2,5" is 2.5 everywhere. Spaces, the currency and a per cent sign say nothing.

    Raises:
        ValueError: it is not a number.
    """
    bare = re.sub(r"[\s'’%]", "", text.replace(MINUS, "-")).removeprefix(look().preferences.currency)
    marks = re.findall(r"[.,]", bare)
    at = _decimal_at(bare, marks)
    whole, decimals = bare[:at], bare[at:]
    digits = re.sub(r"[.,]", "", whole) + decimals.replace(",", ".")
    if decimals[:1] in set(whole) or not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", digits):
        raise ValueError(f"{text!r} is not a number.")
    return float(digits)


def rewritten(text: str, names: Sequence[str] = ()) -> str:
    """A sentence that was stored with its numbers as 1,234.56, in the format of the look; names stay as they are."""
    if look().number_format is NumberFormat.POINT:
        return text
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    parts = re.split(f"({known})", text) if known else [text]
    return "".join(part if part in names else _NUMBER.sub(lambda found: _punctuated(found[0]), part) for part in parts)


def value_range(lo: float | None, hi: float | None, write: Callable[[float], str]) -> str:
    """A range with an en dash, spaced when a minus sign could be mistaken for it: "€1.40–€2.90", "−0.50 – 2.90".

    A currency that is a code is written once: "CHF 1.40–2.90".
    """
    if not is_known(lo) or not is_known(hi):
        return MISSING
    first, last = write(lo), write(hi)
    code = look().prefix
    if code.endswith(" ") and first.startswith(code):
        last = last.removeprefix(code)
    return f"{first} {EN_DASH} {last}" if MINUS in first + last else f"{first}{EN_DASH}{last}"


def date_text(iso: str | date | None) -> str:
    """A date in prose: "12 Jan 2026". Takes an ISO date or date-time."""
    if iso is None or iso == "":
        return MISSING
    day = date.fromisoformat(iso[:10]) if isinstance(iso, str) else iso
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment(iso: str) -> str:
    """A moment in prose, to the minute, in UTC: "12 Jan 2026, 14:05 UTC"."""
    return f"{date_text(iso)}, {iso[11:16]} UTC"


def month_text(day: date) -> str:
    """A month on an axis: "Jan 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


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


def cell(value: Cell, style: Format) -> str:
    """One table cell: ISO dates stay ISO, text stays itself, a number is written in its column's format."""
    if value is None or isinstance(value, str):
        return MISSING if value is None else value
    writers: dict[Format, Callable[[float], str]] = {
        Format.MONEY: full_money,
        Format.OUTCOME: full_outcome,
        Format.AMOUNT: amount,
        Format.RETURN: roas,
        Format.PERCENT: percent,
        Format.NUMBER: plain,
        Format.COUNT: count,
        Format.RHAT: rhat,
    }
    return writers.get(style, plain)(value)


def adding_up(parts: Sequence[float], total: float) -> list[float]:
    """The parts moved by less than one step of `full_money`, so that they add up to the total as it is written.

    The largest remainders are rounded up (Hamilton's method). For parts whose sum is the total. Large parts that cancel
    out to less than 100 are written without cents, their total with cents: they add up to the unit only.
    """
    step, decimals = (1.0, 0) if round(abs(total), 2) >= 100 else (0.01, 2)
    floors = [math.floor(part / step + 1e-9) for part in parts]
    missing = round(round(total, decimals) / step) - sum(floors)  # a tie goes the way it is written
    by_remainder = sorted(range(len(parts)), key=lambda index: floors[index] - parts[index] / step)
    for index in by_remainder[: max(missing, 0)]:
        floors[index] += 1
    return [floor * step for floor in floors]


def is_known(value: float | None) -> TypeGuard[float]:
    """Whether there is a finite number to write."""
    return value is not None and math.isfinite(value)


def _with_sign(value: float | None, write: Callable[[float], str]) -> str:
    """Write the size and put the true minus sign in front, unless the size rounds to zero."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = write(abs(value))
    return MINUS + text if value < 0 and text != write(0.0) else text


def _signed(value: float | None, write: Callable[[float | None], str]) -> str:
    text = write(value)
    return f"+{text}" if is_known(value) and value > 0 and text != write(0) else text


def _decimal_at(bare: str, marks: Sequence[str]) -> int:
    """Where the decimal separator of a number without spaces is; its length when there is none."""
    if not marks:
        return len(bare)
    last = bare.rindex(marks[-1])
    if len(set(marks)) > 1:
        return last
    groups = re.fullmatch(r"-?[1-9]\d{0,2}([.,]\d{3})+", bare) is not None
    if len(marks) > 1 or (groups and marks[0] != look().number_format.decimal):
        return len(bare)
    return last


def _fixed(size: float, decimals: int) -> str:
    """Digits in the format of the look."""
    return _punctuated(f"{size:,.{decimals}f}")


def _punctuated(text: str) -> str:
    """A number as Python groups it, in the format of the look."""
    form = look().number_format
    if form is NumberFormat.POINT:
        return text
    return text.translate({ord(","): form.thousands, ord("."): form.decimal})


def _full(size: float) -> str:
    return _fixed(size, 0 if round(size, 2) >= 100 else 2)


def _return(size: float) -> str:
    if not look().counts or round(size, 4) >= 1 or size == 0:
        return _fixed(size, 2)
    whole, _, digits = f"{size:.{4 if round(size, 5) >= 0.01 else 5}f}".partition(".")
    return _punctuated(f"{whole}.{digits.rstrip('0').ljust(2, '0')}")


def _short(size: float) -> str:
    for step, letter in _STEPS:
        if round(size * 1e3 / step, 0 if step == _STEPS[-1][0] else 1) >= 1e3:
            return _punctuated(f"{size / step:,.1f}".removesuffix(".0")) + letter
    if round(size, 2) == 0 or round(size, 1) >= 100:
        return f"{size:.0f}"
    return _punctuated(f"{size:.2f}" if round(size, 2) < 10 else f"{size:.1f}".removesuffix(".0"))


def _percent_digits(points: float) -> str:
    if points == 0 or round(points, 1) >= 10:
        return _fixed(points, 0)
    return _punctuated("<0.1" if points < 100 * _TINY_SHARE else f"{points:.1f}")


def _six_digits(size: float) -> str:
    decimals = max(5 - math.floor(math.log10(size)), 0) if size else 0
    text = f"{size:,.{decimals}f}"
    return _punctuated(text.rstrip("0").rstrip(".") if "." in text else text)


def _three_digits(size: float) -> str:
    if size == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(size))
    rounded = round(size, decimals)
    decimals = 2 - math.floor(math.log10(rounded))
    text = f"{round(rounded, decimals):,.{max(decimals, 0)}f}"
    return _punctuated(text.rstrip("0").rstrip(".") if "." in text else text)
