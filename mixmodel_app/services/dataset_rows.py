"""A dataset's row: what reading, detection and checks put into it, and how the API gives it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping, DatasetStatus, Detection, Frequency
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.domain.findings import ValidationReport
from mixmodel_app.ingest.profile import profile
from mixmodel_app.ingest.report import validate
from mixmodel_app.ingest.table import Table
from mixmodel_app.storage import models


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
        "questions": row.profile.get("questions", []),
        "sheets": row.profile.get("sheets", []),
        "reading": row.reading,
        "version": row.version,
        "previous_id": str(row.previous_id) if row.previous_id else None,
        "fixes": row.fixes,
        "date_range_start": row.date_range_start.isoformat() if row.date_range_start else None,
        "date_range_end": row.date_range_end.isoformat() if row.date_range_end else None,
        "frequency": row.frequency,
        "column_mapping": row.column_mapping,
        "validation_report": row.validation_report,
        "status": row.status,
        "is_sample": row.is_sample,
        "created_at": row.created_at.isoformat(),
    }


def columns(row: models.Dataset) -> tuple[str, ...]:
    """The names of the columns of the table as it is now."""
    return tuple(column["name"] for column in row.profile["columns"])


def mapping_of(row: models.Dataset) -> ColumnMapping:
    """The mapping, in the order of the table.

    Raises:
        Conflict: none has been set.
    """
    if row.column_mapping is None:
        raise Conflict("The columns have no roles yet.", hint="Set the mapping first, then go on.")
    return ColumnMapping.from_json(row.column_mapping, columns(row))


def describe(
    row: models.Dataset, table: Table, detections: Sequence[Detection], auto_mapping: ColumnMapping | None
) -> None:
    """Let the row say how a file was read and which column seems to be what."""
    row.profile = {
        "columns": [column.to_json() for column in profile(table)],
        "detection": [detection.to_json() for detection in detections],
        "auto_mapping": auto_mapping.to_json() if auto_mapping else None,
        "notes": list(table.notes),
        "questions": [question.to_json() for question in table.questions],
        "sheets": list(table.sheets),
    }


def set_mapping(row: models.Dataset, mapping: ColumnMapping | None) -> None:
    """Give the columns their roles; what was checked under other roles counts no more."""
    row.column_mapping = mapping.to_json() if mapping else None
    row.validation_report = None
    row.status = DatasetStatus.UPLOADED.value


def check(row: models.Dataset, table: Table, previous: Table | None) -> ValidationReport:
    """Run every check on the table under the row's mapping, and keep the report in the row."""
    report = validate(table, mapping_of(row), previous)
    row.validation_report = report.to_json()
    row.status = (DatasetStatus.VALIDATED if report.is_valid else DatasetStatus.VALIDATION_ERROR).value
    row.date_range_start = _moment(report.data_summary.get("date_start"))
    row.date_range_end = _moment(report.data_summary.get("date_end"))
    row.frequency = report.data_summary.get("frequency") or Frequency.IRREGULAR.value
    return report


def _moment(iso: str | None) -> datetime | None:
    if not iso:
        return None
    moment = datetime.fromisoformat(iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=models.now().tzinfo)
