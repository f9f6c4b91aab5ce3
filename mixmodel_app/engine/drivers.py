"""What moves the target besides media: blocks of columns that enter the model linearly, and where each is shown."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.model_options import Trend
from mixmodel_app.engine.types import PreparedData


class Part(StrEnum):
    """The part of the decomposition that a block adds to."""

    INTERCEPT = "intercept"
    TREND = "trend"
    SEASONALITY = "seasonality"
    CONTROLS = "controls"


@dataclass(frozen=True, slots=True)
class DriverBlock:
    """Columns (T, K) with one coefficient each, all under the parameter `name`.

    `labels` name the K entries; a block of one column whose parameter is a plain number has none. In the decomposition
    every entry of a block of controls stands for itself, unless the block is `shown_as` one.
    """

    name: str
    part: Part
    labels: tuple[str, ...]
    columns: Array
    shown_as: str | None = None


def driver_blocks(data: PreparedData) -> tuple[DriverBlock, ...]:
    """The blocks that the configuration asks for, the intercept first."""
    config = data.config
    blocks = [DriverBlock("intercept", Part.INTERCEPT, (), np.ones((data.n_periods, 1)))]
    if config.trend is not Trend.NONE:
        blocks.append(DriverBlock("trend", Part.TREND, (), data.trend_axis[:, None]))
    if config.trend is Trend.SMOOTH:
        waves = drift_basis(data.trend_axis, data.years)
        blocks.append(DriverBlock("drift", Part.TREND, tuple(str(i + 1) for i in range(waves.shape[1])), waves))
    if config.yearly_seasonality:
        orders = range(1, config.yearly_seasonality + 1)
        labels = tuple(f"{wave}_{order}" for wave in ("sin", "cos") for order in orders)
        blocks.append(DriverBlock("gamma_fourier", Part.SEASONALITY, labels, data.fourier_basis))
    if data.control_names:
        blocks.append(DriverBlock("gamma_control", Part.CONTROLS, data.control_names, data.controls))
    if data.event_names:
        blocks.append(DriverBlock("gamma_event", Part.CONTROLS, data.event_names, data.events))
    if data.holiday_names:
        blocks.append(DriverBlock("gamma_holiday", Part.CONTROLS, data.holiday_names, data.holidays, "Public holidays"))
    return tuple(block for block in blocks if block.columns.shape[1])


def drift_basis(axis: Array, years: float) -> Array:
    """(T, K) the slow part of a random walk, for the baseline: `axis` (T,) runs from 0 to 1 over `years`.

    Brownian motion on [0, 1] is Σ Z_j · √2 · sin((j − ½)πu) / ((j − ½)π) with independent standard normal Z_j
    (Karhunen-Loève; Loève 1978, §37.5). Kept are the terms slower than one cycle a year, which leaves the season to the
    season. In units of √years, so that a coefficient's prior is how far the baseline wanders in a year.
    """
    slower_than_a_year = int(np.floor(2 * years + 0.5 - 1e-9))
    frequency = np.pi * (np.arange(1, slower_than_a_year + 1) - 0.5)
    return np.sqrt(2 * years) * np.sin(axis[:, None] * frequency) / frequency
