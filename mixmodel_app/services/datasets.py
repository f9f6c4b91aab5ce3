"""Datasets: upload, mapping, validation, preview and deletion."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import ColumnMapping, DatasetStatus, Detection, Frequency
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.domain.findings import ValidationReport
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.ingest.canonical import from_canonical_csv, to_canonical_csv
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.profile import preview_rows, profile
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.report import validate as run_checks
from mixmodel_app.ingest.table import Table
from mixmodel_app.services import runs
from mixmodel_app.storage import cache, models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as repository
from mixmodel_app.storage.repositories import runs as runs_repository

PREVIEW_ROWS = 20
MAX_UPLOAD_BYTES = 50 * 1024 * 1024


def upload(principal: Principal, path: Path, filename: str, *, is_sample: bool = False) -> dict[str, Any]:
    """Read a file, store it raw and canonical, and say what was found.

    Args:
        path: the bytes, in a temporary file that stays the caller's.
        filename: the person's name for it; used for its suffix and on screen, never as a path.

    Raises:
        UnreadableFile, FileTooLarge, UnsupportedFile: nothing is stored then.
    """
    principal.require(Role.MEMBER)
    name = _display_name(filename)
    table = read_table(path, name)
    detections = detect(table)
    mapping = auto_mapping(table, detections)
    dataset_id = uuid7()
    prefix = _prefix(principal, dataset_id)
    row = models.Dataset(
        id=dataset_id,
        workspace_id=principal.workspace_id,
        uploaded_by=principal.user_id,
        filename=name,
        s3_key=f"{prefix}/raw{PurePath(name).suffix.lower()[:10]}",
        table_key=f"{prefix}/table.csv",
        row_count=table.n_rows,
        profile=_profile(table, detections, mapping),
        column_mapping=mapping.to_json() if mapping else None,
        is_sample=is_sample,
    )
    try:
        objects().put(row.s3_key, path)
        objects().put(row.table_key, to_canonical_csv(table.frame))
        with transaction() as session:
            session.add(row)
    except BaseException:
        objects().delete_prefix(prefix + "/")
        raise
    cache.drop(cache.stats_key(principal.workspace_id))
    return to_json(row) | {"preview_rows": preview_rows(table.frame, PREVIEW_ROWS)}


def page(principal: Principal, limit: int = 50, cursor: str | None = None) -> dict[str, Any]:
    """The workspace's datasets, newest first."""
    with transaction() as session:
        found = repository.page(session, principal, limit, cursor)
    return {"items": [to_json(row) for row in found.items], "next_cursor": found.next_cursor}


def get(principal: Principal, dataset_id: UUID) -> dict[str, Any]:
    with transaction() as session:
        return to_json(repository.get(session, principal, dataset_id))


def preview(principal: Principal, dataset_id: UUID, limit: int = PREVIEW_ROWS) -> dict[str, Any]:
    """The first rows of the canonical table."""
    with transaction() as session:
        row = repository.get(session, principal, dataset_id)
    frame = _table(row).frame
    return {
        "dataset_id": str(row.id),
        "columns": [str(column) for column in frame.columns],
        "rows": preview_rows(frame, limit),
        "row_count": row.row_count,
    }


def set_mapping(principal: Principal, dataset_id: UUID, raw: object) -> dict[str, Any]:
    """Store the roles that a person confirmed; the dataset must be validated anew.

    Raises:
        InvalidInput: names each wrong column.
    """
    principal.require(Role.MEMBER)
    with transaction() as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        mapping = ColumnMapping.from_json(raw, _columns(row))
        if row.column_mapping != mapping.to_json() or row.validation_report is None:
            row.column_mapping = mapping.to_json()
            row.validation_report = None
            row.status = DatasetStatus.UPLOADED.value
            session.add(row)
    return to_json(row)


def validate(principal: Principal, dataset_id: UUID) -> ValidationReport:
    """Run every check on the table under its mapping and store the report.

    Raises:
        Conflict: no mapping has been set.
    """
    principal.require(Role.MEMBER)
    with transaction() as session:
        row = repository.get(session, principal, dataset_id)
    if row.column_mapping is None:
        raise Conflict("The columns have no roles yet.", hint="Set the mapping first, then validate.")
    report = run_checks(_table(row), ColumnMapping.from_json(row.column_mapping, _columns(row)))
    with transaction() as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        row.validation_report = report.to_json()
        row.status = (DatasetStatus.VALIDATED if report.is_valid else DatasetStatus.VALIDATION_ERROR).value
        row.date_range_start = _moment(report.data_summary.get("date_start"))
        row.date_range_end = _moment(report.data_summary.get("date_end"))
        row.frequency = report.data_summary.get("frequency") or Frequency.IRREGULAR.value
        session.add(row)
    cache.drop(cache.stats_key(principal.workspace_id))
    return report


def delete(principal: Principal, dataset_id: UUID) -> None:
    """Delete a dataset with its files and its runs."""
    principal.require(Role.MEMBER)
    with transaction() as session:
        repository.get(session, principal, dataset_id)
        its_runs = runs_repository.of_dataset(session, principal, dataset_id)
    for run in its_runs:
        runs.discard(principal, run.id)
    with transaction() as session:
        session.delete(repository.get(session, principal, dataset_id, lock=True))
    objects().delete_prefix(_prefix(principal, dataset_id) + "/")
    cache.drop(cache.stats_key(principal.workspace_id))


def to_json(row: models.Dataset) -> dict[str, Any]:
    """A dataset as the API gives it."""
    return {
        "id": str(row.id),
        "dataset_id": str(row.id),
        "filename": row.filename,
        "row_count": row.row_count,
        "columns": row.profile["columns"],
        "detection": row.profile["detection"],
        "auto_mapping": row.profile["auto_mapping"],
        "notes": row.profile["notes"],
        "date_range_start": row.date_range_start.isoformat() if row.date_range_start else None,
        "date_range_end": row.date_range_end.isoformat() if row.date_range_end else None,
        "frequency": row.frequency,
        "column_mapping": row.column_mapping,
        "validation_report": row.validation_report,
        "status": row.status,
        "is_sample": row.is_sample,
        "created_at": row.created_at.isoformat(),
    }


def _profile(table: Table, detections: tuple[Detection, ...], mapping: ColumnMapping | None) -> dict[str, Any]:
    contiguous = table.row_numbers == tuple(range(2, table.n_rows + 2))
    return {
        "columns": [column.to_json() for column in profile(table)],
        "detection": [detection.to_json() for detection in detections],
        "auto_mapping": mapping.to_json() if mapping else None,
        "notes": list(table.notes),
        "row_numbers": None if contiguous else list(table.row_numbers),
    }


def _table(row: models.Dataset) -> Table:
    """The stored canonical table, with the line numbers of the person's own file."""
    table = Table.of(from_canonical_csv(objects().get(row.table_key)))
    numbers = row.profile["row_numbers"]
    return table if numbers is None else replace(table, row_numbers=tuple(numbers))


def _columns(row: models.Dataset) -> tuple[str, ...]:
    return tuple(column["name"] for column in row.profile["columns"])


def _prefix(principal: Principal, dataset_id: UUID) -> str:
    return f"workspaces/{principal.workspace_id}/datasets/{dataset_id}"


def _display_name(filename: str) -> str:
    """The last part of a path, without control characters, at most 255 characters, its suffix kept."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip() or "upload"
    suffix = PurePath(name).suffix[:10]
    return name if len(name) <= 255 else name[: 255 - len(suffix)] + suffix


def _moment(iso: str | None) -> datetime | None:
    if not iso:
        return None
    moment = datetime.fromisoformat(iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=models.now().tzinfo)
