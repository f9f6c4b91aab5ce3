"""Tables with round numbers on which the fixes are tried."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.ingest.repair import Repaired, apply_fix
from mixmodel_app.ingest.table import Table

MAPPING = ColumnMapping(
    "date", "revenue", {"tv": MediaColumn("TV"), "search": MediaColumn("Search")}, ("price", "temperature")
)


def weekly(weeks: int = 12, start: date = date(2024, 1, 1)) -> pd.DataFrame:
    """Mondays with round numbers."""
    steps = np.arange(weeks, dtype=float)
    dates = [(start + timedelta(weeks=week)).isoformat() for week in range(weeks)]
    frame = pd.DataFrame({"date": pd.Series(dates, dtype=object)})
    return frame.assign(
        revenue=1000 + steps, tv=100 + steps, search=50 + steps, price=9.0, temperature=steps, event=None
    ).astype({"event": object})


def daily(days: int, start: date) -> pd.DataFrame:
    dates = [(start + timedelta(days=day)).isoformat() for day in range(days)]
    return pd.DataFrame({"date": pd.Series(dates, dtype=object)}).assign(
        revenue=10.0, tv=2.0, search=1.0, price=9.0, temperature=np.arange(days, dtype=float)
    )


def fixed(frame: pd.DataFrame, kind: str, mapping: ColumnMapping = MAPPING, **arguments: Any) -> Repaired:
    return apply_fix(Table.of(frame), mapping, kind, arguments)
