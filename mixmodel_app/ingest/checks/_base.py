"""What a check is, and what it is given.

A new check is one function in a module of this folder:

    @check("MM299", severity=Severity.WARNING, title="Odd values")
    def odd_values(data: CheckInput) -> Iterator[Evidence]:
        '''What it finds, why it matters, how to fix it: this text is the help page.'''
        yield Evidence("Row 7: …", column="tv_spend", rows=(7,), hint="…", effect="…")
"""

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import ColumnMapping, Frequency
from mixmodel_app.domain.findings import Finding, Severity
from mixmodel_app.domain.fixes import FixOffer
from mixmodel_app.ingest.dates import ParsedDates, frequency, parse_dates
from mixmodel_app.ingest.numbers import ParsedNumbers, parse_numbers
from mixmodel_app.ingest.series import Series
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry

MAX_ROWS = 20
LEAST_PERIODS = 26
_LARGEST, _SMALLEST = 1e15, 1e-15


@dataclass(frozen=True)
class CheckInput:
    """A table under a mapping, with what most checks ask for computed once.

    Columns that the mapping names but the file lacks are left out everywhere here: MM101 reports them.

    Attributes:
        previous: the last upload of the same source, when there is one.
        today: the day from which dates lie in the future.
    """

    table: Table
    mapping: ColumnMapping
    previous: Table | None = None
    today: dt.date = field(default_factory=lambda: dt.datetime.now(dt.UTC).date())

    @cached_property
    def dates(self) -> ParsedDates | None:
        """None when the date column is not in the file."""
        column = self.mapping.date_column
        return parse_dates(self.table.column(column)) if column in self.table.columns else None

    @cached_property
    def dates_are_sure(self) -> bool:
        """Whether every row has a date that can be read in one way only: what a fix that looks at dates needs."""
        return self.dates is not None and not self.dates.bad_rows and not self.dates.ambiguous

    @cached_property
    def frequency(self) -> Frequency:
        return frequency(self.dates.values) if self.dates else Frequency.IRREGULAR

    @cached_property
    def numbers(self) -> dict[str, ParsedNumbers]:
        """Every mapped column but the date, as numbers of a size that can be calculated with."""
        columns = [column for column in self.mapping.columns() if column != self.mapping.date_column]
        known = [column for column in columns if column in self.table.columns]
        return {column: _of_usual_size(parse_numbers(self.table.column(column))) for column in known}

    @property
    def target(self) -> tuple[str, ParsedNumbers] | None:
        column = self.mapping.target_column
        return (column, self.numbers[column]) if column in self.numbers else None

    @cached_property
    def media(self) -> dict[str, ParsedNumbers]:
        """Media columns and the spend columns beside them."""
        columns = list(self.mapping.media_columns)
        columns += [entry.spend_column for entry in self.mapping.media_columns.values() if entry.spend_column]
        return {column: self.numbers[column] for column in columns if column in self.numbers}

    @cached_property
    def controls(self) -> dict[str, ParsedNumbers]:
        return {column: self.numbers[column] for column in self.mapping.control_columns if column in self.numbers}

    @cached_property
    def spend(self) -> dict[str, NDArray[np.float64]]:
        """Money per row by channel name, empty cells as 0; channels whose money is not known are left out."""
        columns = {
            entry.channel_name: entry.spend_column or (column if entry.spend_type.value == "spend" else None)
            for column, entry in self.mapping.media_columns.items()
        }
        return {name: np.nan_to_num(self.numbers[c].values) for name, c in columns.items() if c in self.numbers}

    @cached_property
    def series(self) -> Series | None:
        """The columns in order of time; None while an error (dates, outcome, 26 periods) stands in the way of it.

        An outcome that never changes is such an error too: there is nothing to explain.
        """
        if self.dates is None or self.target is None or self.dates.bad_rows or self.dates.values.has_duplicates:
            return None
        outcome = self.target[1].values
        if len(outcome) < LEAST_PERIODS or not np.isfinite(outcome).all() or np.ptp(outcome) == 0:
            return None
        order = self.dates.values.argsort()
        channels = self.mapping.media_columns
        media = {c: np.maximum(np.nan_to_num(n.values[order]), 0) for c, n in self.media.items() if c in channels}
        controls = {c: _between(n.values[order]) for c, n in self.controls.items() if np.isfinite(n.values).any()}
        return Series(self.dates.values[order], order, self.frequency, outcome[order], media, controls)

    def rows(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Lines in the person's file of the first twenty of these positions."""
        chosen = list(positions)[:MAX_ROWS]
        return tuple(self.table.row_numbers[position] for position in chosen)

    def day(self, position: int) -> str:
        """The date of a row as year-month-day, "" where there is none."""
        moment = self.dates.values[position] if self.dates else pd.NaT
        return moment.strftime("%Y-%m-%d") if isinstance(moment, pd.Timestamp) else ""

    def cell(self, column: str, position: int) -> str:
        """A cell as the person wrote it, shortened, for a message."""
        value = self.table.column(column).iloc[position]
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        return text if len(text) <= 40 else f"{text[:39]}…"


def _of_usual_size(numbers: ParsedNumbers) -> ParsedNumbers:
    """Numbers beyond 1e15 are mistakes; those below 1e-15 are what a calculation left over, and count as 0."""
    size = np.abs(np.nan_to_num(numbers.values))
    if not ((size > _LARGEST) | ((size > 0) & (size < _SMALLEST))).any():
        return numbers
    values = np.where(size > _LARGEST, np.nan, np.where(size < _SMALLEST, 0.0 * numbers.values, numbers.values))
    bad = {*numbers.bad, *np.flatnonzero(size > _LARGEST).tolist()}
    return ParsedNumbers(values, tuple(sorted(bad)))


def _between(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return pd.Series(values).interpolate(limit_direction="both").to_numpy(dtype=float)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check function yields; code, severity and title are added from its registration. See `Finding`."""

    message: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    hint: str = ""
    effect: str = ""
    fixes: tuple[FixOffer, ...] = ()


type CheckFunction = Callable[[CheckInput], Iterator[Evidence]]


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check; `help` is the docstring of its function."""

    code: str
    severity: Severity
    title: str
    help: str
    function: CheckFunction

    def run(self, data: CheckInput) -> Iterator[Finding]:
        for found in self.function(data):
            yield Finding(
                self.code,
                self.severity,
                self.title,
                found.message,
                found.column,
                found.rows,
                found.hint,
                found.effect,
                found.fixes,
            )


CHECKS: Registry[Check] = Registry("check")


def check(code: str, *, severity: Severity, title: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as the check `code`: MM1xx errors, MM2xx warnings, MM3xx suggestions."""

    def add(function: CheckFunction) -> CheckFunction:
        CHECKS.register(code)(Check(code, severity, title, inspect.getdoc(function) or "", function))
        return function

    return add


def listing(items: Iterable[str], most: int = 5, sign: str = ", ") -> str:
    """ "a, b, c and 4 more"; another sign where the items have commas in them."""
    every = list(items)
    shown = sign.join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def rows_text(rows: tuple[int, ...], total: int) -> str:
    """ "row 5", "rows 5, 6 and 7 more": line numbers for a sentence."""
    numbers = [str(row) for row in rows[:5]]
    more = total - len(numbers)
    return f"{'row' if total == 1 else 'rows'} {', '.join(numbers)}" + (f" and {more:,} more" if more > 0 else "")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set to look column names up in."""
    return frozenset(text.split())


def plural(count: int, noun: str) -> str:
    """ "1 channel", "5 channels"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def years(count: float) -> str:
    """ "1.5 years", "3 years"."""
    return f"{count:.1f}".removesuffix(".0") + " years"


def percent(share: float) -> str:
    """A share as text, with one decimal below ten per cent."""
    return f"{100 * share:.{1 if 0 < share < 0.1 else 0}f} %"
