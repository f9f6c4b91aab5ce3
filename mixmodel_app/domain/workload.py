"""What a fit will cost, before it starts: seconds on a worker and memory above the idle one.

Measured with `benchmarks/fit_speed.py` (part D) on two cores: a fit costs a second beside sampling, and each thousand
iterations of a chain a millisecond for each week and channel; memory grows with the draws of every week's effects.
A machine is faster or slower by its `pace`, which the workers learn from their last fits.
"""

from dataclasses import dataclass

from mixmodel_app.domain.run_config import RunConfig

FIXED_S = 1.0
PER_CELL_S = 1e-3
CHAINS_AT_ONCE = 2
FIXED_MB = 40
KEPT_PER_DRAW = 3
"""Series beside the channels of which every draw is kept for every week: baseline, drivers, outcome."""

QUICK_S = 15.0
"""A fit that should take no longer goes into the quick line."""


@dataclass(frozen=True, slots=True)
class Workload:
    """Seconds from claim to results, and megabytes above an idle worker."""

    seconds: float
    memory_mb: int

    @property
    def is_quick(self) -> bool:
        return self.seconds <= QUICK_S


def workload(config: RunConfig, periods: int, channels: int, pace: float = 1.0) -> Workload:
    """The cost of a fit of `periods` rows and `channels` channels.

    Args:
        pace: median of measured over expected seconds; 2 is a machine half as fast as the one of the table.
    """
    cells = periods * channels
    turns = max(1.0, config.n_chains / CHAINS_AT_ONCE)
    iterations = (config.tune_steps + config.n_samples) / 1000
    draws = config.n_chains * config.n_samples
    kept = draws * periods * (channels + KEPT_PER_DRAW) * 8 / 2**20
    return Workload(pace * (FIXED_S + PER_CELL_S * cells * iterations * turns), round(FIXED_MB + kept))
