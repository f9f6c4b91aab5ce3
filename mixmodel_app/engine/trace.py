"""Reading what nutpie has drawn so far, at any moment, without copies through ArviZ: half a millisecond a look."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from mixmodel_app.domain.curves import Array

STATISTICS = ("diverging", "energy", "depth", "n_steps", "step_size", "mean_tree_accept", "logp")


@dataclass(frozen=True, slots=True)
class Trace:
    """Draws after tuning, as many of every chain: `values` and `statistics` are (chain, draw, …) by name."""

    values: dict[str, Array]
    statistics: dict[str, Array]

    @property
    def n_draws(self) -> int:
        return self.statistics["diverging"].shape[1]

    @property
    def n_chains(self) -> int:
        return self.statistics["diverging"].shape[0]

    def first(self, draws: int) -> "Trace":
        """The first `draws` of each chain."""
        return Trace(
            {name: values[:, :draws] for name, values in self.values.items()},
            {name: values[:, :draws] for name, values in self.statistics.items()},
        )


def read_trace(raw: Any) -> Trace:
    """From nutpie's raw results: record batches of Arrow, one pair a chain, tuning first.

    Chains differ in length while they are sampled; what all of them have is kept.
    """
    draws, statistics = raw.get_arrow_trace()
    tuning = [int(_rows(batch, "tuning", 0, batch.num_rows).sum()) for batch in statistics]
    length = max(min(batch.num_rows - tuned for batch, tuned in zip(statistics, tuning, strict=True)), 0)

    def stacked(batches: Any, name: str) -> Array:
        return np.stack([_rows(b, name, t, length) for b, t in zip(batches, tuning, strict=True)])

    return Trace(
        {name: stacked(draws, name) for name in draws[0].column_names},
        {name: stacked(statistics, name) for name in STATISTICS},
    )


def _rows(batch: Any, name: str, start: int, length: int) -> Array:
    """Rows of one column as (length, *shape of the variable)."""
    column = batch.column(name)
    shape = (column.field.metadata or {}).get(b"shape", b"").decode()
    sizes = tuple(int(size) for size in shape.split(",")) if shape else ()
    values = import_module("pyarrow").array(column)
    flat = values.flatten() if hasattr(values, "flatten") else values
    return flat.to_numpy(zero_copy_only=False).reshape(-1, *sizes)[start : start + length]
