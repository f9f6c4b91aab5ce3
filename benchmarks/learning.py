"""What the mark of a channel is worth: "Learned from the data" against "Mostly assumption", where the truth is known.

`python benchmarks/learning.py [--worlds 6] [--first-seed 3101] [--kinds matched,hill] [--config '{"l_max": 13}']` fits
simulated worlds (see `mixmodel_app/engine/worlds.py`) and prints a table by kind and by mark. The rule of the mark
(`mixmodel_app/engine/learning.py`) was chosen on the seeds 3001 to 3012; judge it by others.

* **error**: |median ÷ truth − 1| of ROAS, mean and median over channels.
* **distance**: |log median − log truth|, mean; beside it that of the reference, what the model says of the channel
  without its own data. Where nothing was learned the two are alike.
* **width**: of the 94 % range on the log scale; **inside**: share of the channels whose truth is within it.
* **contraction**, **sensitivity**: as in the results, means.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import json
import logging
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.results import ChannelResult, Learning
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.worlds import ACCURACY_KINDS, world

HEAD = ("kind", "mark", "channels", "error", "median", "distance", "reference", "width", "inside", "contr.", "sens.")


@dataclass(frozen=True, slots=True)
class Row:
    """One channel of one world: what is true, what was said, and what had been there before."""

    kind: str
    mark: str
    error: float
    distance: float
    reference: float
    width: float
    inside: bool
    contraction: float
    sensitivity: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6, help="of each kind")
    parser.add_argument("--first-seed", type=int, default=3101)
    parser.add_argument("--kinds", default=",".join(ACCURACY_KINDS))
    parser.add_argument("--config", default="{}", help="settings of the run, as JSON")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    settings = json.loads(options.config)
    kinds = options.kinds.split(",")
    seeds = range(options.first_seed, options.first_seed + options.worlds)
    rows = [row for kind in kinds for seed in seeds for row in channels_of(kind, seed, settings)]
    print_table(rows, kinds)


def channels_of(kind: str, seed: int, settings: dict[str, Any]) -> list[Row]:
    """Fit one world; nothing for a fit that failed, which is said."""
    dataset = world(kind, seed)
    engine = create_engine(RunConfig.from_json({"random_seed": seed, **settings}))
    data = engine.prepare_data(dataset.frame, dataset.mapping)
    try:
        engine.fit(data)
    except FitFailed as failure:
        print(f"{kind} {seed}: {failure}", file=sys.stderr)
        return []
    found = engine.extract_results().results.channels
    return [_row(kind, channel, dataset.truth["channels"][channel.name]["roas"]) for channel in found]


def _row(kind: str, channel: ChannelResult, truth: float) -> Row:
    roas, learning = channel.roas, channel.learning
    assert roas is not None
    assert isinstance(learning, Learning)
    return Row(
        kind=kind,
        mark=learning.learned_from.value,
        error=abs(roas.median / truth - 1),
        distance=abs(float(np.log(roas.median / truth))),
        reference=abs(float(np.log(learning.prior.median / truth))),
        width=float(np.log(roas.hi / roas.lo)),
        inside=roas.lo <= truth <= roas.hi,
        contraction=learning.contraction,
        sensitivity=learning.sensitivity,
    )


def print_table(rows: list[Row], kinds: list[str]) -> None:
    print(f"{HEAD[0]:<16} {HEAD[1]:<10} " + " ".join(f"{name:>9}" for name in HEAD[2:]))
    for kind in [*kinds, "all"]:
        for mark in ("data", "assumption"):
            chosen = [row for row in rows if kind in (row.kind, "all") and row.mark == mark]
            if chosen:
                print(f"{kind:<16} {mark:<10} " + " ".join(f"{cell:>9}" for cell in _cells(chosen)))


def _cells(rows: list[Row]) -> list[str]:
    def mean(name: str) -> str:
        return f"{np.mean([getattr(row, name) for row in rows]):.2f}"

    middle = f"{np.median([row.error for row in rows]):.2f}"
    names = ("distance", "reference", "width", "inside", "contraction", "sensitivity")
    return [str(len(rows)), mean("error"), middle, *(mean(name) for name in names)]


if __name__ == "__main__":
    main()
