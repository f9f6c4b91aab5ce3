"""When a plan's money is spent: the share of each channel's money that falls into each period."""

import math

import numpy as np

from mixmodel_app.domain.budget import Horizon, Timing
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import FieldError, InvalidInput

MAX_WEEKS = 520


def periods_of(horizon: Horizon, draws: ResponseDraws, frequency: Frequency) -> int:
    """The periods of a horizon: as asked, else one year, or the history when that is shorter.

    Raises:
        InvalidInput: a number of periods that is not a whole number from 1 to `MAX_WEEKS`.
    """
    weeks = horizon.weeks
    if weeks is None:
        return max(min(frequency.periods_per_year, len(draws.spend)), 1)
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= MAX_WEEKS:
        message = f"must be a whole number from 1 to {MAX_WEEKS}"
        raise InvalidInput(f"weeks {message}.", errors=(FieldError("weeks", message),))
    return weeks


def profile_of(horizon: Horizon, draws: ResponseDraws, frequency: Frequency) -> Array | None:
    """(W, C) share of each channel's money in each period, every column summing to 1; None for an even spread.

    `Timing.LAST_YEAR` follows each channel's spend one year before each period; a channel that spent nothing then is
    spread evenly.

    Raises:
        InvalidInput: less than a year of history to follow, or weights that do not fit the horizon.
    """
    weeks = periods_of(horizon, draws, frequency)
    if horizon.timing is Timing.OWN:
        return np.repeat(_own(horizon.weights, weeks)[:, None], len(draws.channels), axis=1)
    if horizon.timing is Timing.LAST_YEAR:
        return _as_last_year(draws, weeks, frequency.periods_per_year)
    return None


def _own(weights: tuple[float, ...], weeks: int) -> Array:
    wrong = ""
    if len(weights) != weeks:
        wrong = f"has {len(weights)} numbers for {weeks} periods"
    elif not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        wrong = "must be numbers of at least 0"
    elif sum(weights) <= 0:
        wrong = "must not all be 0"
    if wrong:
        raise InvalidInput(f"The weights of the timing cannot be used: weights {wrong}.", errors=_error(wrong))
    shares = np.array(weights, dtype=float)
    return shares / shares.sum()


def _as_last_year(draws: ResponseDraws, weeks: int, year: int) -> Array:
    if len(draws.spend) < year:
        raise InvalidInput(
            "Timing as last year needs a year of history, and this run has less.",
            hint="Spread the money evenly, or give weights of your own.",
            errors=(FieldError("timing", "needs a year of history"),),
        )
    last = np.nan_to_num(draws.spend[-year:])
    spent = last[np.arange(weeks) % year]
    total = spent.sum(axis=0)
    return np.where(total > 0, spent / np.where(total > 0, total, 1.0), 1 / weeks)


def _error(message: str) -> tuple[FieldError, ...]:
    return (FieldError("weights", message),)
