"""The model with one thing more that it may lack: what the checks of its structure hold it against.

| code | what is added | prior of the coefficients on the scaled target |
|---|---|---|
| season | two more yearly Fourier pairs; a yearly peak; days of the week in daily data | N(0, 0.1), N(0, 0.3) |
| trend | a line and slow waves of a random walk, or faster ones where the model has these | N(0, 0.5), N(0, 0.1) |
| carryover | the same carryover but longer, or one whose peak may come later (Jin et al. 2017) | delay HalfNormal(4) |
| demand | waves that last for weeks, and the smoothed spend of channels that are always on | see `demand` |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.model_options import Adstock, Trend
from mixmodel_app.engine.drivers import DriverBlock, Part, drift_basis
from mixmodel_app.engine.laplace import Mode, find_mode
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.spec import Drivers, ModelSpec
from mixmodel_app.engine.transforms import CARRYOVER_PARAMETERS
from mixmodel_app.engine.types import PreparedData
from mixmodel_app.wording.numbers import date_text

_SEASON, _PEAK, _LINE, _DRIFT = 0.1, 0.3, 0.5, 0.1
_PEAK_STEP, _PEAK_WIDTH = 14, 11.0  # days; a normal curve of this deviation spans some five weeks
_FASTER = 4
_LONGEST, _DELAYS, _DELAY = 13, (0.7, 4.0), 4.0
_ALWAYS_ON = 0.8
_WEEKLY_MEMORY, _LEAST_MEMORY, _MOST_WAVES = 0.8, 0.3, 120
_SPEND_MEMORY, _SPEND_REACH = 0.3, 8
_WAVES_SIZE, _SPEND_SIZE, _MOST_FOLLOWERS = 0.7, 1.2, 3
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Rival:
    """A model and the point (dim,) from which its mode is looked for.

    Attributes:
        adds: in words what it has more.
        tries: among how many like it it was chosen; its evidence is divided by as many.
    """

    code: str
    adds: str
    spec: ModelSpec
    start: Array
    tries: int = 1


def season(mode: Mode) -> list[Rival]:
    """Nothing where the data cover less than a year: one wave of a year could be anything."""
    data = mode.spec.data
    found = []
    if data.years >= 1:
        words = "finer yearly waves" if data.config.yearly_seasonality else "a yearly season"
        waves = _yearly(data)
        found += [_plus(mode, "season", words, waves, _SEASON)] if waves.size else []
        found.append(_peak(mode))
    if data.frequency is Frequency.DAILY:
        found.append(_plus(mode, "season", "the days of the week", _weekdays(data), _SEASON))
    return found


def _yearly(data: PreparedData) -> Array:
    """(T, 4) the next two Fourier pairs that the model does not have; none where the periods are too long for them."""
    first = data.config.yearly_seasonality + 1
    orders = [order for order in (first, first + 1) if 2 * order < data.frequency.periods_per_year]
    angle = 2 * np.pi * data.dates.dayofyear.to_numpy(dtype=float) / _DAYS_PER_YEAR
    waves = [wave(order * angle) for order in orders for wave in (np.sin, np.cos)]
    return np.array(waves).reshape(len(waves), data.n_periods).T


def _peak(mode: Mode) -> Rival:
    """One rise or fall of some five weeks that comes every year, where the residuals at the mode ask for it most.

    It was chosen among many places, by which its evidence is divided.
    """
    data = mode.spec.data
    days = np.arange(0, 365, _PEAK_STEP)
    away = np.abs(data.dates.dayofyear.to_numpy(dtype=float)[:, None] - days)
    peaks = np.exp(-0.5 * (np.minimum(away, _DAYS_PER_YEAR - away) / _PEAK_WIDTH) ** 2)
    best = int(np.argmax(mode.wanting(peaks)))
    date = date_text(str(np.datetime64("2001-01-01") + days[best])).rsplit(" ", 1)[0]
    rival = _plus(mode, "season", f"a time of the year of its own around {date}", peaks[:, [best]], _PEAK)
    return replace(rival, tries=len(days))


def _weekdays(data: PreparedData) -> Array:
    day = data.dates.dayofweek.to_numpy()
    return (day[:, None] == np.arange(6)).astype(float) - (day[:, None] == 6)


def trend(mode: Mode) -> list[Rival]:
    data = mode.spec.data
    axis, drift = data.trend_axis, drift_basis(data.trend_axis, data.years)
    if data.config.trend is Trend.NONE:
        line = with_drivers(mode.spec, "rival_line", (axis - axis.mean())[:, None], _normal(_LINE))
        spec = with_drivers(line, "rival_drift", drift, _normal(_DRIFT))
        return [Rival("trend", "a trend", spec, mode.point)]
    if data.config.trend is Trend.LINEAR:
        return [_plus(mode, "trend", "a trend that bends", drift, _DRIFT)]
    first = drift.shape[1] + 0.5
    frequency = np.pi * (first + np.arange(_FASTER))
    faster = np.sqrt(2 * data.years) * np.sin(axis[:, None] * frequency) / frequency
    return [_plus(mode, "trend", "a trend that bends faster", faster, 3 * _DRIFT)]


def carryover(mode: Mode) -> list[Rival]:
    config, data = mode.spec.config, mode.spec.data
    longest = min(max(_LONGEST, round(1.6 * config.l_max)), data.n_periods // 4)
    found = []
    if longest > config.l_max:
        words = f"carryover of up to {longest} {data.frequency.period}s"
        found.append(Rival("carryover", words, _reconfigured(mode.spec, l_max=longest), mode.point))
    if config.adstock_type in (Adstock.GEOMETRIC, Adstock.BINOMIAL):
        found += [_delayed(mode, max(longest, config.l_max), delay) for delay in _DELAYS]
    return found


def _delayed(mode: Mode, longest: int, delay: float) -> Rival:
    spec, channels = mode.spec, len(mode.spec.heights)
    saturation = {name: priors for name, priors in spec.shapes.items() if name.startswith("saturation_")}
    own = {"adstock_alpha": PriorSpec("Beta", {"alpha": 2.0, "beta": 2.0}), "adstock_theta": _half_normal(_DELAY)}
    shapes = {name: (prior,) * channels for name, prior in own.items()} | saturation
    rival = replace(_reconfigured(spec, l_max=longest, adstock_type=Adstock.DELAYED), shapes=shapes)
    rest = mode.point[len(CARRYOVER_PARAMETERS[spec.config.adstock_type]) * channels :]
    start = np.concatenate([np.zeros(channels), np.full(channels, np.log(delay)), rest])
    return Rival("carryover", "effects that peak later", rival, start)


def demand(mode: Mode) -> list[Rival]:
    """Demand that nobody recorded: it lasts for weeks, moves the target, and spend may follow it.

    An autoregression with a memory of 0.8 from week to week, as cosine waves with its spectrum, which are nearly its
    principal components (Ahmed, Natarajan and Rao 1974), with 0.7 noise deviations as its size. What spend tells of
    it: the log spend of channels that are always on, smoothed over the weeks before and after with weights 0.3^|k|.
    What comes before the spend cannot be its effect; that is what sets demand apart from carryover (strict
    exogeneity; Wooldridge 2010, §10.7). Spend follows demand and does not flee it: coefficients are HalfNormal.

    A first look at all such channels keeps the three that say most, as every further one costs evidence.
    """
    columns = demand_columns(mode.spec.data)
    if columns.shape[1] > _MOST_FOLLOWERS:
        first = _following(mode, columns)
        look = find_mode(first.spec, first.start)
        told = look.point[-1 - columns.shape[1] : -1] if look else np.zeros(columns.shape[1])
        columns = columns[:, np.sort(np.argsort(-told)[:_MOST_FOLLOWERS])]
    return [_following(mode, columns)]


def _following(mode: Mode, columns: Array) -> Rival:
    """Demand of which `columns` (T, F) tell."""
    data, size = mode.spec.data, _SPEND_SIZE * mode.sigma
    waves = _WAVES_SIZE * mode.sigma * memory_waves(data.n_periods, _memory(data))
    spec = with_drivers(mode.spec, "rival_waves", waves, _normal(1.0))
    spec = with_drivers(spec, "rival_spend", columns, _half_normal(size))
    start = np.insert(mode.point, len(mode.point) - 1, np.full(columns.shape[1], np.log(size / 10)))
    return Rival("demand", "unrecorded demand that spending follows", spec, start)


def memory_waves(n_periods: int, memory: float) -> Array:
    """(T, K) waves that with N(0, 1) coefficients add up to an autoregression of variance 1, without its mean."""
    orders = np.arange(1, min(n_periods, _MOST_WAVES))
    frequency = np.pi * orders / n_periods
    spectrum = (1 - memory**2) / (1 - 2 * memory * np.cos(frequency) + memory**2)
    return np.sqrt(2 / n_periods * spectrum) * np.cos((np.arange(n_periods)[:, None] + 0.5) * frequency)


def _memory(data: PreparedData) -> float:
    """Correlation of demand from one period to the next."""
    days = float(np.median(np.diff(data.dates.to_numpy()) / np.timedelta64(1, "D")))
    return max(_WEEKLY_MEMORY ** (days / 7), _LEAST_MEMORY)


def followers(data: PreparedData) -> np.ndarray:
    """Indices of the channels that can follow demand: those that are always on, or all that are used where none is."""
    share_on = (data.media > 0).mean(axis=0)
    always = np.flatnonzero(share_on >= _ALWAYS_ON)
    return always if len(always) else np.flatnonzero(data.used)


def demand_columns(data: PreparedData) -> Array:
    """(T, F) what the spend of the `followers` says of demand, each column with standard deviation 1."""
    return np.column_stack([_smoothed(_movement(data.scaled_media[:, channel])) for channel in followers(data)])


def _movement(media: Array) -> Array:
    """(T,) log media where they are never 0, centred."""
    moves = np.log(media) if (media > 0).all() else media
    return moves - moves.mean()


def _smoothed(moves: Array) -> Array:
    distance = np.abs(np.arange(-_SPEND_REACH, _SPEND_REACH + 1))
    smooth = np.convolve(moves, _SPEND_MEMORY**distance)[_SPEND_REACH : _SPEND_REACH + len(moves)]
    spread = float(smooth.std())
    return smooth / spread if spread > 0 else smooth


RIVALS: dict[str, Callable[[Mode], list[Rival]]] = {
    "season": season,
    "trend": trend,
    "carryover": carryover,
    "demand": demand,
}


def with_drivers(spec: ModelSpec, name: str, columns: Array, prior: PriorSpec) -> ModelSpec:
    """The model with one more block of drivers, whose coefficients share a prior."""
    size = columns.shape[1]
    block = DriverBlock(name, Part.CONTROLS, tuple(map(str, range(size))), columns)
    return replace(spec, drivers=(*spec.drivers, Drivers(block, (prior,) * size, (1.0,) * size)))


def _plus(mode: Mode, code: str, adds: str, columns: Array, deviation: float) -> Rival:
    return Rival(code, adds, with_drivers(mode.spec, f"rival_{code}", columns, _normal(deviation)), mode.point)


def _reconfigured(spec: ModelSpec, l_max: int, adstock_type: Adstock | None = None) -> ModelSpec:
    config = replace(spec.config, l_max=l_max, adstock_type=adstock_type or spec.config.adstock_type)
    return replace(spec, data=replace(spec.data, config=config))


def _normal(sigma: float) -> PriorSpec:
    return PriorSpec("Normal", {"mu": 0.0, "sigma": sigma})


def _half_normal(sigma: float) -> PriorSpec:
    return PriorSpec("HalfNormal", {"sigma": sigma})
