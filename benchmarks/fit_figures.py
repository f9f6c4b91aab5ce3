"""What the parts of `fit_speed.py` share: the data, the figures of a fit, and how a table is printed."""

import os
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.engine.simulate import CHANNELS, Channel, simulate

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = ROOT.parent / "shared" / "data" / "robyn_weekly.csv"
RHAT_LIMIT, ESS_LIMIT = 1.01, 400
WEEKLY_SPEND = 100_000
RIVAL_DRAWS = {"mode": "custom", "n_chains": 4, "n_samples": 1000, "tune_steps": 1000, "random_seed": 1}
type Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Market:
    """A table to fit and the roles of its columns."""

    frame: pd.DataFrame
    mapping: ColumnMapping

    def csv(self) -> bytes:
        return self.frame.to_csv(index=False, date_format="%Y-%m-%d").encode()

    def __str__(self) -> str:
        return f"{len(self.frame)} weeks × {len(self.mapping.media_columns)} channels"


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: how long it took, and the worst R-hat and fewest effective draws over all parameters."""

    seconds: float
    rhat: float
    ess_bulk: float
    ess_tail: float
    divergences: int
    draws: int

    @property
    def passes(self) -> bool:
        return self.rhat <= RHAT_LIMIT and min(self.ess_bulk, self.ess_tail) >= ESS_LIMIT

    def cells(self) -> list[Cell]:
        quality = [f"{self.rhat:.4f}", round(self.ess_bulk), round(self.ess_tail), self.divergences, self.draws]
        return [self.seconds, *quality, "yes" if self.passes else "no"]


FIT_HEAD = ("seconds", "R-hat", "ESS bulk", "ESS tail", "divergences", "draws", "passes")


def public_market(path: Path) -> Market:
    """The public table with its usual roles, or a simulated one of the same size."""
    if not path.exists():
        print("The public table is not there; a simulated one of the same size takes its place.")
        return simulated(208, 5)
    media = {
        "tv_S": MediaColumn("TV"),
        "ooh_S": MediaColumn("Out of home"),
        "print_S": MediaColumn("Print"),
        "facebook_S": MediaColumn("Facebook"),
        "search_S": MediaColumn("Search"),
    }
    mapping = ColumnMapping("DATE", "revenue", media, ("competitor_sales_B",))
    frame = pd.read_csv(path, parse_dates=["DATE"])
    return Market(frame, mapping.in_order_of(tuple(frame.columns)))


def simulated(weeks: int, channels: int) -> Market:
    """A simulated table: the same money in all, however many channels share it, and returns from 1 to 2.25."""
    world = simulate(weeks, tuple(_channel(number, channels) for number in range(channels)), seed=weeks + channels)
    return Market(world.frame, world.mapping)


def _channel(number: int, of: int) -> Channel:
    kind = number % len(CHANNELS)
    spend = WEEKLY_SPEND * CHANNELS[kind].mean_spend / sum(CHANNELS[i % len(CHANNELS)].mean_spend for i in range(of))
    return replace(CHANNELS[kind], name=f"Channel {number + 1}", mean_spend=spend, roas=1 + 0.25 * kind)


def measured(seconds: float, analyst: dict[str, Any]) -> Fit:
    found = analyst["diagnostics"].values()
    return Fit(
        seconds=seconds,
        rhat=max(each["rhat"] for each in found),
        ess_bulk=min(each["ess_bulk"] for each in found),
        ess_tail=min(each["ess_tail"] for each in found),
        divergences=analyst["divergences"],
        draws=analyst["n_draws"],
    )


def quick(seed: int) -> dict[str, Any]:
    return {"mode": "quick", "random_seed": seed}


def two(seconds: list[float]) -> tuple[float, float]:
    return statistics.median(seconds), max(seconds)


def spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s, worst {max(seconds):.2f} s"


def passing(fits: list[Fit]) -> str:
    passing = sum(fit.passes for fit in fits)
    return f"passes R-hat ≤ {RHAT_LIMIT} and ESS ≥ {ESS_LIMIT}: {passing} of {len(fits)}"


def load() -> float:
    """Processes that waited for a core, averaged over the last minute."""
    return os.getloadavg()[0]


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], said: str, before: float) -> None:
    """A heading, what matters most, and the table, its first column to the left and all others to the right."""
    lines = [list(head), *([_text(cell) for cell in row] for row in rows)]
    complete = [line for line in lines if len(line) == len(head)]
    widths = [max(len(line[column]) for line in complete) for column in range(len(head))]
    widths[0] = max(len(line[0]) for line in lines)
    print(f"\n{title}\n{'-' * len(title)}")
    if said:
        print(said)
    for first, *others in lines:
        columns = zip(others, widths[1:], strict=False)
        shown = [text.rjust(width) for text, width in columns] if len(others) == len(head) - 1 else others
        print("  ".join([first.ljust(widths[0]), *shown]))
    print(f"load average {before:.2f} before, {load():.2f} after", flush=True)


def _text(cell: Cell) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.3f}" if cell < 1 else f"{cell:.2f}"
