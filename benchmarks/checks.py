"""How often each check is wrong on clean tables, and how often it finds a fault that was planted.

`python benchmarks/checks.py [--worlds 200] [--faults 50] [--first-seed 7001]` prints one line for each check:

* **false alarms**: share of the clean tables in which it speaks. Clean is a simulated market with bursts of media,
  trend, season and noise (`mixmodel_app/engine/worlds.py`), with its public holidays as a control, and without what
  MM206 and MM207 count (`benchmarks/check_tables.py`): 0 % for these two says only that they count right.
* **found**: share of the tables with one planted fault (`benchmarks/check_faults.py`) in which the check that names it
  speaks, of the right column where the fault is in one.
* **others**: further checks that speak of the same table, mean number.

Below stand the seconds of a report. Limits were chosen on seeds from 8001 on, so seeds below that judge them.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from benchmarks.check_faults import FAULTS
from benchmarks.check_tables import Case, clean
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.domain.findings import Finding
from mixmodel_app.ingest.report import all_checks, validate
from mixmodel_app.ingest.table import Table

KINDS = "matched,hill,delayed,trend_season"


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `tables` tables, those in which a check spoke, by code."""

    tables: int
    spoke: Counter[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200, help="clean tables of each kind")
    parser.add_argument("--faults", type=int, default=50, help="tables with each fault")
    parser.add_argument("--first-seed", type=int, default=7001)
    parser.add_argument("--kinds", default=KINDS)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.worlds)
    print_alarms({kind: tally([clean(kind, seed) for seed in seeds]) for kind in options.kinds.split(",")})
    print_faults(range(options.first_seed, options.first_seed + options.faults))
    print_speed()


def report(case: Case) -> tuple[Finding, ...]:
    return validate(Table.of(case.frame), case.mapping, case.previous).findings


def tally(cases: list[Case]) -> Tally:
    return Tally(len(cases), Counter(code for case in cases for code in {finding.code for finding in report(case)}))


def print_alarms(by_kind: dict[str, Tally]) -> None:
    print(f"{'false alarms':<36}" + "".join(f"{kind:>14}" for kind in by_kind) + f"{'all':>9}")
    tables = sum(tally.tables for tally in by_kind.values())
    for check in sorted(all_checks(), key=lambda check: check.code):
        spoke = [tally.spoke[check.code] for tally in by_kind.values()]
        cells = "".join(f"{100 * n / t.tables:>12.1f} %" for n, t in zip(spoke, by_kind.values(), strict=True))
        every = 100 * sum(spoke) / tables
        print(f"{check.code} {check.title:<30}{cells}{every:>7.1f} %{'' if every < 2 else '  <- 2 % or more'}")


def print_faults(seeds: range) -> None:
    print(f"\n{'planted fault':<44}{'check':>7}{'found':>9}{'others':>8}")
    for name, fault in FAULTS.items():
        found = others = 0
        for seed in seeds:
            case = fault.plant(seed)
            findings = report(case)
            found += any(f.code == fault.code and case.column in (None, f.column) for f in findings)
            others += len({f.code for f in findings} - {fault.code})
        print(f"{name:<44}{fault.code:>7}{100 * found / len(seeds):>7.0f} %{others / len(seeds):>8.1f}")


def print_speed() -> None:
    print(f"\n{'report on':<44}{'seconds':>9}")
    days = random_table(4_000, "2014-01-01", "1D")
    regions = pd.concat([days.assign(region=f"region {i}") for i in range(70)], ignore_index=True)
    for label, frame in (
        ("208 weeks × 20", random_table(208, "2020-01-06", "7D")),
        ("4,000 days × 20", days),
        (f"{len(regions):,} rows, days by region, × 20", regions),
    ):
        print(f"{label:<44}{seconds(frame):>9.2f}")


def random_table(rows: int, start: str, step: str) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.gamma(2.0, 500.0, (rows, 20)).round(2), columns=[f"m{i}" for i in range(20)])
    frame.insert(0, "sales", rng.normal(50_000, 4_000, rows).round(2))
    frame.insert(0, "date", pd.date_range(start, periods=rows, freq=step).strftime("%Y-%m-%d"))
    return frame


def seconds(frame: pd.DataFrame) -> float:
    """Of the second run: the first one loads modules."""
    media = {f"m{i}": MediaColumn(f"Channel {i}") for i in range(18)}
    table, mapping = Table.of(frame), ColumnMapping("date", "sales", media, ("m18", "m19"))
    validate(table, mapping)
    begun = time.perf_counter()
    validate(table, mapping)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
