"""How much more a channel can take: the size of its pattern of spend at which the next 1 returns what is asked.

For draw s, k[s] solves marginal(k) = target, where `ChannelPeriod.marginal` follows the pattern of spend of the periods
at k times its size. At k = 1 that is the marginal return of the results, so that room and marginal return never
contradict each other. Where a curve starts slowly (Hill), the largest such k counts.
"""

from dataclasses import replace

import numpy as np

from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.headroom import MOST_TIMES, OBSERVED_REACH, Headroom
from mixmodel_app.domain.period import Span
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.engine.estimates import estimate
from mixmodel_app.engine.period import ChannelPeriod, channel_periods, is_priced

_GRID = (0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, MOST_TIMES)
_HALVINGS = 14  # from a step of 2 to 0.01 % of the spend
_NUMBERS, _FEWEST = 150_000, 200


def with_headroom(results: ModelResults, draws: ResponseDraws, span: Span, target: float = 1.0) -> ModelResults:
    """The results of `span` with every channel's room to a marginal return of `target`.

    None where there is no spend to scale. As many draws are used as a page can wait for, at least 200.

    Raises:
        Conflict: as `period.channel_periods`.
    """
    step = max(draws.n_draws // max(_NUMBERS // span.size, _FEWEST), 1)
    thin = replace(
        draws,
        weights=draws.weights[::step],
        params={name: values[::step] for name, values in draws.params.items()},
        beta=draws.beta[::step],
    )
    highest = np.nan_to_num(draws.spend).max(axis=0)
    highest_now = np.nan_to_num(draws.spend[span.rows]).max(axis=0)
    known = is_priced(draws) & (highest_now > 0)
    rooms = [
        headroom(channel, target, float(seen / now)) if priced else None
        for channel, priced, seen, now in zip(channel_periods(thin, span), known, highest, highest_now, strict=True)
    ]
    channels = [replace(channel, headroom=room) for channel, room in zip(results.channels, rooms, strict=True)]
    return replace(results, channels=channels)


def headroom(channel: ChannelPeriod, target: float, observed: float) -> Headroom:
    """The room of one channel that has spend.

    Args:
        observed: highest spend ever seen in one period ÷ highest of these periods.
    """
    times = largest_times(channel, target)
    mean = channel.spend / channel.size
    return Headroom(
        target=target,
        spend=mean,
        room=estimate((times - 1) * mean),
        beyond=float((times >= MOST_TIMES).mean()),
        outside=bool(np.median(times) > OBSERVED_REACH * observed),
    )


def largest_times(channel: ChannelPeriod, target: float) -> Array:
    """(S,) the largest multiple of the spend, up to `MOST_TIMES`, whose next 1 still returns `target`; 0 if none."""
    reached = np.stack([channel.marginal(times) >= target for times in _GRID])
    at = np.where(reached.any(axis=0), len(_GRID) - 1 - np.argmax(reached[::-1], axis=0), 0)
    grid = np.array(_GRID)
    low, high = grid[at], grid[np.minimum(at + 1, len(grid) - 1)]
    high = np.where(reached.any(axis=0), high, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = channel.marginal(middle) >= target
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(high >= MOST_TIMES, MOST_TIMES, low)
