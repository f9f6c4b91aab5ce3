"""A chart's data table as CSV: the numbers unrounded, the texts harmless in any spreadsheet."""

import csv
import io

from mixmodel_app.charts.base import ChartView
from mixmodel_app.ingest.injection import neutralise


def table_csv(view: ChartView) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read names right; empty cells where a number is not known."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([neutralise(label) for label in view.table.header])
    for row in view.table.rows:
        writer.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in row])
    return buffer.getvalue().encode("utf-8-sig")
