"""A dataset as files: the table with the log of its repairs as a workbook, the findings as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from mixmodel_app.ingest.injection import neutralise

_FINDING = ("code", "severity", "title", "message", "column", "rows", "hint", "effect")


def findings_csv(report: dict[str, Any]) -> bytes:
    """The findings of a report (`ValidationReport.to_json`), errors first; UTF-8 with a byte order mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(_FINDING)
    for finding in [*report["errors"], *report["warnings"], *report["suggestions"]]:
        shown = finding | {"rows": " ".join(str(row) for row in finding["rows"])}
        writer.writerow([neutralise(str(shown[key] or "")) for key in _FINDING])
    return buffer.getvalue().encode("utf-8-sig")


def table_workbook(frame: pd.DataFrame, filename: str, fixes: Sequence[dict[str, Any]], notes: Iterable[str]) -> bytes:
    """A workbook with the sheets "Data" and "How it was made".

    Args:
        frame: as a `Table` has it: floats, and text with None for empty cells; texts cannot become formulas.
        fixes: the log, as `AppliedFix.to_json` gives its entries.
        notes: how the file was read.
    """
    book = Workbook(write_only=True)
    data = book.create_sheet("Data")
    data.freeze_panes = "A2"
    for position, name in enumerate(frame.columns, start=1):
        data.column_dimensions[get_column_letter(position)].width = min(40, max(12, len(str(name)) + 2))
    data.append([neutralise(str(name)) for name in frame.columns])
    for row in frame.astype(object).itertuples(index=False, name=None):
        data.append([_cell(value) for value in row])
    story = book.create_sheet("How it was made")
    story.column_dimensions["A"].width = 24
    story.column_dimensions["B"].width = 100
    story.append(["File", neutralise(filename)])
    for note in notes:
        story.append(["Reading", neutralise(note)])
    for fix in fixes:
        story.append([neutralise(f"Repair by {fix['applied_by']}"), neutralise(fix["change"]["sentence"])])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(value: object) -> str | float | None:
    if value is None or pd.isna(value):  # pyright: ignore[reportArgumentType, reportGeneralTypeIssues]
        return None
    return neutralise(value) if isinstance(value, str) else float(value)  # pyright: ignore[reportArgumentType]
