"""The audit log as CSV. Names and addresses come from people, so no cell may be a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from mixmodel_app.ingest.injection import neutralise

HEADER = ("created_at", "actor", "action", "subject", "address")


def csv_lines(rows: Iterable[Sequence[str]], *, first: bool = False) -> bytes:
    """Some lines of the file; the `first` ones start with a byte order mark, so that spreadsheets read names right."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([neutralise(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig" if first else "utf-8")
