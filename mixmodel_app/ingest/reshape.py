"""From a table as it stands in the file to one row per period."""

from dataclasses import replace

import pandas as pd

from mixmodel_app.domain.reading import Choice, Question, ReadOptions
from mixmodel_app.ingest.calendar_columns import with_date
from mixmodel_app.ingest.dates import ParsedDates, parse_dates
from mixmodel_app.ingest.grouping import date_column, obstacle, repeats
from mixmodel_app.ingest.long_format import pivot
from mixmodel_app.ingest.panel import national
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import DATE, Name


def reshape(table: Table, options: ReadOptions) -> Table:
    """Settle the dates, then turn long tables and panels into one row per period unless the person does not want it."""
    date = date_column(table)
    if date is None:
        table = with_date(table)
        date = date_column(table)
    if date is None:
        return table.noted(_no_dates(table))
    table = _dated(table, date, options.day_first)
    if not options.reshape or not repeats(table, date):
        return table
    if reason := obstacle(table, date):
        return table.noted(reason)
    return national(pivot(table, date), date)


def _no_dates(table: Table) -> str:
    name = next((name for name in table.columns if Name.of(name).first_of(DATE)), None)
    example = next(iter(table.column(name).dropna()), None) if name else None
    if name is None or example is None:
        return "No column holds dates. Add one with day, month and year of each row, such as 2024-01-29."
    shown = f"{example:.10g}" if isinstance(example, float) else str(example)[:40]
    return f"{name!r} holds no dates that can be read, such as {shown!r}. Write day, month and year, as in 2024-01-29."


def _dated(table: Table, name: str, day_first: bool | None) -> Table:
    """Dates in the order of day and month that a person chose, or a question when nothing decides it."""
    parsed = parse_dates(table.column(name), day_first=day_first)
    if day_first is not None and parsed.by_order:
        texts = [None if pd.isna(day) else str(day.date()) for day in parsed.values]
        column = pd.Series(texts, dtype=object).where(pd.notna(parsed.values), table.column(name))
        how = "day first" if day_first else "month first"
        return replace(table, frame=table.frame.assign(**{name: column})).noted(f"Read the dates in {name!r} {how}.")
    if parsed.ambiguous:
        return table.asking(_question(name, parsed))
    several = not parsed.bad_rows and parsed.values.nunique() < table.column(name).nunique()
    if not several and not parsed.together:
        return table
    texts = pd.Series(parsed.values.strftime("%Y-%m-%d"), dtype=object)
    column = texts.where(pd.notna(parsed.values), table.column(name))
    note = f"Some dates in {name!r} are written in more than one way; they were made the same."
    if parsed.together:
        note = f"Read the dates in {name!r} as {parsed.format_note}."
    return replace(table, frame=table.frame.assign(**{name: column})).noted(note)


def _question(name: str, parsed: ParsedDates) -> Question:
    choices = (Choice(parsed.day_first, ""), Choice(not parsed.day_first, ""))
    labelled = tuple(
        Choice(one.value, "The day comes first" if one.value else "The month comes first") for one in choices
    )
    return Question(
        "day_first", f"Does the day or the month come first in {name!r}? {parsed.format_note}.", labelled, name
    )
