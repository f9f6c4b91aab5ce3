"""Where a dataset's tables lie: each as CSV and as Parquet, named by its content, so that no table is ever overwritten.

The row in the database says which is the current one. A repair stores a new table first and then points the row at it:
whoever reads meanwhile has the old one whole. What no row points at any more is swept by the janitor.
"""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from mixmodel_app.ingest.canonical import from_canonical_csv, to_canonical_csv
from mixmodel_app.ingest.parquet import from_parquet, to_parquet
from mixmodel_app.ingest.table import Table
from mixmodel_app.storage import digests, models
from mixmodel_app.storage.objects import objects

ROOT = "workspaces"


def prefix(workspace_id: UUID, dataset_id: UUID) -> str:
    """The folder of a dataset's objects, without a slash at its end."""
    return f"{ROOT}/{workspace_id}/datasets/{dataset_id}"


def parquet_key(table_key: str) -> str:
    """The Parquet file beside a canonical CSV.

    `table-<of Parquet>-<of CSV>.csv` and `table-<of CSV>-<of Parquet>.parquet`: what a reader checks is last.
    Older tables are named by their CSV alone.
    """
    folder, _, name = table_key.removesuffix(".csv").rpartition("/")
    kind, *contents = name.split("-")
    return f"{folder}/{'-'.join((kind, *reversed(contents)))}.parquet"


def store(row: models.Dataset, table: Table) -> None:
    """Store a table and let the row, which is not saved here, point at it."""
    canonical, typed = to_canonical_csv(table.frame), to_parquet(table)
    row.digest = hashlib.sha256(canonical).hexdigest()
    row.table_key = digests.named(f"{prefix(row.workspace_id, row.id)}/table-{digests.of(typed)}.csv", canonical)
    row.row_count = table.n_rows
    objects().put(row.table_key, canonical)
    objects().put(parquet_key(row.table_key), typed)


def current(row: models.Dataset) -> Table:
    """The table as it is now, with the line numbers of the person's own file."""
    return _load(row, row.table_key)


def as_read(row: models.Dataset) -> Table:
    """The table before any repair."""
    return _load(row, row.read_key or row.table_key)


def of_run(run: models.ModelRun, dataset: models.Dataset) -> Table:
    """The table that a run was asked for, whatever was repaired since."""
    return _load(dataset, run.table_key or dataset.table_key)


def _load(row: models.Dataset, table_key: str) -> Table:
    if _is_typed(table_key):
        return from_parquet(objects().get(parquet_key(table_key)))
    table = Table.of(from_canonical_csv(objects().get(table_key)))  # uploaded before there was Parquet
    numbers = row.profile.get("row_numbers")
    return table if numbers is None else replace(table, row_numbers=tuple(numbers))


def _is_typed(table_key: str) -> bool:
    return table_key.rsplit("/", 1)[-1].startswith("table-")


def moved(row: models.Dataset, workspace_id: UUID, dataset_id: UUID) -> dict[str, Any]:
    """The keys that the same objects have in the folder of another dataset."""
    old, new = prefix(row.workspace_id, row.id), prefix(workspace_id, dataset_id)
    keys = {"s3_key": row.s3_key, "table_key": row.table_key, "read_key": row.read_key}
    return {name: key.replace(old, new) if key else None for name, key in keys.items()}


def moved_key(key: str | None, row: models.Dataset, other: models.Dataset) -> str | None:
    """The key that an object of one dataset has in the folder of another; None for None."""
    return key.replace(prefix(row.workspace_id, row.id), prefix(other.workspace_id, other.id)) if key else None


def copy(row: models.Dataset, other: models.Dataset, table_key: str | None = None) -> None:
    """Copy all objects of a dataset into the folder of another, and the table that one of its runs was asked for."""
    for key in keys_of(row) | (files(table_key) if table_key else frozenset[str]()):
        target = moved_key(key, row, other)
        assert target is not None
        objects().put(target, objects().get(key))


def keys_of(row: models.Dataset) -> frozenset[str]:
    """Every object that belongs to the row as it is now."""
    return frozenset({row.s3_key}) | files(row.table_key) | files(row.read_key or row.table_key)


def files(table_key: str) -> frozenset[str]:
    """The CSV of a table, with the Parquet beside it."""
    return frozenset({table_key, parquet_key(table_key)} if _is_typed(table_key) else {table_key})
