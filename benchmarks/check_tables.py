"""Clean tables for `benchmarks/checks.py`, and what it takes to damage one."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.engine.calendar import holiday_columns
from mixmodel_app.engine.worlds import world
from mixmodel_app.ingest.table import Table


@dataclass(frozen=True, slots=True)
class Case:
    """A table under its mapping; `column` is where the planted fault is, when it is in one column."""

    frame: pd.DataFrame
    mapping: ColumnMapping
    column: str | None = None
    previous: Table | None = None

    def put(self, column: str, values: object) -> "Case":
        return replace(self, frame=self.frame.assign(**{column: values}), column=column)


def clean(kind: str, seed: int) -> Case:
    """A simulated market with the public holidays of its weeks as a control and dates as text.

    A world may have a channel with hardly any money, or few weeks for its columns; MM206 and MM207 would rightly say
    so. Here channels below 2 % of all spend get no role, and where rows are few, the smallest channels neither.
    """
    market = world(kind, seed)
    dates = pd.DatetimeIndex(market.frame["week"])
    _, days = holiday_columns(dates, "US")
    frame = market.frame.assign(week=dates.strftime("%Y-%m-%d"), holidays=days.sum(axis=1))
    controls = (*market.mapping.control_columns, "holidays")
    spend = market.frame[list(market.mapping.media_columns)].sum().sort_values(ascending=False)
    most = len(frame) // 10 - len(controls)
    large = [column for column in spend.index[:most] if spend[column] >= 0.02 * spend.sum()]
    media = {column: entry for column, entry in market.mapping.media_columns.items() if column in large}
    return Case(frame, replace(market.mapping, media_columns=media, control_columns=controls))


def channel(case: Case, rng: np.random.Generator) -> str:
    names = list(case.mapping.media_columns)
    return names[rng.integers(len(names))]


def largest(case: Case) -> list[str]:
    return sorted(case.mapping.media_columns, key=lambda column: -float(case.frame[column].sum()))


def somewhere(case: Case, rng: np.random.Generator, count: int = 1) -> np.ndarray:
    return rng.choice(np.arange(12, len(case.frame) - 12), count, replace=False)


def at(values: pd.Series, places: np.ndarray, to: object) -> np.ndarray:
    changed = values.to_numpy(dtype=object if isinstance(to, str) else float).copy()
    changed[places] = to
    return changed
