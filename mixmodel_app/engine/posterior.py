"""A sampled posterior as named arrays, and its two readings: joint draws, and parameters with their chains apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.run import Adstock
from mixmodel_app.engine.transforms import geometric_weights, weibull_weights
from mixmodel_app.engine.types import ModelDraws, ParameterDraws, PreparedData

if TYPE_CHECKING:
    import xarray as xr

_BY_CHANNEL = ("adstock_", "saturation_")


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws by parameter name as in `engine.priors`: (chain, draw), then channel, control or Fourier term."""

    values: dict[str, Array]
    data: PreparedData

    @property
    def is_finite(self) -> bool:
        return all(np.isfinite(values).all() for values in self.values.values())

    @property
    def is_moving(self) -> bool:
        """Whether any chain left its starting point."""
        return any(np.ptp(values, axis=1).any() for values in self.values.values())

    def model_draws(self) -> ModelDraws:
        """All chains end to end, with what the model does not have as zeros."""
        flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in self.values.items()}
        n_draws = len(flat["sigma"])
        saturation = self.data.config.saturation_type
        shapes = ("lam",) if saturation == "logistic" else ("slope", "kappa")
        return ModelDraws(
            intercept=flat["intercept"],
            trend=flat.get("trend", np.zeros(n_draws)),
            sigma=flat["sigma"],
            controls=flat.get("gamma_control", np.zeros((n_draws, 0))),
            fourier=flat.get("gamma_fourier", np.zeros((n_draws, 0))),
            weights=self._weights(flat),
            saturation=saturation.value,
            params={shape: flat[f"saturation_{shape}"] for shape in shapes},
            beta=flat["saturation_beta"],
        )

    def _weights(self, flat: dict[str, Array]) -> Array:
        config = self.data.config
        if config.adstock_type is Adstock.GEOMETRIC:
            return geometric_weights(flat["adstock_alpha"], config.l_max)
        return weibull_weights(flat["adstock_lam"], flat["adstock_k"], config.l_max)

    def parameters(self) -> list[ParameterDraws]:
        """Every scalar parameter; a vector's entries are named like `adstock_alpha[TV]`."""
        return [entry for name in self.values for entry in self._entries(name)]

    def _entries(self, name: str) -> list[ParameterDraws]:
        values = self.values[name]
        if values.ndim == 2:
            return [ParameterDraws(name, None, values)]
        labels = self._labels(name)
        owned = name.startswith(_BY_CHANNEL)
        return [
            ParameterDraws(f"{name}[{label}]", label if owned else None, values[:, :, index])
            for index, label in enumerate(labels)
        ]

    def _labels(self, name: str) -> tuple[str, ...]:
        if name.startswith(_BY_CHANNEL):
            return self.data.channels
        if name == "gamma_control":
            return self.data.control_names
        orders = range(1, self.data.config.yearly_seasonality + 1)
        return tuple(f"{wave}_{order}" for wave in ("sin", "cos") for order in orders)

    def to_dataset(self) -> "xr.Dataset":
        """As an xarray Dataset with the dimensions chain, draw and channel, control or fourier_mode."""
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


def _dimension(name: str) -> str:
    if name.startswith(_BY_CHANNEL):
        return "channel"
    return "control" if name == "gamma_control" else "fourier_mode"
