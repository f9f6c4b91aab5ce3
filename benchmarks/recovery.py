"""Truth against estimate on the sample data, and where the time of a fit goes.

`python benchmarks/recovery.py [--mode quick|full] [--worlds 3]` prints a table for the shipped sample and one for each
further world. The sample's random numbers were chosen, as an example that shows the truth inside every range; how often
that happens is told by the further worlds, which share its settings and were not chosen.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.run import Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import CHANNELS, SimulatedDataset, sample, simulate
from mixmodel_app.engine.types import EngineResults, FitProgress

FIRST_WORLD = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", default="quick", choices=["quick", "full"])
    parser.add_argument("--worlds", type=int, default=3, help="how many worlds besides the sample")
    parser.add_argument("--adstock", default="geometric")
    parser.add_argument("--saturation", default="logistic")
    options = parser.parse_args()
    config = RunConfig.from_json(
        {
            "mode": options.mode,
            "adstock_type": options.adstock,
            "saturation_type": options.saturation,
            "random_seed": 1,
        }
    )
    run(sample(), config, "sample")
    worlds = range(FIRST_WORLD, FIRST_WORLD + options.worlds)
    inside = sum(run(simulate(seed=seed), config, f"world {seed}") for seed in worlds)
    print(f"\nTrue ROAS inside the 94 % range in the further worlds: {inside} of {len(CHANNELS) * options.worlds}")


def run(dataset: SimulatedDataset, config: RunConfig, title: str) -> int:
    """Fit one world and print it; the number of channels whose true ROAS is inside the range."""
    engine, clock = create_engine(config), Clock()
    data = engine.prepare_data(dataset.frame, dataset.mapping)
    engine.fit(data, clock)
    outcome = engine.extract_results()
    clock.stop()
    artifact = engine.serialize_model()
    print(f"\n{title}: {clock.summary()}, artifact {len(artifact) / 1000:.0f} KB")
    print_convergence(outcome)
    return print_channels(outcome, dataset.truth["channels"])


class Clock:
    """Seconds by stage, from the progress events."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float]] = []

    def __call__(self, progress: FitProgress) -> None:
        if not self.marks or self.marks[-1][0] != progress.stage.value:
            self.marks.append((progress.stage.value, time.monotonic()))

    def stop(self) -> None:
        self.marks.append((Stage.DONE.value, time.monotonic()))

    def summary(self) -> str:
        spans = zip(self.marks, self.marks[1:], strict=False)
        return ", ".join(f"{name} {end - start:.1f} s" for (name, start), (_, end) in spans)


def print_convergence(outcome: EngineResults) -> None:
    results = outcome.results
    worst = max(p.rhat for p in results.parameters)
    least = min(min(p.ess_bulk, p.ess_tail) for p in results.parameters)
    print(
        f"R-hat {worst:.4f}, fewest effective draws {least:.0f}, divergences {results.divergences}, "
        f"R² {results.fit.r2:.3f}, verdict {results.verdict.label}"
    )


def print_channels(outcome: EngineResults, truth: dict[str, dict[str, Any]]) -> int:
    inside = 0
    print(f"{'channel':<12} {'true ROAS':>9} {'median':>7} {'94 % range':>14} {'inside':>7}")
    for channel in outcome.results.channels:
        roas, true = channel.roas, truth[channel.name]["roas"]
        if roas is None:
            continue
        hit = roas.lo <= true <= roas.hi
        inside += hit
        span = f"{roas.lo:.2f} – {roas.hi:.2f}"
        print(f"{channel.name:<12} {true:>9.2f} {roas.median:>7.2f} {span:>14} {'yes' if hit else 'no':>7}")
    return inside


if __name__ == "__main__":
    main()
