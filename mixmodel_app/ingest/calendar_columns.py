"""A date that is spread over columns (year and week, year and month) or packed into six digits (202431)."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from mixmodel_app.ingest.month_names import month_of
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import DATE, MONTH, WEEK, YEAR, Name

_YEARS = (1990, 2100)
_LABEL = re.compile(r"^(?:CW|KW|Wk|W|S|Week|Woche|Semaine|Semana|Sem|FY|M)\.?\s?(?=\d)", re.IGNORECASE)


def with_date(table: Table) -> Table:
    """The table with one column of dates made of its parts or of packed numbers; unchanged without any."""
    return _from_parts(table) or _from_packed(table) or table


def _from_parts(table: Table) -> Table | None:
    year = _column(table, YEAR, lambda values: values.between(*_YEARS))
    week = _column(table, WEEK, lambda values: values.between(1, 53))
    month = _column(table, MONTH, lambda values: values.between(1, 12))
    part = week or month
    if year is None or part is None:
        return None
    make = _week if week else _month
    days = [
        None if np.isnan(one) or np.isnan(other) else make(int(one), int(other))
        for one, other in zip(_numbers(table, year), _numbers(table, part), strict=True)
    ]
    frame = table.frame.drop(columns=[year, part])
    name = "date" if "date" not in frame.columns else "date (made)"
    frame.insert(0, name, pd.Series(days, dtype=object))
    how = "ISO weeks, as their Monday" if week else "the first of each month"
    return replace(table, frame=frame).noted(f"Made {name!r} from {year!r} and {part!r}: {how}.")


def _column(table: Table, words: frozenset[str], holds: Callable[[pd.Series], pd.Series]) -> str | None:
    """The column with one of these names whose values are all in range."""
    for name in table.columns:
        parts = Name.of(name).words
        if len(parts) <= 2 and (set(parts) | {"".join(parts)}) & words:
            values = pd.Series(_numbers(table, name)).dropna()
            if len(values) >= 0.9 * table.n_rows and bool((holds(values) & (values % 1 == 0)).all()):
                return name
    return None


def _numbers(table: Table, name: str) -> np.ndarray:
    """The cells as numbers, names of months and labels such as "KW 05" as theirs."""
    column = table.column(name)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    months = [float(month_of(str(cell)) or np.nan) for cell in column]
    if not np.isnan(months).all():
        return np.array(months)
    return parse_numbers([_LABEL.sub("", str(cell)) if pd.notna(cell) else None for cell in column]).values


def _week(year: int, week: int) -> str | None:
    try:
        return dt.date.fromisocalendar(year, week, 1).isoformat()
    except ValueError:
        return None


def _month(year: int, month: int) -> str:
    return f"{year}-{month:02d}-01"


def _from_packed(table: Table) -> Table | None:
    for name in table.columns:
        words = set(Name.of(name).words)
        column = table.column(name)
        if not words & (DATE | YEAR) or not pd.api.types.is_numeric_dtype(column.dtype) or column.isna().any():
            continue
        years, rest = np.divmod(column.to_numpy(), 100)
        if not ((years >= _YEARS[0]) & (years <= _YEARS[1]) & (rest >= 1) & (rest <= 53) & (rest % 1 == 0)).all():
            continue
        weeks = bool((rest > 12).any() or words & WEEK)
        make = _week if weeks else _month
        days = [make(int(year), int(part)) for year, part in zip(years, rest, strict=True)]
        frame = table.frame.assign(**{name: pd.Series(days, dtype=object)})
        how = "year and ISO week, as its Monday" if weeks else "year and month, as its first day"
        return replace(table, frame=frame).noted(f"Read {name!r} ({column.iloc[0]:.0f} …) as {how}.")
    return None
