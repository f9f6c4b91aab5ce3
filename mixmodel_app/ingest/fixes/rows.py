"""Rows that go: chosen dates, and periods at the ends that are covered only in part."""

import numpy as np

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.fixes._base import Repair, fix, refusal
from mixmodel_app.ingest.fixes._tables import dates_of, listing, plural, with_rows
from mixmodel_app.ingest.partial import partial_rows
from mixmodel_app.ingest.table import Table


@fix("drop_rows", arguments=("dates",))
def drop_rows(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Leaves out the rows of the given dates; dates without a row are passed over."""
    days = arguments.dates()
    values = parse_dates(table.column(mapping.date_column)).values
    gone = values.isin([np.datetime64(day) for day in days])
    if gone.all():
        raise refusal("No row would be left.", "dates")
    if not gone.any():
        return Repair(table, mapping, f"No row has the date {listing(day.isoformat() for day in days)}.")
    shown = listing(str(day.date()) for day in values[gone].unique().sort_values())
    sentence = f"Left out {plural(int(gone.sum()), 'row')}: {shown}."
    return Repair(with_rows(table, np.flatnonzero(~gone).tolist()), mapping, sentence)


@fix("drop_partial")
def drop_partial(table: Table, mapping: ColumnMapping, _arguments: Arguments) -> Repair:
    """Leaves out the first and last period where they are covered only in part; see `ingest.partial`."""
    found = partial_rows(table, mapping)
    if not found:
        return Repair(table, mapping, "The first and the last period look complete.")
    kept = [position for position in range(table.n_rows) if position not in found]
    days = dates_of(table, mapping).strftime("%Y-%m-%d")
    shown = "; ".join(f"{days[position]} ({reason})" for position, reason in sorted(found.items()))
    return Repair(with_rows(table, kept), mapping, f"Left out {plural(len(found), 'period')}: {shown}.")
