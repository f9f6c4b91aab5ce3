"""The model as plain data: what is estimated, with which priors. Every way to compute it starts from here.

    target[t] / scale = Σ_k coefficient[k] · driver[t, k] + Σ_c β[c] · f(carryover(media[·, c])[t]) + ε[t],  ε ~ N(0, σ)

The drivers are intercept, trend, season, controls, events and holidays (`engine.drivers`).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.model_options import Adstock, LiftTest, PriorSet, Saturation, Sign
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.drivers import DriverBlock, driver_blocks
from mixmodel_app.engine.priors import HEIGHT, PriorSpec, resolve_priors
from mixmodel_app.engine.transforms import CARRYOVER_PARAMETERS
from mixmodel_app.engine.types import PreparedData

MEDIA_SHARE = 0.2
BETWEEN_CHANNELS, ABOUT_ALL_CHANNELS = 1.2, 1.0
SEASON_FADES = 0.5  # the power of the order by which the prior of a wave narrows
_SHORTEST_WEIBULL = 2
_TAIL = 1.6448536269514722  # standard deviations that one in twenty lies beyond

SATURATION_PARAMETERS: dict[Saturation, tuple[str, ...]] = {
    Saturation.LOGISTIC: ("lam",),
    Saturation.HILL: ("slope", "kappa"),
    Saturation.MICHAELIS_MENTEN: ("lam",),
    Saturation.TANH: ("gamma",),
    Saturation.ROOT: ("alpha",),
}


class HeightOf(StrEnum):
    """What the prior of a channel's height is stated on.

    HEIGHT: β itself. RETURN: contribution with carryover ÷ spend. POOLED: the log returns of such channels together.
    GAIN: mean contribution per period on the scaled target, where spend is not known or there never was any.
    """

    HEIGHT = "height"
    RETURN = "return"
    POOLED = "pooled"
    GAIN = "gain"


@dataclass(frozen=True, slots=True)
class HeightPrior:
    """`prior` is None for POOLED."""

    of: HeightOf
    prior: PriorSpec | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Log returns are normal around a common level that is itself normal: exchangeable channels.

    log r[c] = m + e[c] with m ~ N(mean, common) and e[c] ~ N(0, between), so that jointly log r ~ N(mean,
    between² I + common² 11ᵀ) (Gelman et al. 2013, §5.4).
    """

    mean: float
    between: float
    common: float

    def covariance(self, size: int) -> Array:
        """(size, size) of the log returns."""
        return self.between**2 * np.eye(size) + self.common**2


@dataclass(frozen=True, slots=True)
class Experiment:
    """A lift test in the terms of the model.

    Attributes:
        channel: its index; without: (T,) media as they would have been without the test.
        first, last: the periods over which the effect was measured, both included.
        effect, error: on the scaled target, summed over those periods.
    """

    channel: int
    without: Array
    first: int
    last: int
    effect: float
    error: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """A block of drivers with its priors, and a sign (+1 or −1) where a prior is on the size of a directed effect."""

    block: DriverBlock
    priors: tuple[PriorSpec, ...]
    signs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model of one data set.

    Attributes:
        shapes: priors by channel of every carryover and saturation parameter, `adstock_…` first.
        heights: by channel.
    """

    data: PreparedData
    drivers: tuple[Drivers, ...]
    shapes: dict[str, tuple[PriorSpec, ...]]
    heights: tuple[HeightPrior, ...]
    pool: Pool
    sigma: PriorSpec
    experiments: tuple[Experiment, ...]

    @property
    def config(self) -> RunConfig:
        return self.data.config

    @property
    def pooled(self) -> np.ndarray:
        """Indices of the channels whose returns are pooled."""
        return np.flatnonzero([height.of is HeightOf.POOLED for height in self.heights])

    @property
    def log_return_per_gain(self) -> Array:
        """(C,) log of ROAS ÷ gain: periods × target scale ÷ spend; 0 where the gain itself has the prior."""
        spend = self.data.spend.sum(axis=0)
        priced = (spend > 0) & np.array([height.of is not HeightOf.GAIN for height in self.heights])
        return np.where(
            priced, np.log(self.data.n_periods * self.data.target_scale / np.where(priced, spend, 1.0)), 0.0
        )


def model_spec(data: PreparedData) -> ModelSpec:
    """The model that `data.config` asks for.

    Raises:
        InvalidInput: for priors, signs, expectations or experiments that do not fit the data.
    """
    check_settings(data.config, data.mapping)
    priors = resolve_priors(data.config, data.channels)
    return ModelSpec(
        data=data,
        drivers=tuple(_drivers(block, priors[block.name], data.config) for block in driver_blocks(data)),
        shapes={name: _by_channel(name, priors, data.channels) for name in shape_names(data.config)},
        heights=_heights(data, priors),
        pool=Pool(_usual_log_return(data), BETWEEN_CHANNELS, ABOUT_ALL_CHANNELS),
        sigma=priors["sigma"],
        experiments=tuple(_experiment(test, number, data) for number, test in enumerate(data.config.lift_tests)),
    )


def check_settings(config: RunConfig, mapping: ColumnMapping) -> None:
    """Raise `InvalidInput` for settings that name what the mapping does not have, or that exclude each other."""
    channels, controls = mapping.channel_names, mapping.control_columns
    among = f"must be one of the channels {', '.join(channels)}"
    wrong = [FieldError(f"config.expected_returns.{n}", among) for n in config.expected_returns if n not in channels]
    wrong += [
        FieldError(f"config.control_signs.{name}", f"must be one of the controls {', '.join(controls) or '(none)'}")
        for name in config.control_signs
        if name not in controls
    ]
    wrong += [
        FieldError(f"config.lift_tests[{number}].channel", among)
        for number, test in enumerate(config.lift_tests)
        if test.channel not in channels
    ]
    weibull = config.adstock_type in (Adstock.WEIBULL, Adstock.WEIBULL_CDF)
    if weibull and config.l_max < _SHORTEST_WEIBULL:
        wrong.append(FieldError("config.l_max", f"must be at least {_SHORTEST_WEIBULL} for weibull"))
    if wrong:
        named = "; ".join(f"{error.field} {error.message}" for error in wrong)
        raise InvalidInput(f"The run configuration does not fit the data: {named}.", errors=tuple(wrong))


def shape_names(config: RunConfig) -> tuple[str, ...]:
    """Parameters of the shapes of a channel's curve, carryover first."""
    carryover = (f"adstock_{name}" for name in CARRYOVER_PARAMETERS[config.adstock_type])
    saturation = (f"saturation_{name}" for name in SATURATION_PARAMETERS[config.saturation_type])
    return (*carryover, *saturation)


def _by_channel(name: str, priors: dict[str, PriorSpec], channels: tuple[str, ...]) -> tuple[PriorSpec, ...]:
    return tuple(priors.get(f"{name}[{channel}]", priors[name]) for channel in channels)


def _drivers(block: DriverBlock, prior: PriorSpec, config: RunConfig) -> Drivers:
    size = block.columns.shape[1]
    if block.name == "gamma_fourier" and _fades(config):
        orders = [number % (size // 2) + 1 for number in range(size)]
        return Drivers(block, tuple(_narrower(prior, order**-SEASON_FADES) for order in orders), (1.0,) * size)
    if block.name != "gamma_control" or not config.control_signs:
        return Drivers(block, (prior,) * size, (1.0,) * size)
    signs = [config.control_signs.get(name, Sign.FREE) for name in block.labels]
    size_prior = PriorSpec("HalfNormal", {"sigma": prior.params.get("sigma", prior.params.get("b", 0.5))})
    return Drivers(
        block,
        tuple(prior if sign is Sign.FREE else size_prior for sign in signs),
        tuple(-1.0 if sign is Sign.NEGATIVE else 1.0 for sign in signs),
    )


def _fades(config: RunConfig) -> bool:
    """Whether short waves of the season are thought to be smaller than long ones: unless a prior says otherwise."""
    return config.prior_set is PriorSet.DEFAULT and "gamma_fourier" not in config.priors


def _narrower(prior: PriorSpec, factor: float) -> PriorSpec:
    return PriorSpec(prior.dist, {**prior.params, "sigma": prior.params["sigma"] * factor})


def _usual_log_return(data: PreparedData) -> float:
    """Log of the return at which all spend together brings the usual share of the target."""
    spend = float(data.spend.sum())
    return float(np.log(MEDIA_SHARE * np.abs(data.target).sum() / spend)) if spend else 0.0


def _heights(data: PreparedData, priors: dict[str, PriorSpec]) -> tuple[HeightPrior, ...]:
    return tuple(_height(index, data, priors) for index in range(len(data.channels)))


def _height(index: int, data: PreparedData, priors: dict[str, PriorSpec]) -> HeightPrior:
    name = data.channels[index]
    priced = bool(data.used[index]) and data.spend[:, index].sum() > 0
    expected = data.config.expected_returns.get(name)
    if expected is not None and priced:
        spread = np.log(expected.high / expected.low) / (2 * _TAIL)
        return HeightPrior(
            HeightOf.RETURN, PriorSpec("LogNormal", {"mu": float(np.log(expected.likely)), "sigma": float(spread)})
        )
    stated = priors.get(f"{HEIGHT}[{name}]", priors.get(HEIGHT))
    if stated is not None:
        return HeightPrior(HeightOf.HEIGHT, stated)
    if priced:
        return HeightPrior(HeightOf.POOLED)
    usual = MEDIA_SHARE / len(data.channels) * float(np.abs(data.target).mean()) / data.target_scale
    return HeightPrior(HeightOf.GAIN, PriorSpec("LogNormal", {"mu": float(np.log(usual)), "sigma": 1.0}))


def _experiment(test: LiftTest, number: int, data: PreparedData) -> Experiment:
    channel = data.channels.index(test.channel)
    if not np.isfinite(data.unit_cost[channel]):
        raise _unfit(number, "channel", "must have known spend, so that money can be turned into media")
    dates = data.dates
    during = np.asarray((dates >= pd.Timestamp(test.start)) & (dates <= pd.Timestamp(test.end)))
    measured = np.flatnonzero((dates >= pd.Timestamp(test.start)) & (dates <= pd.Timestamp(test.measured_to)))
    if not during.any():
        raise _unfit(number, "start", f"must lie within the data, {data.date_texts[0]} to {data.date_texts[-1]}")
    media, extra = data.media[:, channel], test.extra_spend / data.unit_cost[channel]
    if extra > media[during].sum() * (1 + 1e-9):
        raise _unfit(number, "extra_spend", "must not be more than the data say was spent in those periods")
    return Experiment(
        channel=channel,
        without=_media_without(media, extra, during),
        first=int(measured[0]),
        last=int(measured[-1]),
        effect=test.extra_outcome / data.target_scale,
        error=test.error / data.target_scale,
    )


def _media_without(media: Array, extra: float, during: np.ndarray) -> Array:
    """(T,) media without a test: what was added goes in proportion to what ran, what was held back returns evenly."""
    if extra < 0:
        return media - extra / during.sum() * during
    return np.where(during, media * (1 - extra / media[during].sum()), media)


def _unfit(number: int, name: str, message: str) -> InvalidInput:
    field = f"config.lift_tests[{number}].{name}"
    return InvalidInput(
        f"The lift test does not fit the data: {field} {message}.", errors=(FieldError(field, message),)
    )
