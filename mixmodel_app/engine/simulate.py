"""Our own simulator: a market whose truth is known, for the sample project, the tests and the benchmarks.

Three years of a weekly retailer by default: media in bursts and always on, some of it following the season as planners
do, geometric carryover, logistic saturation, two controls, a yearly season, a mild trend and noise.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array, carry_over, saturate
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.engine.transforms import geometric_weights

SAMPLE_SEED = 8
SAMPLE_CSV, SAMPLE_TRUTH = "retail_weekly.csv", "truth.json"
START = "2022-01-03"
_WEEKS_PER_YEAR = 365.25 / 7
_L_MAX = 8


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel and its truth.

    Attributes:
        mean_spend: money per period, averaged over all periods.
        roas: incremental contribution with carryover ÷ spend.
        alpha: geometric carryover; lam: logistic saturation on media ÷ its highest value.
        share_on: share of the periods in which bursts are on; 1 is always on.
        seasonal: how strongly spend follows the season, 0 to 1.
    """

    name: str
    mean_spend: float
    roas: float
    alpha: float
    lam: float
    share_on: float = 1.0
    seasonal: float = 0.0

    @property
    def column(self) -> str:
        return spend_column(self.name)


@dataclass(frozen=True, slots=True)
class Control:
    """A control: `effect` is the change of the target, in money, per standard deviation."""

    column: str
    kind: str
    effect: float


@dataclass(frozen=True, slots=True)
class SimulatedDataset:
    """A table, the mapping of its columns, and what is true about it (see `truth.json` of the sample)."""

    frame: pd.DataFrame
    mapping: ColumnMapping
    truth: dict[str, Any]


CHANNELS = (
    Channel("TV", 34_000, 2.1, alpha=0.65, lam=1.8, share_on=0.45, seasonal=0.4),
    Channel("Search", 21_000, 3.2, alpha=0.15, lam=1.4, seasonal=0.5),
    Channel("Social", 16_000, 2.6, alpha=0.35, lam=2.2, share_on=0.75),
    Channel("Display", 9_000, 0.8, alpha=0.25, lam=2.6, share_on=0.6),
    Channel("Radio", 8_000, 1.5, alpha=0.45, lam=1.6, share_on=0.35),
    Channel("Out of home", 12_000, 1.2, alpha=0.7, lam=2.0, share_on=0.3),
)
SAMPLE_CHANNELS = tuple(replace(channel, lam=2 * channel.lam) for channel in CHANNELS)
"""The market of the sample project: the same with diminishing returns that one can see."""

CONTROLS = (Control("price_index", "level", -28_000), Control("promotion", "switch", 30_000))


def simulate(
    n_periods: int = 156,
    channels: tuple[Channel, ...] = CHANNELS,
    controls: tuple[Control, ...] = CONTROLS,
    seed: int = SAMPLE_SEED,
    *,
    base: float = 620_000,
    noise: float = 0.03,
) -> SimulatedDataset:
    """A weekly data set whose every part is known.

    Args:
        base: target per period without media, before trend, season and controls.
        noise: standard deviation of the noise as a share of `base`.
    """
    rng = np.random.default_rng(seed)
    season = _season(n_periods)
    spend = np.column_stack([_flighting(channel, season, rng) for channel in channels])
    drivers = np.empty((n_periods, 0))
    if controls:
        drivers = np.column_stack([driver(control, n_periods, rng) for control in controls])
    effects = np.column_stack([_contribution(channel, spend[:, i]) for i, channel in enumerate(channels)])
    driven = standardise(drivers) * np.array([control.effect for control in controls])
    baseline = base * (1 + 0.08 * np.linspace(0, 1, n_periods) + 0.08 * season)
    error = base * noise * rng.standard_normal(n_periods)
    revenue = (baseline + driven.sum(axis=1) + effects.sum(axis=1) + error).round(0)
    names = tuple(channel.name for channel in channels)
    frame = table(START, revenue, names, spend, controls, drivers)
    truth = {
        "seed": seed,
        "noise": base * noise,
        "baseline": round(float((baseline + driven.sum(axis=1)).sum())),
        "channels": {c.name: _channel_truth(c, spend[:, i], effects[:, i]) for i, c in enumerate(channels)},
        "controls": {control.column: {"effect_per_standard_deviation": control.effect} for control in controls},
    }
    return SimulatedDataset(frame, mapping_of(names, controls), truth)


def sample() -> SimulatedDataset:
    """The data set of the sample project."""
    return simulate(channels=SAMPLE_CHANNELS, seed=SAMPLE_SEED)


def write_sample(directory: Path) -> tuple[Path, Path]:
    """Write the sample data set and its truth into `directory`; returns the paths of the CSV and the JSON file."""
    dataset = sample()
    directory.mkdir(parents=True, exist_ok=True)
    table, truth = directory / SAMPLE_CSV, directory / SAMPLE_TRUTH
    dataset.frame.to_csv(table, index=False, date_format="%Y-%m-%d")
    document = {"mapping": dataset.mapping.to_json(), **dataset.truth}
    truth.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return table, truth


def _season(n_periods: int) -> Array:
    """A yearly wave between about −1 and 1 with its top in December."""
    angle = 2 * np.pi * np.arange(n_periods) / _WEEKS_PER_YEAR
    return 0.8 * np.cos(angle + 0.25) + 0.3 * np.cos(2 * angle)


def _flighting(channel: Channel, season: Array, rng: np.random.Generator) -> Array:
    """Spend per period in whole money: bursts where the channel is not always on, noise, and a pull of the season."""
    shape = bursts(channel.share_on, len(season), rng) * np.exp(0.35 * rng.standard_normal(len(season)))
    shape *= np.maximum(1 + 0.5 * channel.seasonal * season, 0.1)
    return (shape * channel.mean_spend / shape.mean()).round(0)


def bursts(share_on: float, n_periods: int, rng: np.random.Generator) -> Array:
    """1 in bursts of 3 to 8 periods and 0 between them, on for about `share_on` of the time."""
    if share_on >= 1:
        return np.ones(n_periods)
    on = np.zeros(n_periods)
    start = int(rng.integers(0, 4))
    while start < n_periods:
        length = int(rng.integers(3, 9))
        on[start : start + length] = 1
        start += length + max(1, round(length * (1 - share_on) / share_on * rng.uniform(0.6, 1.4)))
    return on


def driver(control: Control, n_periods: int, rng: np.random.Generator) -> Array:
    """A switch that is on in one period of seven, or an index that wanders around 100."""
    if control.kind == "switch":
        return (rng.random(n_periods) < 1 / 7).astype(float)
    steps = rng.standard_normal(n_periods)
    level = np.zeros(n_periods)
    for period in range(1, n_periods):
        level[period] = 0.85 * level[period - 1] + steps[period]
    return (100 + 2 * level).round(1)


def standardise(drivers: Array) -> Array:
    """(T, K) with mean 0 and standard deviation 1 in each column."""
    return (drivers - drivers.mean(axis=0)) / drivers.std(axis=0)


def spend_column(name: str) -> str:
    """The column of a channel's spend."""
    return f"{name.lower().replace(' ', '_')}_spend"


def table(
    start: str, revenue: Array, names: tuple[str, ...], spend: Array, controls: tuple[Control, ...], drivers: Array
) -> pd.DataFrame:
    """The file that a person would upload, its weeks beginning on Mondays from `start` on.

    Args:
        revenue: (T,) and spend: (T, C) for the channels `names`, in whole money; drivers: (T, K) for `controls`.
    """
    columns: dict[str, Any] = {
        "week": pd.date_range(start, periods=len(revenue), freq="W-MON"),
        "revenue": revenue.astype(int),
    }
    columns |= {spend_column(name): spend[:, i].astype(int) for i, name in enumerate(names)}
    for i, control in enumerate(controls):
        columns[control.column] = drivers[:, i].astype(int) if control.kind == "switch" else drivers[:, i]
    return pd.DataFrame(columns)


def mapping_of(names: tuple[str, ...], controls: tuple[Control, ...]) -> ColumnMapping:
    """The mapping of the columns of `table`."""
    return ColumnMapping(
        date_column="week",
        target_column="revenue",
        media_columns={spend_column(name): MediaColumn(name) for name in names},
        control_columns=tuple(control.column for control in controls),
    )


def _response(channel: Channel, spend: Array) -> Array:
    weights = geometric_weights(np.array([channel.alpha]), _L_MAX)
    return saturate("logistic", {"lam": np.array(channel.lam)}, carry_over(spend / spend.max(), weights))[0]


def _contribution(channel: Channel, spend: Array) -> Array:
    """(T,) contribution in money, its height chosen so that the return over all periods is `channel.roas`."""
    response = _response(channel, spend)
    return channel.roas * spend.sum() * response / response.sum()


def _channel_truth(channel: Channel, spend: Array, effect: Array) -> dict[str, float]:
    return {
        "spend": float(spend.sum()),
        "contribution": round(float(effect.sum())),
        "roas": channel.roas,
        "adstock_alpha": channel.alpha,
        "saturation_lam": channel.lam,
        "height": round(float(channel.roas * spend.sum() / _response(channel, spend).sum())),
    }


def main(arguments: list[str] | None = None) -> None:
    """`python -m mixmodel_app.engine.simulate --out assets/sample` writes the sample data set."""
    parser = argparse.ArgumentParser(description="Write the sample data set and its truth.")
    parser.add_argument("--out", type=Path, required=True, help="the directory to write to")
    write_sample(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
