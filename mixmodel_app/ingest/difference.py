"""What a new upload of the same source has that the last one had not, and which figures of the past it changes."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.checks._base import CheckInput
from mixmodel_app.ingest.checks.restated import changed_cells
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.table import Table


@dataclass(frozen=True, slots=True)
class Restated:
    """Figures of one column that are others than before, for the same dates.

    Attributes:
        cells: how many.
        before, after: the sums over these cells, empty ones as 0.
        first, last: ISO days of the earliest and the latest of them.
    """

    column: str
    cells: int
    before: float
    after: float
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions of one source compared by their dates.

    Attributes:
        new_periods, gone_periods: ISO days that only the new or only the old table has, in order of time.
        new_columns, gone_columns: likewise; `gone_columns` may have been renamed.
        restated: columns of the mapping whose history has changed.
    """

    new_periods: tuple[str, ...]
    gone_periods: tuple[str, ...]
    new_columns: tuple[str, ...]
    gone_columns: tuple[str, ...]
    restated: tuple[Restated, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.new_periods or self.gone_periods or self.new_columns or self.gone_columns or self.restated)

    def to_json(self) -> dict[str, Any]:
        return {
            "new_periods": list(self.new_periods),
            "gone_periods": list(self.gone_periods),
            "new_columns": list(self.new_columns),
            "gone_columns": list(self.gone_columns),
            "restated": [asdict(column) for column in self.restated],
        }


def difference(before: Table, after: Table, mapping: ColumnMapping) -> Difference:
    """What has changed from one table to the next, under the mapping of the new one; dates that nobody can read count
    as not there."""
    data = CheckInput(after, mapping, before)
    old, new = _days(before, mapping.date_column), _days(after, mapping.date_column)
    return Difference(
        new_periods=tuple(sorted(new - old)),
        gone_periods=tuple(sorted(old - new)),
        new_columns=tuple(column for column in after.columns if column not in before.columns),
        gone_columns=tuple(column for column in before.columns if column not in after.columns),
        restated=tuple(found for column in data.numbers if (found := _restated(data, column))),
    )


def _days(table: Table, date_column: str) -> set[str]:
    if date_column not in table.columns:
        return set()
    return {str(day.date()) for day in parse_dates(table.column(date_column)).values.dropna()}


def _restated(data: CheckInput, column: str) -> Restated | None:
    cells = changed_cells(data, column)
    if not cells:
        return None
    days = sorted(cell.day for cell in cells)
    before, after = (float(np.nansum([getattr(cell, name) for cell in cells])) for name in ("before", "after"))
    return Restated(column, len(cells), before, after, days[0], days[-1])
