"""Small tables as the files that people upload."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import BytesIO

import numpy as np
from openpyxl import Workbook

MONDAY = date(2023, 1, 2)

Row = dict[str, object]


def weekly_rows(weeks: int = 60, channels: Sequence[str] = ("tv", "search"), seed: int = 7) -> list[Row]:
    """Weeks of revenue that follow spend and price, the same for the same seed."""
    rng = np.random.default_rng(seed)
    spend = {f"{name}_spend": rng.integers(500, 5_000, weeks) for name in channels}
    price = np.round(rng.uniform(9, 11, weeks), 2)
    revenue = 40_000 + 2.0 * sum(spend.values()) - 1_000 * (price - 10) + rng.normal(0, 800, weeks)
    return [
        {
            "date": (MONDAY + timedelta(weeks=week)).isoformat(),
            "revenue": round(float(revenue[week])),
            **{name: int(values[week]) for name, values in spend.items()},
            "price": float(price[week]),
        }
        for week in range(weeks)
    ]


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Comma-separated UTF-8 with a header line."""
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def weekly_csv(weeks: int = 60, channels: Sequence[str] = ("tv", "search"), seed: int = 7) -> bytes:
    """`weekly_rows` as a file."""
    return csv_bytes(weekly_rows(weeks, channels, seed))


def changed_csv(change: Callable[[list[Row]], None], weeks: int = 60) -> bytes:
    """`weekly_csv` after `change` has had its way with the rows."""
    rows = weekly_rows(weeks)
    change(rows)
    return csv_bytes(rows)


def merged_workbook(*cells: str) -> bytes:
    """`weekly_rows` as XLSX, with these ranges of cells merged, like "C5:C7"."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows = weekly_rows()
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    for merged in cells:
        sheet.merge_cells(merged)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
"""The first bytes of an image, and more that no table has."""

ONE_COLUMN = b"revenue\n" + b"\n".join(str(value).encode() for value in range(100, 160)) + b"\n"
