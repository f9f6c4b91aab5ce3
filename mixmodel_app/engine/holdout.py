"""What the model would have said of the last periods had it not seen them, beside what a calendar would have said.

The model is estimated again without the target of the last quarter of a year: same scales, same priors, same drivers (a
trend runs on over the whole span, so that what it may do in the hidden periods follows from its prior). Its draws are
those around the mode (`engine.laplace`), which takes milliseconds where sampling takes a second. Spend and controls of
the hidden periods are those that happened, so this tests the model, not a plan.

Rivals are the same period a year earlier (the seasonal naive forecast; Hyndman and Athanasopoulos 2021, "Forecasting:
principles and practice", §5.2), and the same corrected by how far the level had moved within a year when the hidden
periods began. Errors are mean absolute errors.
"""

from dataclasses import dataclass, replace

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.results import HDI_PROB
from mixmodel_app.engine.expected import expected, media_effects
from mixmodel_app.engine.laplace import coverable, find_mode
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.spec import Drivers, Experiment, ModelSpec
from mixmodel_app.engine.types import PreparedData

_FEWEST_YEARS = 2
_WHOLE_WEEKS = 364  # a daily series is held against the same day of the week


@dataclass(frozen=True, slots=True)
class Holdout:
    """H hidden periods.

    Attributes:
        predicted: (H,) posterior predictive median; lo, hi: (H,) its 94 % range; all in target units.
        error, naive, corrected: mean absolute errors of the model and of the two naive forecasts.
        covered: share of the periods within the range.
        bias: what was predicted in total ÷ what happened, − 1.
        distance: from what was predicted in total to what happened, in deviations of the prediction.
    """

    predicted: Array
    lo: Array
    hi: Array
    error: float
    naive: float
    corrected: float
    covered: float
    bias: float
    distance: float

    @property
    def n_periods(self) -> int:
        return len(self.predicted)


def window(data: PreparedData) -> int:
    """How many periods to hide: a quarter of a year; 0 where less than two years would be left to learn from."""
    year = _year(data)
    hidden = round(year / 4)
    enough = data.frequency is not Frequency.IRREGULAR and data.n_periods - hidden >= _FEWEST_YEARS * year
    return hidden if enough else 0


def holdout(spec: ModelSpec, start: Array | None = None) -> Holdout | None:
    """Hide the last periods, predict them, compare; None where history is too short or the numbers give out.

    Args:
        start: (dim,) a point to look for the mode from, such as that of the whole data.
    """
    hidden = window(spec.data)
    if not hidden:
        return None
    mode = find_mode(coverable(first_periods(spec, spec.data.n_periods - hidden)), start)
    if mode is None:
        return None
    seed = spec.config.random_seed
    draws = Posterior(mode.parameters(seed), mode.spec).model_draws()
    mean = expected(draws, [drivers.block for drivers in spec.drivers], media_effects(draws, spec.data))[:, -hidden:]
    noise = draws.sigma[:, None] * np.random.default_rng(seed).standard_normal(mean.shape)
    return _compared((mean + noise) * spec.data.target_scale, spec.data)


def _compared(draws: Array, data: PreparedData) -> Holdout:
    """From predictive draws (S, H) of the last periods."""
    hidden, year = draws.shape[1], _year(data)
    actual, past = data.target[-hidden:], data.target[:-hidden]
    last_year = data.target[-hidden - year : -year]
    moved = past[-hidden:].mean() - past[-hidden - year : -year].mean()
    totals = draws.sum(axis=1)
    predicted, (lo, hi) = np.median(draws, axis=0), hdi(draws, HDI_PROB)
    return Holdout(
        predicted=predicted,
        lo=lo,
        hi=hi,
        error=_error(predicted, actual),
        naive=_error(last_year, actual),
        corrected=_error(last_year + moved, actual),
        covered=float(((actual >= lo) & (actual <= hi)).mean()),
        bias=float(predicted.sum() / actual.sum() - 1) if actual.sum() else 0.0,
        distance=float((actual.sum() - totals.mean()) / totals.std()),
    )


def _year(data: PreparedData) -> int:
    return _WHOLE_WEEKS if data.frequency is Frequency.DAILY else data.frequency.periods_per_year


def _error(forecast: Array, actual: Array) -> float:
    return float(np.abs(forecast - actual).mean())


def first_periods(spec: ModelSpec, size: int) -> ModelSpec:
    """The model of the first `size` periods alone, with the scales, priors and driver columns of the whole."""
    data = spec.data
    shorter = replace(
        data,
        dates=data.dates[:size],
        target=data.target[:size],
        media=data.media[:size],
        spend=data.spend[:size],
        controls=data.controls[:size],
        events=data.events[:size],
        holidays=data.holidays[:size],
    )
    return replace(
        spec,
        data=shorter,
        drivers=tuple(_cut(drivers, size) for drivers in spec.drivers),
        experiments=tuple(_cut_test(test, size) for test in spec.experiments if test.last < size),
    )


def _cut(drivers: Drivers, size: int) -> Drivers:
    return replace(drivers, block=replace(drivers.block, columns=drivers.block.columns[:size]))


def _cut_test(test: Experiment, size: int) -> Experiment:
    return replace(test, without=test.without[:size])
