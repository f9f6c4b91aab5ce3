"""What moved between two runs, and why, in sentences."""

from collections.abc import Sequence

from mixmodel_app.domain.comparison import ChannelShift, Comparison, Shift
from mixmodel_app.domain.results import Estimate, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.settings import SETTINGS
from mixmodel_app.wording.uncertainty import range_name

SHIFTS = {
    Shift.SAME: "About the same",
    Shift.WITHIN: "Moved within its range",
    Shift.BEYOND: "Moved beyond its range",
    Shift.NEW: "New",
    Shift.GONE: "No longer there",
    Shift.UNKNOWN: "Not estimated",
}


def verdict(found: Comparison) -> str:
    """One sentence: whether the newer run tells another story."""
    beyond = [channel.name for channel in found.moved(Shift.BEYOND)]
    within = [channel.name for channel in found.moved(Shift.WITHIN)]
    if beyond:
        return f"The return of {_and(beyond)} moved further than the ranges said it would."
    if within:
        return f"The return of {_and(within)} moved, within what the ranges had said."
    return "No return moved by more than the ranges leave open."


def reasons(found: Comparison, data: Sequence[str] = ()) -> list[str]:
    """Why the answers may differ: settings, data, health; the last sentence says so where nothing does.

    Args:
        data: what is new in the data, in sentences.
    """
    told: list[str] = []
    if found.settings:
        names = [SETTINGS.get(setting.key, setting.key) for setting in found.settings]
        told.append(f"Settings differ in: {'; '.join(names)}.")
    told += data
    if not found.same_data and not data:
        told.append("The data differ.")
    better = [c.title for c in found.checks if c.after and c.after.status.value == "good"]
    worse = [c.title for c in found.checks if c.after and c.after.status.value != "good"]
    if better:
        told.append(f"Health is good now in: {_and(better)}.")
    if worse:
        told.append(f"Health is to be checked now in: {_and(worse)}.")
    return told or ["Settings and data are the same: what differs is chance of the sampler."]


def change_text(channel: ChannelShift) -> str:
    """ "+0.35", the difference of the medians as they are shown; "–" where there is none."""
    if channel.before is None or channel.after is None:
        return numbers.MISSING
    change = round(round(channel.after.median, 2) - round(channel.before.median, 2), 2)
    sign = "+" if change > 0 else numbers.MINUS if change < 0 else ""
    return f"{sign}{numbers.roas(abs(change))}"


def range_text(estimate: Estimate | None) -> str:
    """ "1.20 (0.80–1.70)"; "–" where nothing is estimated."""
    if estimate is None:
        return numbers.MISSING
    return f"{numbers.roas(estimate.median)} ({numbers.value_range(estimate.lo, estimate.hi, numbers.roas)})"


def fit_text(results: ModelResults) -> str:
    """ "R² 89 %, mean error 4.1 %"."""
    error = f", mean error {numbers.percent(results.fit.mape)}" if results.fit.mape is not None else ""
    return f"R² {numbers.percent(results.fit.r2)}{error}"


def range_note(before: ModelResults, after: ModelResults) -> str:
    """What the ranges are, and what a move is measured by."""
    levels = dict.fromkeys(range_name(found.level) for found in (before, after))
    return f"Median and {' or '.join(levels)} of both runs; a move counts by how it compares with the ranges of both."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
