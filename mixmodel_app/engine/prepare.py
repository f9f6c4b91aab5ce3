"""From a table and a mapping to the numbers of a model: pick, repair, scale. The same for every engine."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import ColumnMapping, Frequency, MediaColumn, SpendType
from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.calendar import event_columns, holiday_columns
from mixmodel_app.engine.types import PreparedData

_FEWEST_PERIODS = 8


@dataclass
class _Table:
    """The mapped columns, oldest period first; nan is a missing value, and every repair leaves a note."""

    dates: pd.DatetimeIndex
    columns: dict[str, Array]
    notes: list[str] = field(default_factory=list[str])

    def stack(self, names: tuple[str, ...]) -> Array:
        """(T, len(names))"""
        return np.column_stack([self.columns[name] for name in names]) if names else np.empty((len(self.dates), 0))


def prepare(df: pd.DataFrame, mapping: ColumnMapping, config: RunConfig) -> PreparedData:
    """Sort by date, repair gaps in the values, and scale as PyMC-Marketing does: each series by its highest value.

    Missing media and spend count as 0, missing controls are interpolated, periods without a target are left out;
    each repair becomes a note.

    Raises:
        FitFailed: when the columns cannot carry a model (too few periods, a constant target, no media at all).
    """
    table = _without_missing_target(_read(df, mapping), mapping.target_column)
    for column in _media_and_spend(mapping):
        _fill_media(table, column)
    for column in mapping.control_columns:
        _fill_control(table, column)
    digest = _digest(table)
    media = table.stack(tuple(mapping.media_columns))
    target = table.columns[mapping.target_column]
    _check_possible(target, media, mapping)
    costs = [_channel_money(table, column, entry) for column, entry in mapping.media_columns.items()]
    highest = media.max(axis=0)
    event_names, events = event_columns(table.dates, config.events)
    holiday_names, holidays = holiday_columns(table.dates, config.holidays)
    return PreparedData(
        mapping=mapping,
        config=config,
        frequency=infer_frequency(table.dates),
        dates=table.dates,
        target=target,
        media=media,
        spend=np.column_stack([spend for spend, _ in costs]),
        unit_cost=np.array([cost for _, cost in costs]),
        controls=_standardised(table, mapping.control_columns),
        media_scale=np.where(highest > 0, highest, 1.0),
        target_scale=float(np.abs(target).max()),
        digest=digest,
        event_names=event_names,
        events=events,
        holiday_names=holiday_names,
        holidays=holidays,
        notes=tuple(table.notes),
    )


def infer_frequency(dates: pd.DatetimeIndex) -> Frequency:
    """The frequency that the median distance between dates speaks for."""
    if len(dates) < 2:
        return Frequency.IRREGULAR
    days = float(np.median(np.diff(dates.to_numpy()) / np.timedelta64(1, "D")))
    if days == 1:
        return Frequency.DAILY
    if 6 <= days <= 8:
        return Frequency.WEEKLY
    return Frequency.MONTHLY if 28 <= days <= 31 else Frequency.IRREGULAR


def _read(df: pd.DataFrame, mapping: ColumnMapping) -> _Table:
    """What is not a finite number becomes missing."""
    absent = [column for column in mapping.columns() if column not in df.columns]
    if absent:
        raise FitFailed(f"The table has no column {', '.join(map(repr, absent))}.", hint="Correct the column mapping.")
    dates = pd.DatetimeIndex(pd.to_datetime(df[mapping.date_column], errors="coerce"))
    undated = int(np.isnat(dates.to_numpy()).sum())
    if undated:
        raise FitFailed(f"{undated} values of {mapping.date_column!r} are not dates.", hint="Validate the dataset.")
    order = np.argsort(dates.to_numpy(), kind="stable")
    numeric = [column for column in mapping.columns() if column != mapping.date_column]
    columns = {column: _numbers(df, column)[order] for column in numeric}
    return _Table(dates[order], columns)


def _numbers(df: pd.DataFrame, column: str) -> Array:
    values = np.asarray(pd.to_numeric(df[column], errors="coerce"), dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _without_missing_target(table: _Table, target: str) -> _Table:
    known = ~np.isnan(table.columns[target])
    kept = int(known.sum())
    if kept < _FEWEST_PERIODS:
        raise FitFailed(
            f"Only {kept} periods have a value of {target!r}; a fit needs {_FEWEST_PERIODS}.",
            hint="Add more history: two years of weeks make a good start.",
        )
    if kept == len(known):
        return table
    note = f"{len(known) - kept} periods without a value of {target!r} were left out."
    return _Table(table.dates[known], {name: values[known] for name, values in table.columns.items()}, [note])


def _media_and_spend(mapping: ColumnMapping) -> tuple[str, ...]:
    spend = [media.spend_column for media in mapping.media_columns.values() if media.spend_column]
    return tuple(dict.fromkeys([*mapping.media_columns, *spend]))


def _fill_media(table: _Table, column: str) -> None:
    values = table.columns[column]
    gaps = np.isnan(values)
    if gaps.any():
        table.notes.append(f"{int(gaps.sum())} missing values of {column!r} were counted as 0.")
    filled = np.where(gaps, 0.0, values)
    if (filled < 0).any():
        raise FitFailed(f"{column!r} has negative values, and media cannot be negative.", hint="Correct the file.")
    table.columns[column] = filled


def _fill_control(table: _Table, column: str) -> None:
    values = table.columns[column]
    known = ~np.isnan(values)
    if not known.any():
        raise FitFailed(f"The control {column!r} holds no numbers.", hint="Ignore the column or turn it into numbers.")
    if not known.all():
        table.notes.append(f"{int((~known).sum())} missing values of the control {column!r} were interpolated.")
        period = np.arange(len(values))
        table.columns[column] = np.interp(period, period[known], values[known])
    if np.ptp(values[known]) == 0:
        table.notes.append(f"The control {column!r} never changes, so it explains nothing.")


def _standardised(table: _Table, columns: tuple[str, ...]) -> Array:
    """(T, K) with mean 0: an uncentred control would take the baseline into its own contribution."""
    values = table.stack(columns)
    centred = values - values.mean(axis=0)
    spread = values.std(axis=0)
    varies = np.ptp(values, axis=0) > 0
    return np.where(varies, centred / np.where(varies, spread, 1.0), 0.0)


def _check_possible(target: Array, media: Array, mapping: ColumnMapping) -> None:
    if np.ptp(target) <= 1e-12 * np.abs(target).max():
        raise FitFailed(
            f"{mapping.target_column!r} has the same value in every period, so there is nothing to explain.",
            hint="Choose another outcome column.",
        )
    if not media.any():
        raise FitFailed("No channel has any media in these periods.", hint="Check the media columns of the mapping.")


def _channel_money(table: _Table, column: str, entry: MediaColumn) -> tuple[Array, float]:
    """Spend (T,) and unit cost; where the cost is not known, spend 0 and unit cost nan."""
    media = table.columns[column]
    if entry.spend_type is SpendType.SPEND:
        return media, 1.0 if media.any() else float("nan")
    if entry.spend_column is None:
        return np.zeros_like(media), float("nan")
    spend = table.columns[entry.spend_column]
    known = media.any() and spend.any()
    return spend, float(spend.sum() / media.sum()) if known else float("nan")


def _digest(table: _Table) -> str:
    """SHA-256 over dates, column names and values as they enter the model."""
    digest = hashlib.sha256(table.dates.strftime("%Y-%m-%dT%H:%M:%S").str.cat(sep=",").encode())
    for name, values in table.columns.items():
        digest.update(name.encode() + b"\0" + values.astype("<f8").tobytes())
    return digest.hexdigest()
