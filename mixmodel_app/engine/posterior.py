"""A sampled posterior as named arrays, and its two readings: joint draws, and parameters with their chains apart."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.diagnostics import Mixing, mixing
from mixmodel_app.engine.priors import CHANNEL_PARAMETERS, HEIGHT
from mixmodel_app.engine.spec import ModelSpec
from mixmodel_app.engine.transforms import carryover_weights
from mixmodel_app.engine.types import ModelDraws, ParameterDraws

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Posterior:
    """Draws by parameter name as in `engine.priors`: (chain, draw), then channel or the entries of a driver block."""

    values: dict[str, Array]
    spec: ModelSpec

    @property
    def is_finite(self) -> bool:
        return all(np.isfinite(values).all() for values in self.values.values())

    @property
    def is_moving(self) -> bool:
        """Whether any chain left its starting point."""
        return any(np.ptp(values, axis=1).any() for values in self.values.values())

    def model_draws(self) -> ModelDraws:
        """All chains end to end."""
        flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in self.values.items()}
        config = self.spec.config
        return ModelDraws(
            coefficients={
                drivers.block.name: flat[drivers.block.name].reshape(len(flat["sigma"]), -1)
                for drivers in self.spec.drivers
            },
            sigma=flat["sigma"],
            weights=carryover_weights(config.adstock_type, without_prefix(flat, "adstock_"), config.l_max),
            saturation=config.saturation_type.value,
            params={name: values for name, values in without_prefix(flat, "saturation_").items() if name != "beta"},
            beta=flat[HEIGHT],
        )

    @cached_property
    def parameters(self) -> list[ParameterDraws]:
        """Every scalar parameter; a vector's entries are named like `adstock_alpha[TV]`."""
        return [entry for name in self.values for entry in self._entries(name)]

    @cached_property
    def mixing(self) -> list[Mixing]:
        """Of each of `parameters`."""
        return [mixing(each.values) for each in self.parameters]

    def _entries(self, name: str) -> list[ParameterDraws]:
        values = self.values[name]
        if values.ndim == 2:
            return [ParameterDraws(name, None, values)]
        owned = name.startswith(CHANNEL_PARAMETERS)
        return [
            ParameterDraws(f"{name}[{label}]", label if owned else None, values[:, :, index])
            for index, label in enumerate(self._labels(name))
        ]

    def _labels(self, name: str) -> tuple[str, ...]:
        if name.startswith(CHANNEL_PARAMETERS):
            return self.spec.data.channels
        return next(drivers.block.labels for drivers in self.spec.drivers if drivers.block.name == name)

    def to_dataset(self) -> "xr.Dataset":
        """As an xarray Dataset with the dimensions chain, draw and channel, control, fourier_mode or another entry."""
        import xarray as xr

        variables = {}
        coords: dict[str, list[str]] = {}
        for name, values in self.values.items():
            dims = ("chain", "draw")
            if values.ndim == 3:
                extra = _dimension(name)
                coords[extra] = list(self._labels(name))
                dims = (*dims, extra)
            variables[name] = (dims, values)
        return xr.Dataset(variables, coords=coords)


def without_prefix(values: dict[str, Array], prefix: str) -> dict[str, Array]:
    """The entries whose names start with `prefix`, without it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


_DIMENSIONS = {"gamma_control": "control", "gamma_fourier": "fourier_mode", "gamma_event": "event"}


def _dimension(name: str) -> str:
    if name.startswith(CHANNEL_PARAMETERS):
        return "channel"
    return _DIMENSIONS.get(name, f"{name.removeprefix('gamma_')}_entry")
