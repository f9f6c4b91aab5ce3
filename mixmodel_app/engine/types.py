"""What passes between the steps of a fit, whichever engine runs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import ColumnMapping, Frequency
from mixmodel_app.domain.live import LiveFit
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.domain.run import Stage
from mixmodel_app.domain.run_config import RunConfig

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class FitProgress:
    """Where a fit stands: `fraction` (0 to 1) of `stage`, one sentence, and the seconds that are probably left.

    `live` is what can be seen of the sampler, a few times a second while it works.
    """

    stage: Stage
    fraction: float
    message: str
    eta_seconds: float | None = None
    live: LiveFit | None = None


class StopReason(StrEnum):
    """Why a fit has to end early: a person no longer wants it, or its time is up and what there is should be kept."""

    CANCELLED = "cancelled"
    OUT_OF_TIME = "out_of_time"


ProgressCallback = Callable[[FitProgress], None]
ShouldStop = Callable[[], StopReason | None]


@dataclass(frozen=True)
class PreparedData:
    """The numbers that a model sees, for T periods, C channels and K controls.

    Attributes:
        target: (T,) in the units of the file.
        media: (T, C) in the units of the file: money, impressions or clicks.
        spend: (T, C) in money; 0 throughout where an exposure channel names no spend column.
        unit_cost: (C,) money per unit of media; nan when unknown or when the channel was never used.
        controls: (T, K), each column with mean 0 and standard deviation 1 (all 0 when it never changes).
        events: (T, N) share of each period that an event takes; holidays: (T, H) days of each public holiday in it.
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
    event_names: tuple[str, ...]
    events: Array
    holiday_names: tuple[str, ...]
    holidays: Array
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

    @property
    def years(self) -> float:
        """Length of the data in years, the last period included."""
        days = np.ptp(self.dates.to_numpy()) / np.timedelta64(1, "D")
        return float(days / _DAYS_PER_YEAR * self.n_periods / max(self.n_periods - 1, 1))

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
        coefficients: (S, K) of each driver block, by the block's name.
        sigma: (S,) standard deviation of the noise.
        weights: (S, C, L) carryover weights, each summing to 1.
        saturation: a kind of `domain.curves.saturate`, with `params` as in `domain.curves.ResponseDraws`, each (S, C).
        beta: (S, C) height of each channel's curve.
    """

    coefficients: dict[str, Array]
    sigma: Array
    weights: Array
    saturation: str
    params: dict[str, Array]
    beta: Array

    @property
    def n_draws(self) -> int:
        return len(self.sigma)


@dataclass(frozen=True, slots=True)
class ParameterDraws:
    """One free parameter before its chains are joined: `values` is (chain, draw)."""

    name: str
    channel: str | None
    values: Array


@dataclass(frozen=True, slots=True)
class SamplerReport:
    """How the sampling went.

    Attributes:
        divergences: how many of the `transitions` after tuning diverged.
        energy: (chain, draw) of the Hamiltonian; empty where a sampler has none.
        incomplete: whether time ran out before the draws were judged good enough.
        divergent: divergences of each chain; empty where they are not known.
    """

    divergences: int
    transitions: int
    n_chains: int
    seconds: float
    energy: Array = field(default_factory=lambda: np.empty((0, 0)))
    incomplete: bool = False
    divergent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineResults:
    """What a fit leaves behind: summaries for people, joint draws for planning."""

    results: ModelResults
    draws: ResponseDraws
