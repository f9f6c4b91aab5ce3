"""Controls that the data lack: events, public holidays, a trend."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from mixmodel_app.domain.calendar import period_edges, period_of, public_holidays
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.fixes._arguments import LONGEST_NAME, Arguments
from mixmodel_app.ingest.fixes._base import Repair, fix, refusal
from mixmodel_app.ingest.fixes._tables import Floats, dates_of, listing, plural, with_control, with_values
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.ingest.numbers import MISSING, parse_numbers
from mixmodel_app.ingest.table import Table

MOST_EVENTS = 30
_NO_EVENT = "no false 0 nein falsch non faux keine keines aucun ninguno ninguna"
_NOTHING = MISSING | frozenset(_NO_EVENT.split())
_COUNTRY = re.compile(r"[A-Za-z]{2}")


@fix("event_dummies", arguments=("column",))
def event_dummies(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Turns a column of texts into one control for each text, 1 where it stands and 0 elsewhere.

    Case and spaces do not matter, ";" parts several events of one period, and "no", "none" and the like are no event.
    The text column stays, without a role.
    """
    column = arguments.column(table)
    if column in (mapping.date_column, mapping.target_column) or column in mapping.media_columns:
        raise refusal(f"{column!r} is no column of events: it has another role.", "column")
    if parse_numbers(table.column(column)).is_numeric:
        raise refusal(f"{column!r} holds numbers: it can be a control as it is.", "column")
    events = _events(table.column(column))
    if len(events) > MOST_EVENTS:
        message = f"{column!r} has {len(events):,} different texts; up to {MOST_EVENTS} can become events."
        raise refusal(message, "column", hint="Write the same word for the same kind of event.")
    controls = tuple(name for name in mapping.control_columns if name != column)
    mapping = replace(mapping, control_columns=controls)
    names: list[str] = []
    for text, values in events.items():
        wanted = neutralise(f"{column}: {text}"[:LONGEST_NAME])
        table, mapping, name = with_control(table, mapping, wanted, values)
        names.append(name)
    return Repair(table, mapping, f"Made {plural(len(names), 'control')} of the texts in {column}: {listing(names)}.")


def _events(cells: pd.Series) -> dict[str, Floats]:
    """The rows (T) of each event, 0 or 1, by its first spelling, in order of appearance."""
    spellings: dict[str, str] = {}
    found: dict[str, Floats] = {}
    for position, cell in enumerate(cells):
        for text in _texts(cell):
            spelling = spellings.setdefault(text.casefold(), text)
            found.setdefault(spelling, np.zeros(len(cells)))[position] = 1.0
    return found


def _texts(cell: object) -> Iterator[str]:
    if isinstance(cell, str):
        for part in cell.split(";"):
            text = " ".join(part.split())
            if text.casefold() not in _NOTHING:
                yield text


@fix("mark_event", arguments=("dates", "name"))
def mark_event(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Adds a control that is 1 in the periods that hold one of the dates; a mark of that name is extended."""
    days, name = arguments.dates(), arguments.name()
    edges, order = _edges(table, mapping)
    places = {day: period_of(edges, day) for day in days}
    outside = [day.isoformat() for day, place in places.items() if place is None]
    if outside:
        raise refusal(f"{listing(outside)} {'lies' if len(outside) == 1 else 'lie'} outside the data.", "dates")
    marks = np.zeros(table.n_rows)
    marks[order[[place for place in places.values() if place is not None]]] = 1.0
    marked = int(marks.sum())
    if name in mapping.control_columns:
        before = parse_numbers(table.column(name)).values
        if not set(np.unique(before)) <= {0.0, 1.0}:
            raise refusal(f"{name!r} is a control that holds other numbers than 0 and 1.", "name")
        extended = with_values(table, name, np.maximum(before, marks))
        return Repair(extended, mapping, f"Marked {plural(marked, 'period')} as {name}.")
    table, mapping, name = with_control(table, mapping, name, marks)
    return Repair(table, mapping, f"Marked {plural(marked, 'period')} as {name}.")


@fix("add_holidays", arguments=("country",))
def add_holidays(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Adds a control with the number of a country's public holidays in each period."""
    country = arguments.values.get("country")
    if not isinstance(country, str) or not _COUNTRY.fullmatch(country):
        raise refusal("The country must be a code of two letters, such as DE.", "country")
    edges, order = _edges(table, mapping)
    counts = np.zeros(table.n_rows)
    for place, _ in public_holidays(edges, country, field="arguments.country"):
        counts[order[place]] += 1
    if not counts.any():
        raise refusal(f"No public holiday of {country.upper()} falls into the data.", "country")
    table, mapping, name = with_control(table, mapping, "public holidays", counts)
    sentence = f"Added {name}: {plural(int(counts.sum()), 'public holiday')} of {country.upper()}, counted per period."
    return Repair(table, mapping, sentence)


@fix("add_trend")
def add_trend(table: Table, mapping: ColumnMapping, _arguments: Arguments) -> Repair:
    """Adds a control that rises evenly from 0 at the first date to 1 at the last."""
    days = dates_of(table, mapping).to_numpy().astype("datetime64[D]").astype(float)
    span = np.ptp(days)
    if span == 0:
        raise refusal("All rows have the same date.", "column")
    table, mapping, name = with_control(table, mapping, "trend", (days - days.min()) / span)
    return Repair(table, mapping, f"Added {name}, which rises from 0 to 1.")


def _edges(table: Table, mapping: ColumnMapping) -> tuple[np.ndarray, np.ndarray]:
    """The periods' edges (T + 1), and the row of each period.

    Raises:
        InvalidInput: a date stands in more than one row, so that a period has no row of its own.
    """
    dates = dates_of(table, mapping)
    if not dates.is_unique:
        raise refusal("A date stands in more than one row.", "column", hint="Make one row of each date first.")
    order = dates.argsort()
    return period_edges(dates[order]), order
