"""Odds and changed returns in words."""

import math

import numpy as np

from mixmodel_app.domain.results import ChannelResult
from mixmodel_app.engine.health.search import Shift
from mixmodel_app.wording import numbers

_MOST, _EVENLY = math.log(1e6), math.log(1.5)
_TIMES = 2.0


def odds(log_odds: float) -> str:
    """Log odds in words: "40 to 1 for", "more than 1,000,000 to 1 against"."""
    size = min(abs(log_odds), _MOST)
    if size < _EVENLY:
        return "about evenly for and against"
    more = "more than " if size == _MOST else ""
    return f"{more}{_ratio(math.exp(size))} to 1 {'for' if log_odds > 0 else 'against'}"


def _ratio(value: float) -> str:
    """Two significant digits."""
    step = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return numbers.count(round(value / step) * step) if value >= 10 else numbers.plain(round(value, 1))


def consequence(channels: list[ChannelResult], shift: Shift) -> str:
    """What media and the channel that changes most would bring: "media together would bring 30 % less, and …"."""
    text = f"media together would bring {more_or_less(shift.total)}"
    shares = np.array([channel.share_of_effect for channel in channels])
    most = int(np.argmax(np.abs(shares * (shift.by_channel - 1))))
    channel, change = channels[most], float(shift.by_channel[most])
    if channel.roas is None:
        return f"{text}, and {channel.name} {more_or_less(change)}."
    before, after = numbers.roas(channel.roas.median), numbers.roas(channel.roas.median * change)
    return f"{text}, and {channel.name} would return about {after} per 1 spent instead of {before}."


def more_or_less(ratio: float) -> str:
    """A ratio as a change: "30 % less", "2.4 times as much"."""
    if ratio >= _TIMES:
        return f"{numbers.plain(round(ratio, 1))} times as much"
    return f"{numbers.percent(abs(ratio - 1))} {'more' if ratio >= 1 else 'less'}"
