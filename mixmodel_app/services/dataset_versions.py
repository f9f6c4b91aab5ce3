"""The same source uploaded again: roles are remembered by the header, and what has changed is said."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.dataset import ColumnMapping, Detection
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.domain.findings import ValidationReport
from mixmodel_app.domain.fixes import log_of
from mixmodel_app.domain.mapping_changes import roles, without_missing
from mixmodel_app.ingest.difference import difference
from mixmodel_app.ingest.repair import replay_where_possible
from mixmodel_app.ingest.table import Table
from mixmodel_app.services import dataset_rows, dataset_tables
from mixmodel_app.storage import models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.repositories import datasets as repository
from mixmodel_app.wording import numbers


def header_signature(columns: Sequence[str]) -> str:
    """A digest of the names of a table's columns, whatever their order, case and outer blanks."""
    names = sorted(name.strip().casefold() for name in columns)
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


def source(principal: Principal, columns: Sequence[str], version_of: UUID | None) -> models.Dataset | None:
    """The dataset that a new table continues: the one that was named, or the newest checked one with its header.

    Raises:
        NotFound: there is no dataset `version_of` in the workspace.
    """
    with transaction(principal) as session:
        if version_of is not None:
            return repository.get(session, principal, version_of)
        return repository.newest_checked(session, principal, header_signature(columns))


def previous(session: Session, principal: Principal, row: models.Dataset) -> models.Dataset | None:
    """The version before this one, when there is one and it has not been deleted."""
    return repository.get(session, principal, row.previous_id) if row.previous_id else None


def check(session: Session, principal: Principal, row: models.Dataset, table: Table) -> ValidationReport:
    """Run every check on a row's table, with the version before beside it, and keep the report in the row.

    What was repaired here is repaired in the version before as well, so that a repair does not look like new history.
    """
    before = previous(session, principal, row)
    if before is None:
        return dataset_rows.check(row, table, None)
    return dataset_rows.check(row, table, replay_where_possible(dataset_tables.as_read(before), log_of(row.fixes)))


def remembered(source: models.Dataset, columns: tuple[str, ...]) -> ColumnMapping | None:
    """The roles that were confirmed for a source, before its repairs, for the columns that are still there."""
    raw = source.fixes[0]["mapping_before"] if source.fixes else source.column_mapping
    return without_missing(ColumnMapping.from_json(raw), columns) if raw else None


def as_confirmed(
    detections: Sequence[Detection], mapping: ColumnMapping | None, source: models.Dataset
) -> tuple[Detection, ...]:
    """Detections in which what a person has confirmed is certain."""
    if mapping is None:
        return tuple(detections)
    confirmed = roles(mapping)
    reason = f"As confirmed for {source.filename} on {numbers.date_text(source.created_at.isoformat())}."
    return tuple(
        replace(one, role=confirmed[one.column][0], confidence=1.0, reason=reason) if one.column in confirmed else one
        for one in detections
    )


def changes(principal: Principal, dataset_id: UUID) -> dict[str, Any]:
    """What a version has that the one before had not, and the other way round.

    Raises:
        NotFound: there is no version before.
    """
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
        before = previous(session, principal, row)
    if before is None:
        raise NotFound("This dataset has no earlier version.")
    found = difference(dataset_tables.as_read(before), dataset_tables.as_read(row), _base_mapping(row))
    return {
        "version": row.version,
        "previous": {"id": str(before.id), "filename": before.filename, "version": before.version},
        "repairs_of_previous": len(before.fixes),
        **found.to_json(),
    }


def _base_mapping(row: models.Dataset) -> ColumnMapping:
    """The mapping of the table as it was read."""
    return ColumnMapping.from_json(row.fixes[0]["mapping_before"]) if row.fixes else dataset_rows.mapping_of(row)
