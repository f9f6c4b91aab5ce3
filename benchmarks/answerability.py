"""What the verdict before a fit is worth: compared with what the fit then learned.

`python benchmarks/answerability.py [--worlds 2] [--first-seed 7101] [--kinds matched,short_noisy,collinear]` fits
simulated worlds and prints by verdict:

* **learned**: share of the channels that the engine marks "Learned from the data".
* **width**: of the 94 % range of the return on the log scale, median.
* **error**: |median ÷ truth − 1| of the return, median.
* **strength**: the measure of `mixmodel_app/ingest/answerability.py`, from the least to the greatest.

Below stands the rank correlation between strength and width over all channels; −1 is what a perfect measure would have.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import logging
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from benchmarks.learning import channels_of
from mixmodel_app.domain.answerability import ChannelAnswer, Verdict
from mixmodel_app.engine.worlds import world
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.table import Table

KINDS = "matched,short_noisy,collinear"


@dataclass(frozen=True, slots=True)
class Compared:
    """One channel: what was said of it, and what its fit found."""

    said: ChannelAnswer
    learned: bool
    width: float
    error: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=2, help="of each kind")
    parser.add_argument("--first-seed", type=int, default=7101)
    parser.add_argument("--kinds", default=KINDS)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    seeds = range(options.first_seed, options.first_seed + options.worlds)
    compared = [row for kind in options.kinds.split(",") for seed in seeds for row in compare(kind, seed)]
    print_table(compared)


def compare(kind: str, seed: int) -> list[Compared]:
    """Every channel of one world, said and fitted; none when the fit failed."""
    market = world(kind, seed)
    said = answerability(Table.of(market.frame), market.mapping)
    assert said is not None
    rows = channels_of(kind, seed, {})
    return [
        Compared(channel, row.mark == "data", row.width, row.error)
        for channel, row in zip(said.channels, rows, strict=False)
    ]


def print_table(compared: list[Compared]) -> None:
    print(f"{'verdict':<28}{'channels':>9}{'learned':>9}{'width':>8}{'error':>8}{'strength':>16}")
    for verdict in Verdict:
        chosen = [row for row in compared if row.said.verdict is verdict]
        if chosen:
            strength = [row.said.strength for row in chosen]
            print(
                f"{verdict.value:<28}{len(chosen):>9}{100 * np.mean([row.learned for row in chosen]):>7.0f} %"
                f"{np.median([row.width for row in chosen]):>8.2f}{np.median([row.error for row in chosen]):>8.2f}"
                f"{min(strength):>9.1f}–{max(strength):.1f}"
            )
    rank = spearmanr([row.said.strength for row in compared], [row.width for row in compared]).statistic
    print(f"rank correlation of strength and width: {rank:.2f} over {len(compared)} channels")


if __name__ == "__main__":
    main()
