"""What a sampler is given: something that nutpie can draw from, and the readings of its raw values."""

from typing import Any, Protocol

from mixmodel_app.domain.curves import Array


class Target(Protocol):
    """A model ready to be sampled. `compiled` is what nutpie takes; raw values are (chain, draw, …) by name."""

    compiled: Any
    channels: tuple[str, ...]

    def returns(self, values: dict[str, Array]) -> Array:
        """(chain, draw, C) return per 1 spent of each channel, nan where none is defined."""
        ...

    def parameters(self, values: dict[str, Array]) -> dict[str, Array]:
        """Every parameter of the model on its natural scale, (chain, draw, …) by name."""
        ...
