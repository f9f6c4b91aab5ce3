"""Rows of lists as pages show them: every value already a text."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mixmodel_app.wording import numbers
from mixmodel_app.wording.runs import duration


@dataclass
class DatasetRow:
    """One dataset in a list."""

    id: str
    name: str
    status: str
    rows: str
    period: str
    uploaded: str
    href: str
    is_sample: bool


@dataclass
class RunRow:
    """One run in a list."""

    id: str
    name: str
    status: str
    mode: str
    started: str
    took: str
    href: str
    is_sample: bool


def dataset_row(raw: dict[str, Any]) -> DatasetRow:
    start, end = raw["date_range_start"], raw["date_range_end"]
    return DatasetRow(
        id=raw["id"],
        name=raw["filename"] + (f" (version {raw['version']})" if raw["version"] > 1 else ""),
        status=raw["status"],
        rows=numbers.count(raw["row_count"]),
        period=numbers.date_range(start, end) if start and end else numbers.MISSING,
        uploaded=numbers.date_text(raw["created_at"]),
        href=f"/datasets/{raw['id']}/{'check' if raw['validation_report'] else 'columns'}",
        is_sample=raw["is_sample"],
    )


def run_row(raw: dict[str, Any]) -> RunRow:
    place = "results" if raw["status"] == "completed" else "runs"
    return RunRow(
        id=raw["id"],
        name=raw["name"],
        status=raw["status"],
        mode=str(raw["config"].get("mode", "")).capitalize(),
        started=numbers.date_text(raw["created_at"]),
        took=duration_between(raw["started_at"], raw["completed_at"]) if raw["completed_at"] else numbers.MISSING,
        href=f"/{place}/{raw['id']}",
        is_sample=raw["is_sample"],
    )


def duration_between(start: str | None, end: str | None = None) -> str:
    """The span between two ISO moments, up to now when `end` is None; "" without a start."""
    if not start:
        return ""
    last = datetime.fromisoformat(end) if end else datetime.now(UTC)
    return duration((last - datetime.fromisoformat(start)).total_seconds())
