"""Columns joined into one channel, or left out of the model."""

from dataclasses import replace

import numpy as np

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.fixes._base import Repair, fix, refusal
from mixmodel_app.ingest.fixes._tables import Floats, free_name, listing, numbers_of, with_new_column
from mixmodel_app.ingest.table import Table


@fix("merge_channels", arguments=("columns", "name"))
def merge_channels(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Adds channels up to one in a new column at the place of the first; the old columns stay, without a role.

    Spend columns beside exposure are added up in the same way. An empty cell counts as 0, unless all are empty.
    """
    name, columns = arguments.name(), arguments.columns(table)
    media = [mapping.media_columns[column] for column in columns if column in mapping.media_columns]
    if not media and name in mapping.channel_names:
        return Repair(table, mapping, f"{name} is one channel already.")
    _refuse_unmergeable(mapping, columns, media, name)
    amounts = _total(table, columns)
    column = free_name(table, name, amounts)
    merged = with_new_column(table, column, amounts, before=columns[0])
    spend_column = None
    if all(entry.spend_column for entry in media):
        spend = _total(table, tuple(dict.fromkeys(str(entry.spend_column) for entry in media)))
        spend_column = free_name(merged, f"{name} spend", spend)
        merged = with_new_column(merged, spend_column, spend, before=columns[0])
    entry = MediaColumn(name, media[0].spend_type, spend_column)
    kept = {old: mapping.media_columns[old] for old in mapping.media_columns if old not in columns}
    changed = replace(mapping, media_columns={**kept, column: entry}).in_order_of(merged.columns)
    return Repair(merged, changed, f"Added {listing(columns)} up to one channel, {name}.")


def _refuse_unmergeable(mapping: ColumnMapping, columns: tuple[str, ...], media: list[MediaColumn], name: str) -> None:
    other = next((column for column in columns if column not in mapping.media_columns), None)
    if other is not None:
        raise refusal(f"{other!r} is not a channel.", "columns")
    if len(columns) < 2:
        raise refusal("At least two channels are needed.", "columns")
    if len({entry.spend_type for entry in media}) > 1:
        raise refusal("Spend, impressions and clicks cannot be added up with each other.", "columns")
    if len({bool(entry.spend_column) for entry in media}) > 1:
        raise refusal("Only some of these channels have a spend column.", "columns", hint="Choose one for each first.")
    others = [entry.channel_name for column, entry in mapping.media_columns.items() if column not in columns]
    if name in others:
        raise refusal(f"There is another channel {name!r}.", "name")


def _total(table: Table, columns: tuple[str, ...]) -> Floats:
    values = np.array([numbers_of(table, column, "columns") for column in columns])
    return np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))


@fix("ignore_column", arguments=("column",))
def ignore_column(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
    """Takes a column's role away; the column stays in the table."""
    column = arguments.column(table)
    if column not in mapping.columns():
        return Repair(table, mapping, f"{column} has no role.")
    if column in (mapping.date_column, mapping.target_column):
        raise refusal(f"{column!r} is the {'date' if column == mapping.date_column else 'outcome'}.", "column")
    media = {
        name: replace(entry, spend_column=None) if entry.spend_column == column else entry
        for name, entry in mapping.media_columns.items()
        if name != column
    }
    if not media:
        raise refusal(f"{column!r} is the only channel.", "column")
    controls = tuple(name for name in mapping.control_columns if name != column)
    changed = replace(mapping, media_columns=media, control_columns=controls)
    return Repair(table, changed, f"{column} is left out of the model.")
