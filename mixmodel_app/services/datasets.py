"""Datasets: upload, reading, mapping, validation, preview and deletion."""

import tempfile
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.findings import ValidationReport
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.domain.reading import ReadOptions
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.profile import preview_rows
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.report import validate as run_checks
from mixmodel_app.ingest.table import Table
from mixmodel_app.services import audit_log, dataset_rows, dataset_tables, dataset_versions, runs
from mixmodel_app.services.dataset_rows import to_json
from mixmodel_app.services.large_files import read_apart
from mixmodel_app.storage import cache, digests, models
from mixmodel_app.storage.db import reading, transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as repository
from mixmodel_app.storage.repositories import runs as runs_repository

PREVIEW_ROWS = 20
MAX_UPLOAD_BYTES = 50 * 1024 * 1024


def upload(
    principal: Principal, path: Path, filename: str, *, version_of: UUID | None = None, is_sample: bool = False
) -> dict[str, Any]:
    """Read a file, store it raw and canonical, and say what was found.

    A file with the header of an earlier one becomes its next version, with the roles that a person confirmed there.

    Args:
        path: the bytes, in a temporary file that stays the caller's.
        filename: the person's name for it; used for its suffix and on screen, never as a path.
        version_of: the dataset that this one continues, when its header has changed.

    Raises:
        UnreadableFile, FileTooLarge, UnsupportedFile: nothing is stored then.
        NotFound: there is no dataset `version_of`.
    """
    principal.require(Role.MEMBER)
    return read_apart(path, _upload, principal, path, _display_name(filename), version_of, is_sample)


def _upload(principal: Principal, path: Path, name: str, version_of: UUID | None, is_sample: bool) -> dict[str, Any]:
    table = read_table(path, name)
    dataset_id = uuid7()
    folder = dataset_tables.prefix(principal.workspace_id, dataset_id)
    row = models.Dataset(
        id=dataset_id,
        workspace_id=principal.workspace_id,
        uploaded_by=principal.user_id,
        filename=name,
        s3_key=digests.named(f"{folder}/raw{PurePath(name).suffix.lower()[:10]}", path),
        table_key="",
        is_sample=is_sample,
    )
    source = None if is_sample else dataset_versions.source(principal, table.columns, version_of)
    _read(row, table, source)
    try:
        objects().put(row.s3_key, path)
        _store(row, table)
        with transaction(principal) as session:
            session.add(row)
    except BaseException:
        objects().delete_prefix(folder + "/")
        raise
    cache.drop(cache.stats_key(principal.workspace_id))
    return to_json(row) | {"preview_rows": preview_rows(table.frame, PREVIEW_ROWS)}


def read_again(principal: Principal, dataset_id: UUID, raw: object) -> dict[str, Any]:
    """Read the raw file once more, the way a person decided; repairs are dropped, roles stay where columns do.

    Args:
        raw: `ReadOptions` as JSON.

    Raises:
        InvalidInput: an option is wrong.
        UnreadableFile: the file cannot be read in this way; nothing changes then.
    """
    principal.require(Role.MEMBER)
    if not isinstance(raw, dict):
        raise InvalidInput("The reading options must be an object.")
    ReadOptions.from_json(raw)
    with transaction(principal) as session:
        key = repository.get(session, principal, dataset_id).s3_key
    with tempfile.TemporaryDirectory(prefix="mixmodel-reading-") as folder:
        path = Path(folder) / "raw"
        with path.open("wb") as target:
            target.writelines(objects().stream(key))
        return read_apart(path, _read_again, principal, path, dataset_id, raw)


def _read_again(principal: Principal, path: Path, dataset_id: UUID, raw: dict[str, Any]) -> dict[str, Any]:
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        table = read_table(path, row.filename, ReadOptions.from_json(raw))
        _read(row, table, row if row.validation_report else dataset_versions.previous(session, principal, row))
        row.reading, row.fixes = raw, []
        _store(row, table)
        session.add(row)
    return to_json(row) | {"preview_rows": preview_rows(table.frame, PREVIEW_ROWS)}


def page(principal: Principal, limit: int = 50, cursor: str | None = None) -> dict[str, Any]:
    """The workspace's datasets, newest first."""
    with reading(principal) as session:
        found = repository.page(session, principal, limit, cursor)
    return {"items": [to_json(row) for row in found.items], "next_cursor": found.next_cursor}


def get(principal: Principal, dataset_id: UUID) -> dict[str, Any]:
    with reading(principal) as session:
        return to_json(repository.get(session, principal, dataset_id))


def preview(principal: Principal, dataset_id: UUID, limit: int = PREVIEW_ROWS) -> dict[str, Any]:
    """The first rows of the canonical table."""
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    frame = dataset_tables.current(row).frame
    return {
        "dataset_id": str(row.id),
        "columns": [str(column) for column in frame.columns],
        "rows": preview_rows(frame, limit),
        "row_count": row.row_count,
    }


def lines(principal: Principal, dataset_id: UUID, numbers: Collection[int]) -> dict[str, Any]:
    """The rows that stand in these lines of the person's file: `columns`, and `rows` with their `lines`."""
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    table = dataset_tables.current(row)
    places = [place for place, line in enumerate(table.row_numbers) if line in numbers]
    return {
        "columns": list(table.columns),
        "lines": [table.row_numbers[place] for place in places],
        "rows": preview_rows(table.frame.iloc[places], len(places)),
    }


def trial(principal: Principal, dataset_id: UUID, raw: object) -> ValidationReport:
    """What the checks would find under a mapping; nothing is stored.

    Raises:
        InvalidInput: names each wrong column.
    """
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    return run_checks(dataset_tables.current(row), ColumnMapping.from_json(raw, dataset_rows.columns(row)))


def set_mapping(principal: Principal, dataset_id: UUID, raw: object) -> dict[str, Any]:
    """Store the roles that a person confirmed; the dataset must be validated anew.

    Raises:
        InvalidInput: names each wrong column.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        mapping = ColumnMapping.from_json(raw, dataset_rows.columns(row))
        if row.column_mapping != mapping.to_json() or row.validation_report is None:
            dataset_rows.set_mapping(row, mapping)
            session.add(row)
    return to_json(row)


def validate(principal: Principal, dataset_id: UUID) -> ValidationReport:
    """Run every check on the table under its mapping and store the report.

    Raises:
        Conflict: no mapping has been set.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        dataset_rows.mapping_of(row)
        report = dataset_versions.check(session, principal, row, dataset_tables.current(row))
        session.add(row)
    cache.drop(cache.stats_key(principal.workspace_id))
    return report


def answers(principal: Principal, dataset_id: UUID) -> Answerability | None:
    """What the data can tell before any fit; None while errors stand in the way.

    Raises:
        Conflict: no mapping has been set.
    """
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    return answerability(dataset_tables.current(row), dataset_rows.mapping_of(row))


def delete(principal: Principal, dataset_id: UUID) -> None:
    """Delete a dataset with its files and its runs."""
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        repository.get(session, principal, dataset_id)
        its_runs = runs_repository.of_dataset(session, principal, dataset_id)
    for run in its_runs:
        runs.discard(principal, run.id)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        audit_log.record(session, principal, Action.DATASET_DELETED, row.filename)
        session.delete(row)
    objects().delete_prefix(dataset_tables.prefix(principal.workspace_id, dataset_id) + "/")
    cache.drop(cache.stats_key(principal.workspace_id))


def _read(row: models.Dataset, table: Table, source: models.Dataset | None) -> None:
    """Roles for the columns of a table: as detected, or as they were confirmed in `source`."""
    detections = detect(table)
    detected = auto_mapping(table, detections)
    mapping = detected
    if source is not None:
        remembered = dataset_versions.remembered(source, table.columns)
        mapping = remembered or detected
        detections = dataset_versions.as_confirmed(detections, remembered, source)
    if source is not None and source.id != row.id:
        row.previous_id, row.version = source.id, source.version + 1
    row.header_signature = dataset_versions.header_signature(table.columns)
    dataset_rows.describe(row, table, detections, detected)
    dataset_rows.set_mapping(row, mapping)


def _store(row: models.Dataset, table: Table) -> None:
    dataset_tables.store(row, table)
    row.read_key = row.table_key


def _display_name(filename: str) -> str:
    """The last part of a path, at most 255 characters, its suffix kept, without signs that are not seen: control
    characters, and those that turn the direction so that "xslx.exe" reads as another name.
    """
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign if sign.isprintable() else " " if unicodedata.category(sign) == "Zs" else "" for sign in last)
    name = seen.strip() or "upload"
    suffix = PurePath(name).suffix[:10]
    return name if len(name) <= 255 else name[: 255 - len(suffix)] + suffix
