"""From a table and a mapping to the numbers of a model: pick, repair, scale. The same for every engine."""

import hashlib

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import ColumnMapping, Frequency, MediaColumn, SpendType
from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.run import RunConfig
from mixmodel_app.engine.types import PreparedData

_FEWEST_PERIODS = 8


def prepare(df: pd.DataFrame, mapping: ColumnMapping, config: RunConfig) -> PreparedData:
    """Sort by date, repair gaps in the values, and scale as PyMC-Marketing does: each series by its highest value.

    Missing media and spend count as 0, missing controls are interpolated, periods without a target are left out;
    each repair becomes a note.

    Raises:
        FitFailed: when the columns cannot carry a model (too few periods, a constant target, no media at all).
    """
    notes: list[str] = []
    table = _numbers(df, mapping)
    table = _drop_missing_target(table, mapping, notes)
    _fill_media(table, mapping, notes)
    controls = _standardised_controls(table, mapping, notes)
    media = table[list(mapping.media_columns)].to_numpy(dtype=float)
    target = table[mapping.target_column].to_numpy(dtype=float)
    _check_possible(target, media, mapping)
    spend, unit_cost = _money(table, mapping)
    highest = media.max(axis=0)
    dates = pd.DatetimeIndex(table[mapping.date_column])
    return PreparedData(
        mapping=mapping,
        config=config,
        frequency=infer_frequency(dates),
        dates=dates,
        target=target,
        media=media,
        spend=spend,
        unit_cost=unit_cost,
        controls=controls,
        media_scale=np.where(highest > 0, highest, 1.0),
        target_scale=float(np.abs(target).max()),
        digest=_digest(table),
        notes=tuple(notes),
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


def _numbers(df: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """The mapped columns as dates and floats, oldest period first; what is not a number becomes missing."""
    missing = [column for column in mapping.columns() if column not in df.columns]
    if missing:
        raise FitFailed(f"The table has no column {', '.join(map(repr, missing))}.", hint="Correct the column mapping.")
    table = df[list(mapping.columns())].copy()
    dates = pd.to_datetime(table[mapping.date_column], errors="coerce")
    if dates.isna().any():
        raise FitFailed(
            f"{int(dates.isna().sum())} values of {mapping.date_column!r} are not dates.", hint="Validate the dataset."
        )
    table[mapping.date_column] = dates
    for column in mapping.columns():
        if column != mapping.date_column:
            numbers = pd.to_numeric(table[column], errors="coerce").astype(float)
            table[column] = numbers.where(np.isfinite(numbers))
    return table.sort_values(mapping.date_column, ignore_index=True)


def _drop_missing_target(table: pd.DataFrame, mapping: ColumnMapping, notes: list[str]) -> pd.DataFrame:
    missing = table[mapping.target_column].isna()
    if missing.any():
        notes.append(f"{int(missing.sum())} periods without a value of {mapping.target_column!r} were left out.")
    kept = table[~missing].reset_index(drop=True)
    if len(kept) < _FEWEST_PERIODS:
        raise FitFailed(
            f"Only {len(kept)} periods have a value of {mapping.target_column!r}; a fit needs {_FEWEST_PERIODS}.",
            hint="Add more history: two years of weeks make a good start.",
        )
    return kept


def _fill_media(table: pd.DataFrame, mapping: ColumnMapping, notes: list[str]) -> None:
    columns = [*mapping.media_columns, *(m.spend_column for m in mapping.media_columns.values() if m.spend_column)]
    for column in dict.fromkeys(columns):
        gaps = int(table[column].isna().sum())
        if gaps:
            notes.append(f"{gaps} missing values of {column!r} were counted as 0.")
            table[column] = table[column].fillna(0.0)
        if (table[column] < 0).any():
            raise FitFailed(f"{column!r} has negative values, and media cannot be negative.", hint="Correct the file.")


def _standardised_controls(table: pd.DataFrame, mapping: ColumnMapping, notes: list[str]) -> Array:
    """(T, K) with mean 0: an uncentred control would take the baseline into its own contribution."""
    columns = [_standardised(table, column, notes) for column in mapping.control_columns]
    return np.column_stack(columns) if columns else np.empty((len(table), 0))


def _standardised(table: pd.DataFrame, column: str, notes: list[str]) -> Array:
    series = table[column]
    gaps = int(series.isna().sum())
    if gaps == len(series):
        raise FitFailed(f"The control {column!r} holds no numbers.", hint="Ignore the column or turn it into numbers.")
    if gaps:
        notes.append(f"{gaps} missing values of the control {column!r} were interpolated.")
        series = series.interpolate(limit_direction="both")
    values = series.to_numpy(dtype=float)
    table[column] = values
    centred = values - values.mean()
    spread = values.std()
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        notes.append(f"The control {column!r} never changes, so it explains nothing.")
        return np.zeros_like(values)
    return centred / spread


def _check_possible(target: Array, media: Array, mapping: ColumnMapping) -> None:
    if np.ptp(target) <= 1e-12 * np.abs(target).max():
        raise FitFailed(
            f"{mapping.target_column!r} has the same value in every period, so there is nothing to explain.",
            hint="Choose another outcome column.",
        )
    if not media.any():
        raise FitFailed("No channel has any media in these periods.", hint="Check the media columns of the mapping.")


def _money(table: pd.DataFrame, mapping: ColumnMapping) -> tuple[Array, Array]:
    """Spend (T, C) and unit cost (C,); a channel whose cost is not known has spend 0 and unit cost nan."""
    pairs = [_channel_money(table, column, entry) for column, entry in mapping.media_columns.items()]
    return np.column_stack([spend for spend, _ in pairs]), np.array([cost for _, cost in pairs])


def _channel_money(table: pd.DataFrame, column: str, entry: MediaColumn) -> tuple[Array, float]:
    media = table[column].to_numpy(dtype=float)
    if entry.spend_type is SpendType.SPEND:
        return media, 1.0 if media.any() else float("nan")
    if entry.spend_column is None:
        return np.zeros_like(media), float("nan")
    spend = table[entry.spend_column].to_numpy(dtype=float)
    known = media.any() and spend.any()
    return spend, float(spend.sum() / media.sum()) if known else float("nan")


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()
