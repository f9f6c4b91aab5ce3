"""Events and public holidays as columns of the model."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mixmodel_app.domain.calendar import period_edges, public_holidays
from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.run_config import Event


def event_columns(dates: pd.DatetimeIndex, events: Iterable[Event]) -> tuple[tuple[str, ...], Array]:
    """Names (N) and the share (T, N), 0 to 1, of each period that an event takes; one name may have several spans.

    A period runs from its date up to the next one.

    Raises:
        InvalidInput: for an event outside the data.
    """
    edges = period_edges(dates)
    columns: dict[str, Array] = {}
    for event in events:
        share = _overlap(edges, np.datetime64(event.start), np.datetime64(event.end) + np.timedelta64(1, "D"))
        if not share.any():
            raise InvalidInput(
                f"The event {event.name!r} lies outside the data.",
                errors=(FieldError("config.events", f"{event.name!r} must lie within the dates of the data"),),
            )
        columns[event.name] = columns.get(event.name, np.zeros(len(dates))) + share
    return _stacked(columns, len(dates))


def holiday_columns(dates: pd.DatetimeIndex, country: str) -> tuple[tuple[str, ...], Array]:
    """Names (H) and the days (T, H) of each public holiday of a country in each period; none that never falls.

    Raises:
        InvalidInput: for a country code that is not known.
    """
    if not country:
        return _stacked({}, len(dates))
    columns: dict[str, Array] = {}
    for period, names in public_holidays(period_edges(dates), country, field="config.holidays"):
        for name in names.split("; "):
            columns.setdefault(name, np.zeros(len(dates)))[period] += 1
    return _stacked(columns, len(dates))


def _overlap(edges: np.ndarray, start: np.datetime64, end: np.datetime64) -> Array:
    starts, ends = np.maximum(edges[:-1], start), np.minimum(edges[1:], end)
    return np.maximum((ends - starts) / np.diff(edges), 0.0)


def _stacked(columns: dict[str, Array], n_periods: int) -> tuple[tuple[str, ...], Array]:
    names = tuple(sorted(columns))
    return names, np.column_stack([columns[name] for name in names]) if names else np.empty((n_periods, 0))
