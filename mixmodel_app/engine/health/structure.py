"""Whether the model lacks a season, a trend, a later effect or a demand that spending follows."""

from mixmodel_app.domain.results import HealthCheck, HealthStatus
from mixmodel_app.engine.health.fitted import BAD, CHECK, GOOD, Fitted, finding
from mixmodel_app.engine.health.search import Verdict
from mixmodel_app.engine.health.words import consequence, odds

MATTERS = {"season": 0.1, "trend": 0.1, "carryover": 0.2, "demand": 0.1}
"""Share of the effect of media that has to move, down, up or between channels. A curve is never quite of its family, so
that a somewhat better carryover is found in most long series; it counts when a fifth would move."""
VERY_STRONG, MUCH = 5.0, 1 / 3
_UNCHECKED = {
    "season": "a yearly season needs at least a year of data",
    "carryover": "the carryover of this model is long and free already",
}


def check_season(fitted: Fitted) -> HealthCheck:
    """A yearly season that the model lacks, or a finer one than it has; days of the week in daily data.

    Spend that follows the season takes the credit for it. Held against the model are the same with two more yearly
    Fourier pairs, and with a time of the year of its own (see `health.search`).
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
        reason = _UNCHECKED.get(code) if fitted.structure else None
        return finding(code, GOOD, f"Not checked: {reason or 'the model has no clear mode'}.")
    status = verdict_status(code, verdict)
    speak = f"The data speak {odds(verdict.log_odds)} {verdict.adds}"
    if not verdict.likelier:
        return finding(code, GOOD, f"{speak}.")
    if status is GOOD:
        return finding(code, GOOD, f"{speak}, but with it media would bring much the same.")
    return finding(code, status, f"{speak}. With it, {consequence(fitted.channels, verdict.shift)} {remedy}")


def verdict_status(code: str, verdict: Verdict) -> HealthStatus:
    """Good unless the part is likelier than not and matters; unusable where much is sure to change.

    Demand never rules a model out: it can only be suspected.
    """
    if not verdict.likelier or verdict.shift.moved < MATTERS[code]:
        return GOOD
    sure = verdict.log_odds > VERY_STRONG and verdict.shift.moved > MUCH
    return BAD if sure and code != "demand" else CHECK
