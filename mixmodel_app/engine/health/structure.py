"""Whether the model lacks a season, a trend, a later effect or a demand that spending follows."""

import math

import numpy as np

from mixmodel_app.domain.results import HealthCheck, HealthStatus
from mixmodel_app.engine.health.fitted import BAD, CHECK, GOOD, Fitted, finding
from mixmodel_app.engine.health.search import Verdict
from mixmodel_app.wording import numbers

MATTERS = {"season": 0.15, "trend": 0.15, "carryover": 0.2, "demand": 0.15}
"""Share of the effect of media that has to move, down, up or between channels. A curve is never quite of its family, so
that a somewhat better carryover is found in most long series; it counts when a fifth would move."""
VERY_STRONG, MUCH = 5.0, 1 / 3
_MOST, _EVENLY = math.log(1e6), math.log(1.5)
_TIMES = 2.0


def check_season(fitted: Fitted) -> HealthCheck:
    """A yearly season that the model lacks, or a finer one than it has; days of the week in daily data.

    Spend that follows the season takes the credit for it. Held against the model is the same with two more yearly
    Fourier pairs (see `health.search`).
    """
    return _check(fitted, "season", "Give the yearly season more waves, or add that time of the year as an event.")


def check_trend(fitted: Fitted) -> HealthCheck:
    """Growth or decline of the baseline that the model cannot follow.

    Spend that grows with the business takes the credit for the growth. Held against the model is the same with a trend,
    or with one that bends faster (see `health.search`).
    """
    return _check(fitted, "trend", "Choose the smooth trend, or add what made sales grow or fall as a driver.")


def check_carryover(fitted: Fitted) -> HealthCheck:
    """Effects that come later or last longer than the model lets them.

    What arrives too late for the model is missing from the return, or ends up with another channel. Held against the
    model are the same with a longer carryover, and with one whose peak may come later (see `health.search`).
    """
    return _check(fitted, "carryover", "Allow a longer carryover, or the delayed shape, and fit again.")


def check_demand(fitted: Fitted) -> HealthCheck:
    """Demand that moves both sales and spend, which a model mistakes for very good media.

    Search and shopping are bought by people who were about to buy. Held against the model is the same with a demand
    that lasts for weeks and that the spend of always-on channels tells of before and after (see `health.rivals`).
    Demand that spend follows perfectly within the week leaves no trace in data; only an experiment shows it.
    """
    remedy = "Add a driver that shows demand, such as searches for the category, or test the channel in an experiment."
    return _check(fitted, "demand", remedy)


def _check(fitted: Fitted, code: str, remedy: str) -> HealthCheck:
    verdict = fitted.structure.get(code)
    if verdict is None:
        return finding(code, GOOD, "Not checked: this needs at least a year of data and a model with a mode.")
    status = verdict_status(code, verdict)
    speak = f"The data speak {odds(verdict.log_odds)} {verdict.adds}"
    if not verdict.likelier:
        return finding(code, GOOD, f"{speak}.")
    if status is GOOD:
        return finding(code, GOOD, f"{speak}, but with it media would bring much the same.")
    return finding(code, status, f"{speak}. {_consequence(fitted, verdict)} {remedy}")


def verdict_status(code: str, verdict: Verdict) -> HealthStatus:
    """Good unless the part is likelier than not and matters; unusable where much is sure to change.

    Demand never rules a model out: it can only be suspected.
    """
    if not verdict.likelier or verdict.moved < MATTERS[code]:
        return GOOD
    sure = verdict.log_odds > VERY_STRONG and verdict.moved > MUCH
    return BAD if sure and code != "demand" else CHECK


def odds(log_odds: float) -> str:
    """Log odds in words: "40 to 1 for", "more than 1,000,000 to 1 against"."""
    size = min(abs(log_odds), _MOST)
    side = "for" if log_odds > 0 else "against"
    if size < _EVENLY:
        return "about evenly for and against"
    more = "more than " if size == _MOST else ""
    ratio = math.exp(size)
    step = 10 ** max(math.floor(math.log10(ratio)) - 1, 0)
    written = numbers.count(round(ratio / step) * step) if ratio >= 10 else numbers.plain(round(ratio, 1))
    return f"{more}{written} to 1 {side}"


def _consequence(fitted: Fitted, verdict: Verdict) -> str:
    """What media and the channel that changes most would bring with the rival."""
    text = f"With it, media together would bring {_more_or_less(verdict.total)}"
    shares = np.array([channel.share_of_effect for channel in fitted.channels])
    most = int(np.argmax(np.abs(shares * (verdict.change - 1))))
    channel, change = fitted.channels[most], float(verdict.change[most])
    if channel.roas is None:
        return f"{text}, and {channel.name} {_more_or_less(change)}."
    before, after = numbers.roas(channel.roas.median), numbers.roas(channel.roas.median * change)
    return f"{text}, and {channel.name} would return about {after} per 1 spent instead of {before}."


def _more_or_less(ratio: float) -> str:
    if ratio >= _TIMES:
        return f"{numbers.plain(round(ratio, 1))} times as much"
    return f"{numbers.percent(abs(ratio - 1))} {'more' if ratio >= 1 else 'less'}"
