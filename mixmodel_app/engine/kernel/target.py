"""The fast path as a sampling target."""

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.kernel.compiled import POINT, compile_kernel
from mixmodel_app.engine.kernel.problem import KernelModel
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.spec import HeightOf, ModelSpec


class KernelTarget:
    """Nothing is compiled here: the density was, once per machine."""

    def __init__(self, spec: ModelSpec) -> None:
        self.kernel = KernelModel(spec)
        self.compiled = compile_kernel(self.kernel)
        self.channels = spec.data.channels

    def returns(self, values: dict[str, Array]) -> Array:
        """The log gain is sampled itself, so a return costs no more than an exponential."""
        spec, size = self.kernel.spec, self.kernel.n_channels
        first = len(spec.shapes) * size
        known = spec.data.spend.any(axis=0) & np.array([height.of is not HeightOf.GAIN for height in spec.heights])
        found = np.exp(values[POINT][:, :, first : first + size] + spec.log_return_per_gain)
        return np.where(known, found, np.nan)

    def posterior(self, values: dict[str, Array]) -> Posterior:
        spec = self.kernel.spec
        return Posterior(self.kernel.parameters(values[POINT], spec.config.random_seed), spec)
