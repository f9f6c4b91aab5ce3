"""From a `ModelSpec` to the arrays of the density, and from sampled points back to named parameters."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from mixmodel_app.domain.curves import Array, carry_over, saturate
from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.engine.kernel import carryover, density, distributions, saturation
from mixmodel_app.engine.kernel.density import Problem
from mixmodel_app.engine.posterior import without_prefix
from mixmodel_app.engine.priors import HEIGHT, PriorSpec
from mixmodel_app.engine.spec import SATURATION_PARAMETERS, Drivers, HeightOf, ModelSpec
from mixmodel_app.engine.transforms import CARRYOVER_PARAMETERS, carryover_weights

_CARRYOVER = {
    Adstock.GEOMETRIC: carryover.GEOMETRIC,
    Adstock.DELAYED: carryover.DELAYED,
    Adstock.BINOMIAL: carryover.BINOMIAL,
    Adstock.WEIBULL: carryover.WEIBULL,
    Adstock.WEIBULL_CDF: carryover.WEIBULL_CDF,
}
_SATURATION = {
    Saturation.LOGISTIC: saturation.LOGISTIC,
    Saturation.HILL: saturation.HILL,
    Saturation.MICHAELIS_MENTEN: saturation.MICHAELIS_MENTEN,
    Saturation.TANH: saturation.TANH,
    Saturation.ROOT: saturation.ROOT,
}
_FAMILIES = {
    "Normal": (distributions.NORMAL, ("mu", "sigma")),
    "Laplace": (distributions.LAPLACE, ("mu", "b")),
    "StudentT": (distributions.STUDENT_T, ("nu", "mu", "sigma")),
    "HalfNormal": (distributions.HALF_NORMAL, ("sigma",)),
    "Gamma": (distributions.GAMMA, ("alpha", "beta")),
    "Beta": (distributions.BETA, ("alpha", "beta")),
    "LogNormal": (distributions.LOG_NORMAL, ("mu", "sigma")),
    "Exponential": (distributions.EXPONENTIAL, ("lam",)),
    "InverseGamma": (distributions.INVERSE_GAMMA, ("alpha", "beta")),
}
_UNIT, _REAL = {"Beta"}, {"Normal", "Laplace", "StudentT"}
_HEIGHT_PRIOR = {
    HeightOf.HEIGHT: density.ON_HEIGHT,
    HeightOf.RETURN: density.ON_RETURN,
    HeightOf.GAIN: density.ON_RETURN,
    HeightOf.POOLED: density.POOLED,
}
_NO_PRIOR = PriorSpec("Normal", {"mu": 0.0, "sigma": 1.0})


def why_not_covered(spec: ModelSpec) -> str | None:
    """Why the fast path cannot take a model, or None: what is integrated out has to have a Gaussian prior.

    An intercept of another prior could be sampled like a control, but not well: it trades off with every channel.
    """
    intercept = spec.drivers[0].priors[0]
    return None if intercept.dist == "Normal" else f"an intercept with a {intercept.dist} prior is not integrated out"


@dataclass(frozen=True)
class Marginal:
    """The drivers that are integrated out: D V^½ = U Σ Wᵀ.

    Attributes:
        names: (P) block and position of each column of D.
        mean, deviation: (P,) of the priors.
        basis: (P, T) Uᵀ; strength: (P,) Σ²; rotation: (P, P) W.
    """

    names: tuple[tuple[str, int], ...]
    mean: Array
    deviation: Array
    basis: Array
    strength: Array
    rotation: Array

    def draw(self, residual: Array, sigma: Array, rng: np.random.Generator) -> Array:
        """Coefficients (S, P) given what the rest of the model leaves, (S, T), and the noise (S,).

        With z = Wᵀ V^-½ (γ − γ₀): z | r, σ ~ N(Σ Uᵀ r / (Σ² + σ²), σ² / (Σ² + σ²)), all components independent.
        """
        total = self.strength + sigma[:, None] ** 2
        mean = np.sqrt(self.strength) * (residual @ self.basis.T) / total
        z = mean + sigma[:, None] / np.sqrt(total) * rng.standard_normal(mean.shape)
        return self.mean + self.deviation * (z @ self.rotation.T)


class KernelModel:
    """A model ready for the sampler, and the reading of its points.

    Attributes:
        problem: the arrays of the density; dimension: the number of sampled parameters.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.marginal = _marginal(spec)
        self.explicit = [
            (drivers, index)
            for drivers in spec.drivers
            for index in range(len(drivers.priors))
            if not _gaussian(drivers, index)
        ]
        self.problem = self._problem()
        self.dimension = len(self.problem.families)

    @property
    def n_channels(self) -> int:
        return len(self.spec.data.channels)

    def _problem(self) -> Problem:
        spec, data = self.spec, self.spec.data
        priors = self._sampled_priors()
        rows = [_prior_row(prior) for prior in priors]
        target = data.target / data.target_scale
        prior_mean = _columns(spec, self.marginal.names) @ self.marginal.mean
        experiments = spec.experiments
        return Problem(
            carryover=_CARRYOVER[spec.config.adstock_type],
            saturation=_SATURATION[spec.config.saturation_type],
            n_lags=spec.config.l_max,
            n_carryover=len(CARRYOVER_PARAMETERS[spec.config.adstock_type]),
            n_saturation=len(SATURATION_PARAMETERS[spec.config.saturation_type]),
            target=target - prior_mean,
            media=np.ascontiguousarray(data.scaled_media.T),
            used=data.used,
            basis=self.marginal.basis,
            strength=self.marginal.strength,
            drivers=_rows([each.signs[i] * each.block.columns[:, i] for each, i in self.explicit], data.n_periods),
            families=np.array([row[0] for row in rows], dtype=np.int64),
            transforms=np.array([_transform(prior) for prior in priors], dtype=np.int64),
            hyper=np.array([row[1:] for row in rows]),
            height_prior=np.array([_HEIGHT_PRIOR[height.of] for height in spec.heights], dtype=np.int64),
            log_return_per_gain=spec.log_return_per_gain,
            pool=_pool(spec),
            lift_channel=np.array([test.channel for test in experiments], dtype=np.int64),
            lift_media=_rows([test.without / data.media_scale[test.channel] for test in experiments], data.n_periods),
            lift_window=np.array([(test.first, test.last) for test in experiments], dtype=np.int64).reshape(-1, 2),
            lift_result=np.array([(test.effect, test.error) for test in experiments], dtype=float).reshape(-1, 2),
            constant=np.array([self._constant(priors)]),
        )

    def _sampled_priors(self) -> list[PriorSpec]:
        """In the order of the sampled parameters."""
        spec = self.spec
        shapes = [prior for by_channel in spec.shapes.values() for prior in by_channel]
        heights = [height.prior or _NO_PRIOR for height in spec.heights]
        explicit = [drivers.priors[index] for drivers, index in self.explicit]
        return [*shapes, *heights, *explicit, spec.sigma]

    def _constant(self, priors: list[PriorSpec]) -> float:
        pooled = len(self.spec.pooled)
        first = len(self.spec.shapes) * self.n_channels
        own = [prior for i, prior in enumerate(priors) if i - first not in set(self.spec.pooled)]
        constant = sum(distributions.log_constant(*_prior_row(prior)) for prior in own)
        if pooled:
            volume = np.linalg.slogdet(self.spec.pool.covariance(pooled)).logabsdet
            constant -= 0.5 * (pooled * np.log(2 * np.pi) + volume)
        errors = np.array([test.error for test in self.spec.experiments])
        return float(constant - np.log(errors).sum() - 0.5 * len(errors) * np.log(2 * np.pi))

    def start(self, seed: int) -> Array:
        """A point (dim,) to start a chain from: ordinary curves, a fifth of the target from media, some jitter."""
        rng = np.random.default_rng(seed)
        point = rng.uniform(-0.5, 0.5, self.dimension)
        first = len(self.spec.shapes) * self.n_channels
        target = np.abs(self.spec.data.target).mean() / self.spec.data.target_scale
        point[first : first + self.n_channels] += np.log(0.2 * target / self.n_channels)
        point[-1] += np.log(0.3 * max(float(np.std(self.spec.data.target)) / self.spec.data.target_scale, 1e-6))
        return point

    def parameters(self, points: Array, seed: int) -> dict[str, Array]:
        """Named parameters (chain, draw, …) on their natural scale, from sampled points (chain, draw, dim).

        The integrated drivers are drawn from their exact distribution given the rest; `seed` fixes these draws.
        """
        chains, draws, _ = points.shape
        flat = points.reshape(chains * draws, -1)
        size = self.n_channels
        found: dict[str, Array] = {}
        for number, (name, priors) in enumerate(self.spec.shapes.items()):
            found[name] = _natural(flat[:, number * size : (number + 1) * size], priors[0])
        first = len(self.spec.shapes) * size
        found[HEIGHT], media = self._heights(found, np.exp(flat[:, first : first + size]))
        found["sigma"] = np.exp(flat[:, -1])
        found |= self._coefficients(flat[:, first + size : -1], media, found["sigma"], np.random.default_rng(seed))
        return {name: values.reshape(chains, draws, *values.shape[1:]) for name, values in found.items()}

    def _heights(self, shapes: dict[str, Array], gains: Array) -> tuple[Array, Array]:
        """Heights (S, C) from gains (S, C), and the effect of all media (S, T) on the scaled target."""
        data, config = self.spec.data, self.spec.config
        heights = gains.copy()
        media = np.zeros((len(gains), data.n_periods))
        for channel in np.flatnonzero(data.used):
            own = {name: values[:, channel] for name, values in shapes.items()}
            weights = carryover_weights(config.adstock_type, without_prefix(own, "adstock_"), config.l_max)
            params = {name: values[:, None] for name, values in without_prefix(own, "saturation_").items()}
            response = saturate(
                config.saturation_type.value, params, carry_over(data.scaled_media[:, channel], weights)
            )
            heights[:, channel] = gains[:, channel] / response.mean(axis=1)
            media += heights[:, channel, None] * response
        return heights, media

    def _coefficients(self, explicit: Array, media: Array, sigma: Array, rng: np.random.Generator) -> dict[str, Array]:
        """Coefficients (S, K) of every block, or (S,) of a block without labels."""
        effects = np.column_stack(
            [
                drivers.signs[index] * _natural(explicit[:, number], drivers.priors[index])
                for number, (drivers, index) in enumerate(self.explicit)
            ]
            or [np.empty((len(sigma), 0))]
        )
        signless = np.array([drivers.signs[index] for drivers, index in self.explicit])
        residual = self.problem.target - media - (effects * signless) @ self.problem.drivers
        integrated = self.marginal.draw(residual, sigma, rng)
        found = {d.block.name: np.empty((len(sigma), len(d.priors))) for d in self.spec.drivers}
        for number, (drivers, index) in enumerate(self.explicit):
            found[drivers.block.name][:, index] = effects[:, number]
        for number, (name, index) in enumerate(self.marginal.names):
            found[name][:, index] = integrated[:, number]
        plain = {d.block.name for d in self.spec.drivers if not d.block.labels}
        return {name: values[:, 0] if name in plain else values for name, values in found.items()}


def _gaussian(drivers: Drivers, index: int) -> bool:
    return drivers.priors[index].dist == "Normal"


def _marginal(spec: ModelSpec) -> Marginal:
    names = tuple(
        (drivers.block.name, index)
        for drivers in spec.drivers
        for index in range(len(drivers.priors))
        if _gaussian(drivers, index)
    )
    priors = {(d.block.name, i): prior for d in spec.drivers for i, prior in enumerate(d.priors)}
    mean = np.array([priors[name].params["mu"] for name in names])
    deviation = np.array([priors[name].params["sigma"] for name in names])
    scaled = _columns(spec, names) * deviation
    strength, rotation = np.linalg.eigh(scaled.T @ scaled)
    kept = strength > strength.max(initial=0) * 1e-13
    strength = np.where(kept, strength, 0.0)
    basis = np.where(kept, scaled @ rotation / np.sqrt(np.where(kept, strength, 1.0)), 0.0).T
    return Marginal(names, mean, deviation, np.ascontiguousarray(basis), strength, rotation)


def _columns(spec: ModelSpec, names: tuple[tuple[str, int], ...]) -> Array:
    """(T, P) the driver of each name."""
    blocks = {drivers.block.name: drivers.block.columns for drivers in spec.drivers}
    columns = [blocks[block][:, index] for block, index in names]
    return np.column_stack(columns) if columns else np.empty((spec.data.n_periods, 0))


def _rows(rows: list[Array], length: int) -> Array:
    return np.ascontiguousarray(np.array(rows, dtype=float).reshape(len(rows), length))


def _prior_row(prior: PriorSpec) -> tuple[int, float, float, float]:
    family, names = _FAMILIES[prior.dist]
    params = _by_shape(prior)
    values = [params[name] for name in names] + [0.0] * (3 - len(names))
    return family, values[0], values[1], values[2]


def _by_shape(prior: PriorSpec) -> dict[str, float]:
    """Gamma and Beta by their shape parameters where they are given by mean and deviation."""
    params = dict(prior.params)
    if prior.dist not in ("Gamma", "Beta") or "mu" not in params:
        return params
    mu, sigma = params["mu"], params["sigma"]
    if prior.dist == "Gamma":
        return {"alpha": mu**2 / sigma**2, "beta": mu / sigma**2}
    size = mu * (1 - mu) / sigma**2 - 1
    return {"alpha": mu * size, "beta": (1 - mu) * size}


def _transform(prior: PriorSpec) -> int:
    if prior.dist in _UNIT:
        return density.LOGIT
    return density.IDENTITY if prior.dist in _REAL else density.LOG


def _natural(values: Array, prior: PriorSpec) -> Array:
    transform = _transform(prior)
    if transform == density.LOGIT:
        return expit(values)
    return values if transform == density.IDENTITY else np.exp(values)


def _pool(spec: ModelSpec) -> Array:
    """Mean, precision 1/τ² and shrinkage s² / (τ² + n s²): the inverse of τ² I + s² 11ᵀ is (I − shrinkage 11ᵀ) / τ²."""
    between, common = spec.pool.between**2, spec.pool.common**2
    return np.array([spec.pool.mean, 1 / between, common / (between + len(spec.pooled) * common)])
