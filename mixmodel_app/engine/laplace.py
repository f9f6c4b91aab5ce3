"""A model's mode with its curvature: evidence and draws of a model that is not sampled, in some ten milliseconds.

Around the mode θ* of the sampled parameters, whose density has everything linear and Gaussian integrated out
(`engine.kernel.density`), the posterior is nearly normal with the inverse curvature H⁻¹ as covariance, and so

    log p(y) ≈ log p(y, θ*) + d/2 · log 2π − ½ log |H|

(Tierney and Kadane 1986, "Accurate approximations for posterior moments and marginal densities"). The error is much the
same for two models that differ in one part, so that their difference, a log Bayes factor, is closer than either.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import logit

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.expected import media_effects, thinned
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.spec import Drivers, ModelSpec

_STEPS, _MEMORY = 300, 30
_STEP = 1e-4
_UPHILL = 1e9
_LEAST_CURVATURE = 0.05
_DRAWS = 400
_TINY = 1e-12
_FLAT = PriorSpec("Normal", {"mu": 0.0, "sigma": 10.0})


@dataclass(frozen=True)
class Mode:
    """The mode of a model: `point` (dim,) unconstrained, its log density and the negative Hessian (dim, dim) there."""

    spec: ModelSpec
    kernel: Any
    point: Array
    log_density: float
    curvature: Array

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self.curvature)
        return np.maximum(values, _LEAST_CURVATURE), vectors

    @property
    def log_evidence(self) -> float:
        values, _ = self._spectrum
        return self.log_density + 0.5 * float(len(values) * np.log(2 * np.pi) - np.log(values).sum())

    @property
    def gains(self) -> Array:
        """(C,) mean effect per period on the scaled target, of a channel that is used."""
        first = len(self.spec.shapes) * len(self.spec.heights)
        return np.exp(self.point[first : first + len(self.spec.heights)])

    @property
    def sigma(self) -> float:
        return float(np.exp(self.point[-1]))

    def wanting(self, columns: Array) -> Array:
        """(K,) score of each further driver (T, K) at the mode, in its standard deviations, media held as they are.

        With the integrated drivers D V^½ = U Σ Wᵀ the residual has the precision (I − U k Uᵀ) / σ², k = Σ² / (Σ² + σ²).
        """
        data, variance = self.spec.data, self.sigma**2
        draws = Posterior(self.kernel.parameters(self.point[None, None], 0), self.spec).model_draws()
        residual = self.kernel.problem.target - media_effects(draws, data).sum(axis=(0, 1))
        basis, kept = self.kernel.marginal.basis, self.kernel.marginal.strength
        kept = kept / (kept + variance)
        left = columns - basis.T @ (kept[:, None] * (basis @ columns))
        spread = np.sqrt(np.maximum((left * columns).sum(axis=0), _TINY))
        return np.abs(left.T @ residual) / (spread * self.sigma)

    def parameters(self, seed: int) -> dict[str, Array]:
        """400 approximate draws by name, as of one chain."""
        values, vectors = self._spectrum
        normal = np.random.default_rng(seed).standard_normal((_DRAWS, len(values)))
        return self.kernel.parameters((self.point + normal / np.sqrt(values) @ vectors.T)[None], seed)


def coverable(spec: ModelSpec) -> ModelSpec:
    """The same model, with a flat normal intercept where its own cannot be integrated out."""
    first = spec.drivers[0]
    if first.priors[0].dist == "Normal":
        return spec
    return replace(spec, drivers=(Drivers(first.block, (_FLAT,), (1.0,)), *spec.drivers[1:]))


def find_mode(spec: ModelSpec, start: Array | None = None) -> Mode | None:
    """The mode that is uphill from `start` (dim,), or from an ordinary point; None where the numbers give out."""
    from scipy.optimize import minimize

    kernel = import_module("mixmodel_app.engine.kernel.problem").KernelModel(spec)
    density = import_module("mixmodel_app.engine.kernel.density").log_posterior
    slope = np.empty(kernel.dimension)

    def downhill(point: Array) -> tuple[float, Array]:
        value = density(point, slope, kernel.problem)
        if abs(value) < _UPHILL and np.isfinite(slope).all():
            return -value, -slope
        return _UPHILL, np.zeros_like(slope)  # a step too far: the search shortens it

    first = kernel.start(0) if start is None else start
    options = {"maxiter": _STEPS, "maxcor": _MEMORY}
    found = minimize(downhill, first, jac=True, method="L-BFGS-B", options=options)
    curvature = _curvature(lambda point: downhill(point)[1], found.x)
    if found.fun >= _UPHILL or not np.isfinite(curvature).all():
        return None
    return Mode(spec, kernel, found.x, -float(found.fun), curvature)


def _curvature(gradient: Any, point: Array) -> Array:
    """(dim, dim) from central differences of the gradient."""
    steps = _STEP * np.eye(len(point))
    rows = np.array([gradient(point + step) - gradient(point - step) for step in steps]) / (2 * _STEP)
    return (rows + rows.T) / 2


def point_of(posterior: Posterior, most: int = 200) -> Array:
    """(dim,) where the mean of a posterior lies among the sampled parameters, to start a search from."""
    spec = coverable(posterior.spec)
    kernel = import_module("mixmodel_app.engine.kernel.problem").KernelModel(spec)
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in posterior.values.items()}
    draws = thinned(posterior.model_draws(), most)
    gains = media_effects(draws, spec.data).mean(axis=2).T
    gains = np.where(spec.data.used, gains, draws.beta)
    explicit = [flat[d.block.name].reshape(len(flat["sigma"]), -1)[:, i] * d.signs[i] for d, i in kernel.explicit]
    shapes = [flat[name][:, channel] for name in spec.shapes for channel in range(len(spec.heights))]
    natural = [*shapes, *gains.T, *explicit, flat["sigma"]]
    transforms = kernel.problem.transforms.copy()
    transforms[len(shapes) : len(shapes) + len(gains.T)] = import_module("mixmodel_app.engine.kernel.density").LOG
    return np.array([_unconstrained(v, int(kind)).mean() for v, kind in zip(natural, transforms, strict=True)])


def _unconstrained(values: Array, transform: int) -> Array:
    density = import_module("mixmodel_app.engine.kernel.density")
    if transform == density.LOGIT:
        return logit(np.clip(values, _TINY, 1 - 1e-9))
    return np.log(np.maximum(values, _TINY)) if transform == density.LOG else values
