"""What plans bring where the truth is known: how much of the best plan's revenue each of them leaves on the table.

Worlds are those of `mixmodel_app/engine/worlds.py`. Every plan spends the money of the last 52 weeks again, evenly over
the next 52, under the same bounds per channel, and is judged by the true curves, carryover and heights of the world:

* **oracle**: differential evolution on the true response; what it brings is the 100 % of regret.
* **MixModel**: our engine in full mode, and `planning.optimise` for most revenue.
* **PyMC-Marketing**: its stock model as in `benchmarks/accuracy.py`, fitted by itself with nutpie, and its own
  `MMM.budget_optimizer(…).allocate_budget(…)`, its objective (mean media contribution), solver and start as they come.
  Both optimise on 500 draws.
* **by ROAS**: money in proportion to our estimated ROAS. **by effect**: in proportion to current spend × that ROAS.
* **current**: what was spent.

Bounds: *near* is 50 to 150 % of the current spend, as the planner starts; *wide* is 0 to 1.3 × the highest spend that
was ever seen in a week, or the current spend where that is more. A rule's plan is brought within bounds by raising and
lowering its weights together (`optimiser.within`).

Regret is (oracle − plan) ÷ oracle of the true incremental revenue, in per cent; *gained* is (plan − current) ÷
(oracle − current), the share of what could be gained: below 0 the plan loses against doing nothing.
"""

import io
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from benchmarks.accuracy import load, rival_model
from benchmarks.optimiser import WEEKS, best_by_evolution, within
from mixmodel_app.domain.budget import MOVABLE, BudgetRequest
from mixmodel_app.domain.curves import Array, ResponseDraws, carry_over, saturate
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import SimulatedDataset
from mixmodel_app.engine.worlds import world
from mixmodel_app.planning.evaluate import EXTRAPOLATION
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.planning.response import PlanResponse

WORLD_KINDS = ("matched", "hill", "delayed", "trend_season")
THINNED = 8  # of 4 × 1,000 draws, every eighth: 500 for the rival's optimiser, as many as ours has
PLANS = ("MixModel", "PyMC-Marketing", "by ROAS", "by effect", "current")


@dataclass(frozen=True, slots=True)
class Truth:
    """What the channels of a world really do over the next weeks, one response of a single draw for each."""

    responses: list[PlanResponse]

    @classmethod
    def of(cls, dataset: SimulatedDataset) -> "Truth":
        spend = dataset.frame[list(dataset.mapping.media_columns)].to_numpy(float)
        parts = dataset.truth["channels"].values()
        return cls([_response(part, spend[:, [channel]]) for channel, part in enumerate(parts)])

    def revenue(self, plans: Array) -> Array:
        """The true revenue of P plans (C, P) by channel, (P, C)."""
        found = [[one.contribution(money[None])[0, 0] for money in plans[c]] for c, one in enumerate(self.responses)]
        return np.array(found).T

    def total(self, money: Array) -> float:
        return float(self.revenue(money[:, None]).sum())


def _response(true: dict[str, Any], spend: Array) -> PlanResponse:
    names = {"logistic": ("lam",), "hill": ("slope", "kappa")}[true["curve"]]
    params = {name: np.array([[true[name]]]) for name in names}
    scale, weights = float(spend.max()), np.asarray(true["weights"])[None]
    flat = {name: np.array(value[0, 0]) for name, value in params.items()}
    reached = saturate(true["curve"], flat, carry_over(spend[:, 0] / scale, weights)[0]).sum()
    draws = ResponseDraws(
        channels=("channel",),
        saturation=true["curve"],
        weights=weights[None],
        params=params,
        beta=np.array([[true["contribution"] / reached]]),
        media_scale=np.array([scale]),
        target_scale=1.0,
        unit_cost=np.ones(1),
        spend=spend,
    )
    return PlanResponse.over(draws, WEEKS)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and most money of each channel over the horizon, (C,), and the money of the whole plan."""

    name: str
    low: Array
    high: Array
    budget: float


def bounds_of(spend: Array) -> list[Bounds]:
    """The two kinds of bounds for weekly spend (T, C)."""
    current = spend[-WEEKS:].sum(axis=0)
    budget = float(current.sum())
    ceiling = np.maximum(EXTRAPOLATION * spend.max(axis=0) * WEEKS, current)
    least, most = MOVABLE
    near = Bounds("near", least * current, most * current, budget)
    return [near, Bounds("wide", np.zeros(len(current)), np.minimum(ceiling, budget), budget)]


type Planner = Callable[[Bounds], Array]


def our_planner(dataset: SimulatedDataset) -> tuple[Planner, Array]:
    """Our fit as a maker of plans, and its median ROAS by channel (C,)."""
    engine = create_engine(RunConfig.from_json({"mode": "full", "random_seed": 1}))
    engine.fit(engine.prepare_data(dataset.frame, dataset.mapping))
    outcome = engine.extract_results()

    def plan(bounds: Bounds) -> Array:
        low, high = (
            dict(zip(outcome.draws.channels, side.tolist(), strict=True)) for side in (bounds.low, bounds.high)
        )
        request = BudgetRequest(bounds.budget, low, high, weeks=WEEKS)
        found = optimise(outcome.draws, request, Frequency.WEEKLY).optimized_allocation
        return np.array([found[name] for name in dataset.mapping.channel_names])

    medians = {channel.name: channel.roas.median for channel in outcome.results.channels if channel.roas}
    return plan, np.array([medians.get(name, 0.0) for name in dataset.mapping.channel_names])


def rival_planner(dataset: SimulatedDataset) -> Planner:
    """PyMC-Marketing's own fit and optimiser; its money is per period, and the spread over the periods even."""
    mmm = rival_model(dataset)
    mmm.idata["posterior"] = mmm.idata["posterior"].isel(draw=slice(None, None, THINNED))
    media = list(dataset.mapping.media_columns)
    first = pd.Timestamp(dataset.frame[dataset.mapping.date_column].iloc[-1]) + pd.Timedelta(weeks=1)
    with redirect_stdout(io.StringIO()):
        solver = mmm.budget_optimizer(first, first + pd.Timedelta(weeks=WEEKS - 1))

    def plan(bounds: Bounds) -> Array:
        sides = zip(bounds.low / WEEKS, bounds.high / WEEKS, strict=True)
        limits = dict(zip(media, ((float(low), float(high)) for low, high in sides), strict=True))
        found = solver.allocate_budget(total_budget=bounds.budget / WEEKS, budget_bounds=limits, return_if_fail=True)
        if not found.scipy_result.success:
            print(f"  PyMC-Marketing: {found.scipy_result.message}; its last point counts", flush=True)
        money = found.budgets.sel(channel=media).to_numpy() * WEEKS
        return within(np.maximum(money, 1e-9)[:, None], bounds.low, bounds.high, bounds.budget)[:, 0]

    return plan


def measure(kind: str, seed: int, *, rival: bool) -> list[dict[str, Any]]:
    """The rows of one world: regret and gain of each plan under each kind of bounds."""
    dataset = world(kind, seed)
    spend = dataset.frame[list(dataset.mapping.media_columns)].to_numpy(float)
    current, truth = spend[-WEEKS:].sum(axis=0), Truth.of(dataset)
    began = time.perf_counter()
    ours, roas = our_planner(dataset)
    our_seconds, began = time.perf_counter() - began, time.perf_counter()
    planners: dict[str, Planner] = {
        "MixModel": ours,
        "by ROAS": lambda bounds: _by_weights(roas, bounds),
        "by effect": lambda bounds: _by_weights(roas * current, bounds),
        "current": lambda _: current,
    }
    if rival:
        planners["PyMC-Marketing"] = rival_planner(dataset)
    print(f"{kind} {seed}: {len(current)} channels, ours {our_seconds:.0f} s", end="", flush=True)
    print(f", rival {time.perf_counter() - began:.0f} s" if rival else "", flush=True)
    rows = list[dict[str, Any]]()
    for bounds in bounds_of(spend):
        best = truth.total(best_by_evolution(truth.revenue, bounds.low, bounds.high, bounds.budget))
        now = truth.total(current)
        for name, plan in planners.items():
            brings = truth.total(plan(bounds))
            regret, gained = 100 * (best - brings) / best, 100 * (brings - now) / (best - now)
            rows.append({"bounds": bounds.name, "plan": name, "kind": kind, "regret": regret, "gained": gained})
    return rows


def _by_weights(weights: Array, bounds: Bounds) -> Array:
    return within(np.maximum(weights, 1e-9)[:, None], bounds.low, bounds.high, bounds.budget)[:, 0]


def regrets(seeds: Iterable[int], *, rival: bool) -> None:
    """Fit and plan every world of four kinds, and print the table."""
    warnings.simplefilter("ignore")
    load(RunConfig.from_json({}), rival=rival)
    print("\nSimulated worlds")
    rows = [row for kind in WORLD_KINDS for seed in seeds for row in measure(kind, seed, rival=rival)]
    table = pd.DataFrame(rows)
    worlds = len(table) // len(table[["bounds", "plan"]].drop_duplicates())
    print(f"\n{worlds} worlds, {WEEKS} weeks; regret in % of the oracle's true revenue, gained in % of what could be")
    print(f"{'bounds':<8}{'plan':<16}{'regret':>8}{'worst':>8}{'gained':>8}{'worst':>8}{'better than current':>21}")
    for bounds in ("near", "wide"):
        for plan in PLANS:
            part = table[(table["bounds"] == bounds) & (table["plan"] == plan)]
            if len(part):
                print(_line(bounds, plan, part))
    if rival:
        for bounds in ("near", "wide"):
            print(_duel(table[table["bounds"] == bounds], bounds))


def _line(bounds: str, plan: str, part: pd.DataFrame) -> str:
    regret, gained = part["regret"], part["gained"]
    cells = f"{regret.median():>8.2f}{regret.max():>8.2f}{gained.median():>8.0f}{gained.min():>8.0f}"
    better = "" if plan == "current" else f"{(gained > 0).sum()} of {len(part)}"
    return f"{bounds:<8}{plan:<16}{cells}{better:>21}"


def _duel(part: pd.DataFrame, bounds: str) -> str:
    ours, theirs = (part[part["plan"] == plan]["regret"].to_numpy() for plan in PLANS[:2])
    return f"{bounds}: less regret than PyMC-Marketing in {(ours < theirs).sum()} of {len(ours)} worlds"
