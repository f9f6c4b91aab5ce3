"""The table as it is now, repairs included, and the list of findings, as files that open in the usual tools."""

from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.exports.dataset import findings_csv, table_workbook
from mixmodel_app.services import audit_log, dataset_tables
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as repository


class TableFormat(StrEnum):
    """The kinds of file that a table can be downloaded as."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        return {
            TableFormat.CSV: "text/csv; charset=utf-8",
            TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            TableFormat.PARQUET: "application/vnd.apache.parquet",
        }[self]


class Download(NamedTuple):
    """A file to save: its name, plain ASCII, and its bytes."""

    filename: str
    content: bytes
    media_type: str


def table(principal: Principal, dataset_id: UUID, kind: TableFormat) -> Download:
    """The current table: CSV and Parquet as they are stored, XLSX with the log of repairs on a second sheet."""
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    if kind is TableFormat.CSV:
        content = objects().get(row.table_key)
    elif kind is TableFormat.PARQUET:
        content = objects().get(dataset_tables.parquet_key(row.table_key))
    else:
        content = table_workbook(dataset_tables.current(row).frame, row.filename, row.fixes, row.profile["notes"])
    audit_log.note(principal, Action.EXPORTED, f"{row.filename} as {kind}")
    repaired = "-repaired" if row.fixes else ""
    return Download(f"{_stem(row.filename)}{repaired}.{kind}", content, kind.media_type)


def findings(principal: Principal, dataset_id: UUID) -> Download:
    """Every finding of the last report, one per line.

    Raises:
        Conflict: the dataset has not been checked.
    """
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    if row.validation_report is None:
        raise Conflict("This dataset has not been checked yet.", hint="Validate it first.")
    audit_log.note(principal, Action.EXPORTED, f"findings on {row.filename}")
    name = f"{_stem(row.filename)}-findings.csv"
    return Download(name, findings_csv(row.validation_report), TableFormat.CSV.media_type)


def _stem(filename: str) -> str:
    """A name without its ending, for a header: only letters, digits, dots, dashes and underscores of ASCII."""
    stem = PurePath(filename.removesuffix(".gz")).stem
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in stem)
    return kept.strip("._") or "dataset"
