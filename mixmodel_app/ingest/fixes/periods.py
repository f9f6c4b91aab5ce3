"""Rows added up: days to weeks or months, and rows of one date to one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, Frequency
from mixmodel_app.ingest.dates import frequency
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.fixes._base import Repair, fix, refusal
from mixmodel_app.ingest.fixes._grouping import Plan, grouped, plan
from mixmodel_app.ingest.fixes._tables import as_column, dates_of, listing, plural
from mixmodel_app.ingest.table import Table

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7}


@fix("roll_up", arguments=("to", "week_start", "mean"))
def roll_up(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Adds days up to weeks of any first day, or days and weeks up to months; rates and prices are averaged.

    A week that reaches into two months is divided between them by its days, from its date onwards. A first or last
    period that the data cover only in part is left out, for it would look like a drop that never happened; periods in
    between that miss days are named.
    """
    to = arguments.choice("to", ("weekly", "monthly"))
    start = arguments.choice("week_start", WEEKDAYS, "MON")
    mean = arguments.columns(table, "mean") if "mean" in arguments.values else None
    dates = dates_of(table, mapping)
    if dates.is_unique and (_starts(dates, to, start) == dates).all():
        return Repair(table, mapping, f"The data are {to} already.")
    length = _days_per_row(dates, to)
    columns = plan(table, mapping, mean)
    days = dates.repeat(length) + pd.to_timedelta(np.tile(np.arange(length), len(dates)), unit="D")
    spans = _spans(days, to, start)
    if spans.whole.sum() < 2:
        raise refusal(f"The data cover fewer than two whole periods: too little for {to} data.", "to")
    rolled = _one_row_per_group(table, mapping, columns, _starts(days, to, start), length, spans.whole)
    return Repair(rolled, mapping, " ".join(_sentences(table, spans, columns, length, to)))


def _days_per_row(dates: pd.DatetimeIndex, to: str) -> int:
    rhythm = frequency(dates)
    length = _DAYS.get(rhythm)
    if length is None:
        raise refusal(f"The data are {rhythm.value}: only daily and weekly data can be added up.", "to")
    if length == 7 and to == "weekly":
        message = "The data are weekly already; their weeks cannot be made to start on another day."
        raise refusal(message, "week_start")
    return length


def _starts(days: pd.DatetimeIndex, to: str, start: str) -> pd.DatetimeIndex:
    """The first day of the period that each day belongs to."""
    back = days.day - 1 if to == "monthly" else (days.weekday - WEEKDAYS.index(start)) % 7
    return days - pd.to_timedelta(back, unit="D")


@dataclass(frozen=True, slots=True)
class _Spans:
    """The new periods, in order, with flags: covered as far as the data can tell, or the days that are missing."""

    periods: pd.DatetimeIndex
    whole: np.ndarray
    missing: np.ndarray


def _spans(days: pd.DatetimeIndex, to: str, start: str) -> _Spans:
    """Only weekdays that the data have at all can be missing: a shop may be closed on Sundays."""
    periods = _starts(days, to, start).unique().sort_values()
    end = periods[-1] + (pd.offsets.MonthBegin() if to == "monthly" else pd.Timedelta(days=7))
    every = pd.date_range(periods[0], end, inclusive="left")
    present = days.unique()
    often = pd.Series(present.weekday).value_counts()
    usual = often.index[often > often.max() / 2]
    absent = every[every.weekday.isin(usual) & ~every.isin(present)]
    missing = _starts(absent, to, start).value_counts().reindex(periods, fill_value=0).to_numpy()
    whole = np.ones(len(periods), dtype=bool)
    whole[[0, -1]] = missing[[0, -1]] == 0
    return _Spans(periods, whole, missing)


def _one_row_per_group(
    table: Table,
    mapping: ColumnMapping,
    columns: Plan,
    groups: pd.DatetimeIndex,
    repeats: int,
    kept: np.ndarray,
) -> Table:
    """Rows with the group's date, in its order, and the first line that went into each. `groups` is (N · repeats)."""
    found = grouped(table, columns, groups, repeats)
    lines = np.asarray(pd.Series(np.repeat(table.row_numbers, repeats)).groupby(groups).min())[kept]
    found[mapping.date_column] = as_column([str(day.date()) for day in groups.unique().sort_values()])
    frame = pd.DataFrame({column: found[column][kept] for column in table.columns}).reset_index(drop=True)
    return replace(table, frame=frame, row_numbers=tuple(lines.tolist()))


def _sentences(table: Table, spans: _Spans, columns: Plan, length: int, to: str) -> Iterator[str]:
    count, noun = int(spans.whole.sum()), to.removesuffix("ly")
    yield f"Made {plural(count, noun)} of {plural(table.n_rows, 'row')}. {columns.sentence()}"
    if length == 7:
        yield "Weeks were taken to begin on their date and divided between months by days."
    cut_off = spans.periods[~spans.whole]
    if len(cut_off):
        shown = listing(str(day.date()) for day in cut_off)
        yield f"Left out, as the data cover only some of its days: the {noun} of {shown}."
    holes = spans.periods[spans.whole & (spans.missing > 0)]
    if len(holes):
        shown = listing(str(day.date()) for day in holes)
        yield f"Days are missing within {plural(len(holes), noun)}, whose sums are too low: {shown}."


@fix("sum_duplicates")
def sum_duplicates(table: Table, mapping: ColumnMapping, _arguments: Arguments) -> Repair:
    """Makes one row of the rows of each date: outcome, spend and exposure add up, the rest is averaged, texts joined.

    Rows that are exact copies of each other add up too, but the sentence says so: they may have been pasted twice.
    """
    dates = dates_of(table, mapping)
    if dates.is_unique:
        return Repair(table, mapping, "Every date stands in one row only.")
    columns = plan(table, mapping, None)
    distinct = dates.nunique()
    summed = _one_row_per_group(table, mapping, columns, dates, 1, np.ones(distinct, dtype=bool))
    sentence = f"Made {plural(distinct, 'row')} of {table.n_rows:,}, one for each date. {columns.sentence()}"
    copies = int(table.frame.duplicated().sum())
    if copies:
        sentence += (
            f" {plural(copies, 'row')} {'was an exact copy' if copies == 1 else 'were exact copies'} of another: "
            "if the data were pasted twice, undo this and remove the copies in the file."
        )
    return Repair(summed, mapping, sentence)
