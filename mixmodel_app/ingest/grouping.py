"""Adding rows up to one per period: what is summed, what is averaged, what is the same in every row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np
import pandas as pd

from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.footers import is_total_label
from mixmodel_app.ingest.numbers import MOSTLY, looks_numeric, parse_numbers
from mixmodel_app.ingest.profile import dtype
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import AVERAGED, CONTROL, DATE, EXPOSURE, NATIONAL, RIVAL, SPEND, TARGET, Name

_MOST_KEYS = 5_000
_LEAST_DATES = 4  # on fewer, one region can be the sum of the others by chance


@dataclass(frozen=True, slots=True)
class Rules:
    """Columns by what is done with them; `text` varies within a period and is left out."""

    once: tuple[str, ...]
    mean: tuple[str, ...]
    total: tuple[str, ...]
    text: tuple[str, ...]

    def sentences(self) -> list[str]:
        """What was done with which columns."""
        said = (
            ("Added up", self.total),
            ("Averaged", self.mean),
            ("Taken once, being the same in all rows of a period", self.once),
            ("Left out, being details that vary within a period", self.text),
        )
        return [f"{what}: {_listing(columns)}." for what, columns in said if columns]


def date_column(table: Table) -> str | None:
    """The column of dates, by values and then by name; a name alone is enough when half of the cells are dates."""
    dates = [name for name in table.columns if dtype(table.column(name)) == "date"]
    named = [name for name in dates if Name.of(name).first_of(DATE)]
    return next(iter(named or dates), None) or next(filter(partial(_is_named_date, table), table.columns), None)


def _is_named_date(table: Table, name: str) -> bool:
    column = table.column(name)
    number = pd.api.types.is_numeric_dtype(column.dtype)
    if not Name.of(name).first_of(DATE) or (number and column.isna().any()):
        return False
    return parse_dates(column.drop_duplicates()).share_good >= (1 if number else 0.5)


def repeats(table: Table, date: str) -> bool:
    """Whether at least a third of the rows share their date with another one."""
    return bool(table.column(date).duplicated(keep=False).mean() > 1 / 3)


def key_column(table: Table, words: frozenset[str], taken: Iterable[str]) -> str | None:
    """The column named by one of these words that holds a few values again and again."""
    for name in table.columns:
        if name in taken or not set(Name.of(name).words) & words:
            continue
        column = table.column(name)
        if not _could_be_key(name, column):
            continue
        if 2 <= column.nunique() <= min(_MOST_KEYS, table.n_rows // 2) and not column.isna().any():
            return name
    return None


def _could_be_key(name: str, column: pd.Series) -> bool:
    """Text, or whole numbers such as the numbers of stores whose name speaks of no amount."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return True
    amounts = (TARGET, SPEND, CONTROL, *EXPOSURE.values())
    return not any(Name.of(name).first_of(words) for words in amounts) and bool((column.dropna() % 1 == 0).all())


def rules(table: Table, keys: list[str], columns: Iterable[str]) -> Rules:
    """Decide by name and values what is done with each column when the rows of equal keys become one."""
    once, mean, total, text = [], [], [], []
    groups = table.frame.groupby(keys, sort=False, dropna=False)
    single = groups.ngroups == table.n_rows
    for name in columns:
        column = table.column(name)
        words = Name.of(name)
        if (
            not single
            and bool((groups[name].nunique() <= 1).all())
            and column.nunique() > 1
            and not column.isna().any()
        ):
            once.append(name)
        elif not pd.api.types.is_numeric_dtype(column.dtype):
            text.append(name)
        elif words.first_of(AVERAGED) and not (words.first_of(SPEND) or words.first_of(RIVAL)):
            mean.append(name)
        else:
            total.append(name)
    return Rules(tuple(once), tuple(mean), tuple(total), tuple(text))


def apply_rules(frame: pd.DataFrame, keys: list[str], found: Rules) -> pd.DataFrame:
    """One row per distinct keys, in the order of their first row; sums and means skip empty cells."""
    groups = frame.groupby(keys, sort=False, dropna=False)
    once = groups[list(found.once)].first()
    mean = groups[list(found.mean)].mean()
    total = groups[list(found.total)].sum(min_count=1)
    every = cast(pd.DataFrame, groups.size().to_frame("rows"))
    parts = [part.reindex(every.index) for part in (once, mean, total) if isinstance(part, pd.DataFrame)]
    return cast(pd.DataFrame, pd.concat([every, *parts], axis=1)).drop(columns="rows")


def empty_cells(table: Table, found: Rules) -> list[str]:
    """A sentence when empty cells went into sums as if they were 0."""
    counts = {name: int(table.column(name).isna().to_numpy().sum()) for name in found.total}
    holes = [name for name, count in counts.items() if count]
    if not holes:
        return []
    return [f"{sum(counts.values()):,} empty cells in {_listing(tuple(holes))} counted as 0 in the sums."]


def first_lines(table: Table, keys: list[str]) -> tuple[int, ...]:
    """The line of the first row of each group."""
    first = ~table.frame.duplicated(keys)
    return tuple(np.asarray(table.row_numbers)[first.to_numpy()].tolist())


def without_totals(table: Table, date: str, key: str, values: list[str]) -> tuple[pd.Series, list[str]]:
    """Which rows to keep, and the values of `key` that stand for all others together: by name, or by their sums."""
    column = table.column(key)
    distinct = column.drop_duplicates().tolist()
    named = [value for value in distinct if _is_all(value)]
    if not named and 3 <= len(distinct) <= 200:
        named = _sums_of_others(table, date, key, values)
    if len(named) == len(distinct):
        named = []
    return ~column.isin(named), [str(value) for value in named]


def obstacle(table: Table, date: str) -> str:
    """Why rows cannot be joined by date, as a sentence for the person; "" when they can."""
    column = table.column(date)
    if column.isna().any():
        line = table.row_numbers[int(column.isna().to_numpy().argmax())]
        return f"Rows of one date were not joined, because row {line} has no date in {date!r}. Add or remove it."
    days = pd.DatetimeIndex(parse_dates(column.drop_duplicates()).values.dropna())
    if days.has_duplicates:
        day = str(days[days.duplicated()][0])[:10]
        return f"Rows of one date were not joined, because {day} is written in two ways in {date!r}."
    for name in table.columns:
        if name != date and (wrong := _mistake(table, name)):
            return f"Rows of one date were not joined, because {wrong}. Correct it and upload the file again."
    return ""


def _mistake(table: Table, name: str) -> str:
    """The first cell that is no number in a column of numbers."""
    column = table.column(name)
    if pd.api.types.is_numeric_dtype(column.dtype) or not looks_numeric(column.dropna()):
        return ""
    numbers = parse_numbers(column)
    if not numbers.bad or np.isfinite(numbers.values).sum() < MOSTLY * column.notna().sum():
        return ""
    place = numbers.bad[0]
    return f"row {table.row_numbers[place]} of {name!r} holds {str(column.iloc[place])[:40]!r}, which is not a number"


def with_rows(table: Table, keep: pd.Series) -> Table:
    """The table with some of its rows."""
    lines = tuple(np.asarray(table.row_numbers)[keep.to_numpy()].tolist())
    return replace(table, frame=table.frame[keep].reset_index(drop=True), row_numbers=lines)


def _is_all(value: object) -> bool:
    return is_total_label(str(value)) or (isinstance(value, str) and set(Name.of(value).words) <= NATIONAL)


def _sums_of_others(table: Table, date: str, key: str, values: list[str]) -> list[object]:
    for name in values:
        if not pd.api.types.is_numeric_dtype(table.column(name).dtype):
            continue
        wide = table.frame.pivot_table(index=date, columns=key, values=name, aggfunc="sum", sort=False).fillna(0.0)
        cells = wide.to_numpy()
        everything = cells.sum(axis=1)
        if not everything.any() or len(cells) < _LEAST_DATES:
            continue
        return [
            value
            for value, column in zip(wide.columns, cells.T, strict=True)
            if np.allclose(2 * column, everything, rtol=1e-9, atol=1e-6) and column.all()
        ]
    return []


def _listing(columns: tuple[str, ...], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in columns[:most])
    return shown if len(columns) <= most else f"{shown} and {len(columns) - most} more"
