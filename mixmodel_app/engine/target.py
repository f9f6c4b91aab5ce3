"""What a sampler is given: something that nutpie can draw from, and the readings of its raw values."""

from typing import Any, Protocol

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.posterior import Posterior


class Target(Protocol):
    """A model ready to be sampled. `compiled` is what nutpie takes; raw values are (chain, draw, …) by name."""

    compiled: Any
    channels: tuple[str, ...]

    def returns(self, values: dict[str, Array]) -> Array:
        """(chain, draw, C) return per 1 spent of each channel, nan where none is defined."""
        ...

    def posterior(self, values: dict[str, Array]) -> Posterior:
        """Every parameter of the model on its natural scale."""
        ...
