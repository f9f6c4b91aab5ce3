"""What the health checks find of planted faults, and what they find where there is none.

`python benchmarks/health.py [--worlds 40] [--first-seed 1] [--out rows.csv]` fits markets with a known mistake in their
settings or their data (`mixmodel_app.engine.worlds.faulty`) and reads the checks as a person would:

* **right**: share of the worlds in which the check that names the fault is not good, with the range that holds 94 %
  of what the counts allow (Jeffreys).
* **structural**: share in which season, trend, carryover or demand is not good; for `none` that is a false alarm.
* **any content**: the same for every check but those of the sampler (convergence, draws, divergences, energy).
* **do not use**: share whose verdict is "Do not use".
* **media ÷ truth**: what media were said to bring ÷ what they bring, median over the worlds, by the model and with
  the part that the right check says is missing.
* **seconds** from the table to the results, and **search**, the part of it that the four structural checks take.

Below stand the false alarms by check, and for demand what other limits of the odds would find. Thresholds were chosen
on seeds from 2001 on, so seeds below that judge them.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import sys
import time
import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import beta

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.results import HDI_PROB, HealthStatus, ModelResults
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.health import STRUCTURAL
from mixmodel_app.engine.health.search import search
from mixmodel_app.engine.health.structure import MATTERS
from mixmodel_app.engine.laplace import coverable, find_mode, point_of
from mixmodel_app.engine.sampled import SampledEngine
from mixmodel_app.engine.worlds import FAULTS, faulty

RIGHT = {
    "missing_season": "season",
    "missing_trend": "trend",
    "wrong_lag": "carryover",
    "omitted_demand": "demand",
    "none": "",
}
OF_THE_SAMPLER = {"convergence", "effective_draws", "divergences", "energy"}
DEMAND_LIMITS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
HEAD = ("fault", "worlds", "right", "structural", "any content", "do not use", "media ÷ truth", "seconds", "search")
WIDTHS = (16, 6, 20, 10, 11, 10, 18, 8, 8)


@dataclass(frozen=True, slots=True)
class Row:
    """One world: the codes of the checks that are not good, and what the search behind the right one said."""

    fault: str
    seed: int
    codes: str
    verdict: str
    demand_odds: float
    demand_moved: float
    media: float
    corrected: float
    seconds: float
    checks: float

    @property
    def found(self) -> set[str]:
        return set(self.codes.split())


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")
    type(create_engine(RunConfig())).warm_up()
    rows: list[Row] = []
    for seed in range(options.first_seed, options.first_seed + options.worlds):
        for fault in options.faults:
            rows.append(measure(fault, seed))
            print(f"{fault} {seed}: {rows[-1].codes or '–'}", flush=True)
    if options.out:
        pd.DataFrame([asdict(row) for row in rows]).to_csv(options.out, index=False)
    report(rows)


def measure(fault: str, seed: int) -> Row:
    dataset, settings = faulty(fault, seed)
    engine = create_engine(RunConfig.from_json({**settings, "random_seed": seed}))
    assert isinstance(engine, SampledEngine)
    began = time.perf_counter()
    engine.fit(engine.prepare_data(dataset.frame, dataset.mapping))
    results = engine.extract_results().results
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    base = find_mode(coverable(engine.posterior.spec), point_of(engine.posterior))
    verdicts = search(base) if base else {}
    checks = time.perf_counter() - began
    true = sum(channel["contribution"] for channel in dataset.truth["channels"].values())
    media = sum(channel.contribution.median for channel in results.channels) / true
    right, demand = verdicts.get(RIGHT[fault]), verdicts.get("demand")
    return Row(
        fault=fault,
        seed=seed,
        codes=" ".join(not_good(results)),
        verdict=results.verdict.value,
        demand_odds=demand.log_odds if demand else -np.inf,
        demand_moved=demand.shift.moved if demand else 0.0,
        media=media,
        corrected=media * right.shift.total if right else media,
        seconds=seconds,
        checks=checks,
    )


def not_good(results: ModelResults) -> list[str]:
    return [check.code for check in results.health if check.status is not HealthStatus.GOOD]


def report(rows: list[Row]) -> None:
    print("\n" + _line(HEAD))
    for fault in dict.fromkeys(row.fault for row in rows):
        print(_line(_cells(fault, [row for row in rows if row.fault == fault])))
    healthy = [row for row in rows if row.fault == "none"]
    if healthy:
        alarms = Counter(code for row in healthy for code in row.found)
        print(f"\nNot good in {len(healthy)} worlds without a fault: {dict(alarms.most_common()) or 'nothing'}")
    _report_demand(healthy, [row for row in rows if row.fault == "omitted_demand"])


def _report_demand(healthy: list[Row], following: list[Row]) -> None:
    if not healthy or not following:
        return
    print("\nDemand found, and false alarms, by the log odds from which it counts:")
    for limit in DEMAND_LIMITS:
        found, false = (_share([_suspected(row, limit) for row in part]) for part in (following, healthy))
        print(f"{limit:>6.0f}  {found:>5.0%}  {false:>5.0%}")


def _suspected(row: Row, limit: float) -> bool:
    return row.demand_odds > limit and row.demand_moved >= MATTERS["demand"]


def _cells(fault: str, rows: list[Row]) -> tuple[str, ...]:
    right = [RIGHT[fault] in row.found for row in rows]
    media, corrected = np.median([row.media for row in rows]), np.median([row.corrected for row in rows])
    return (
        fault,
        str(len(rows)),
        _with_range(right) if RIGHT[fault] else "–",
        f"{_share([bool(row.found & STRUCTURAL) for row in rows]):.0%}",
        f"{_share([bool(row.found - OF_THE_SAMPLER) for row in rows]):.0%}",
        f"{_share([row.verdict == HealthStatus.DO_NOT_USE.value for row in rows]):.0%}",
        f"{media:.2f} → {corrected:.2f}" if RIGHT[fault] else f"{media:.2f}",
        f"{np.median([row.seconds for row in rows]):.1f}",
        f"{np.median([row.checks for row in rows]):.2f}",
    )


def _with_range(found: list[bool]) -> str:
    hits, misses = sum(found), len(found) - sum(found)
    lo, hi = beta.ppf([(1 - HDI_PROB) / 2, (1 + HDI_PROB) / 2], hits + 0.5, misses + 0.5)
    return f"{_share(found):.0%} ({lo:.0%} – {hi:.0%})"


def _share(values: list[bool]) -> float:
    return float(np.mean(values))


def _line(cells: tuple[str, ...]) -> str:
    first, *rest = cells
    return "  ".join([f"{first:<{WIDTHS[0]}}", *(f"{c:>{w}}" for c, w in zip(rest, WIDTHS[1:], strict=True))])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=40, help="how many of each fault")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--out", type=Path, help="a CSV file for the rows, one per world")
    return parser.parse_args()


if __name__ == "__main__":
    main()
