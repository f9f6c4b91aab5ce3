"""What passes between the steps of a fit, whichever engine runs it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import ColumnMapping, Frequency
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.domain.run import RunConfig, Stage

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class FitProgress:
    """Where a fit stands: `fraction` (0 to 1) of `stage`, one sentence, and the seconds that are probably left."""

    stage: Stage
    fraction: float
    message: str
    eta_seconds: float | None = None


ProgressCallback = Callable[[FitProgress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class PreparedData:
    """The numbers that a model sees, for T periods, C channels and K controls.

    Attributes:
        target: (T,) in the units of the file.
        media: (T, C) in the units of the file: money, impressions or clicks.
        spend: (T, C) in money; 0 throughout where an exposure channel names no spend column.
        unit_cost: (C,) money per unit of media; nan when unknown or when the channel was never used.
        controls: (T, K), each column with mean 0 and standard deviation 1 (all 0 when it never changes).
        media_scale: (C,) highest value of each media column, 1 for one that is all 0.
        target_scale: highest absolute target.
        digest: SHA-256 over the columns that the model uses, so that a result names its data.
        notes: one sentence for every repair (missing values filled, periods left out).
    """

    mapping: ColumnMapping
    config: RunConfig
    frequency: Frequency
    dates: pd.DatetimeIndex
    target: Array
    media: Array
    spend: Array
    unit_cost: Array
    controls: Array
    media_scale: Array
    target_scale: float
    digest: str
    notes: tuple[str, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Names on screen, in the order of the columns of `media`."""
        return self.mapping.channel_names

    @property
    def channel_columns(self) -> tuple[str, ...]:
        return tuple(self.mapping.media_columns)

    @property
    def control_names(self) -> tuple[str, ...]:
        return self.mapping.control_columns

    @property
    def n_periods(self) -> int:
        return len(self.target)

    @cached_property
    def date_texts(self) -> list[str]:
        """ISO dates, one per period."""
        return self.dates.strftime("%Y-%m-%d").tolist()

    @cached_property
    def used(self) -> np.ndarray:
        """(C,) whether a channel was ever on; nothing can be learned about one that was not."""
        return np.asarray(self.media.any(axis=0))

    @cached_property
    def scaled_media(self) -> Array:
        """(T, C) media ÷ `media_scale`, between 0 and 1."""
        return self.media / self.media_scale

    @cached_property
    def trend_axis(self) -> Array:
        """(T,) time from 0 at the first date to 1 at the last."""
        days = ((self.dates - self.dates[0]) / pd.Timedelta(days=1)).to_numpy(dtype=float)
        return days / max(days[-1], 1.0)

    @cached_property
    def fourier_basis(self) -> Array:
        """(T, 2N) sin 1…N, then cos 1…N of the day of the year, N = `config.yearly_seasonality`."""
        angle = 2 * np.pi * self.dates.dayofyear.to_numpy(dtype=float) / _DAYS_PER_YEAR
        orders = range(1, self.config.yearly_seasonality + 1)
        columns = [wave(order * angle) for wave in (np.sin, np.cos) for order in orders]
        return np.column_stack(columns) if columns else np.empty((self.n_periods, 0))


@dataclass(frozen=True, slots=True)
class ModelDraws:
    """S joint posterior draws of the whole model on the scaled target, the chains laid end to end.

    Attributes:
        intercept, trend, sigma: (S,); trend is the change from the first date to the last, 0 without a trend.
        controls: (S, K); fourier: (S, 2N), in the order of `PreparedData.fourier_basis`.
        weights: (S, C, L) carryover weights, each summing to 1.
        saturation: "logistic" or "hill", with `params` as in `domain.curves.ResponseDraws`, each (S, C).
        beta: (S, C) height of each channel's curve.
    """

    intercept: Array
    trend: Array
    sigma: Array
    controls: Array
    fourier: Array
    weights: Array
    saturation: str
    params: dict[str, Array]
    beta: Array

    @property
    def n_draws(self) -> int:
        return len(self.intercept)


@dataclass(frozen=True, slots=True)
class ParameterDraws:
    """One free parameter before its chains are joined: `values` is (chain, draw)."""

    name: str
    channel: str | None
    values: Array


@dataclass(frozen=True, slots=True)
class SamplerReport:
    """How the sampling went. `divergences` counts over all `transitions` after tuning, kept or thinned away."""

    divergences: int
    transitions: int
    n_chains: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EngineResults:
    """What a fit leaves behind: summaries for people, joint draws for planning."""

    results: ModelResults
    draws: ResponseDraws
