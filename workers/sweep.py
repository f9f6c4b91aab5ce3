"""Stored files that no row points at: left by a crash between file and row, or by a repair that was taken back."""

from datetime import timedelta

from mixmodel_app.services import dataset_tables
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import sweep as repository

OLD = timedelta(hours=6)
"""Younger files may belong to a row that is being written."""


def sweep_objects(older_than: timedelta = OLD) -> int:
    """Delete files below the workspaces that nothing refers to; gives their number. Halves of writes go too.

    Files are listed before the rows are read: one that comes in between is not in the list.
    """
    listed = list(objects().list_older(dataset_tables.ROOT, older_than))
    with system_transaction() as session:
        tables, known = repository.tables(session), repository.other_files(session)
    known |= tables | {dataset_tables.parquet_key(key) for key in tables}
    orphans = [key for key in listed if key not in known]
    for key in orphans:
        objects().delete(key)
    objects().tidy(older_than)
    return len(orphans)
