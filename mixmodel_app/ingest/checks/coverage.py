"""Whether the rows cover whole periods that have already happened."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, percent, rows_text
from mixmodel_app.ingest.partial import partial_rows
from mixmodel_app.ingest.series import Array, Series, robust_fit, robust_sd

_USUAL_DAYS = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 28}
_LOW, _FAR = 0.72, 4.0  # five of seven days are 0.71
_VERY_LOW, _RATHER_FAR = 0.6, 2.0  # four of seven days
_NEIGHBOURS, _STEADY = 8, 0.9


@check("MM214", severity=Severity.WARNING, title="Date in the future")
def future_dates(data: CheckInput) -> Iterator[Evidence]:
    """Finds dates after today.

    Why it matters: plans and forecasts are not what happened, and a day read as a month puts rows into the future.
    How to fix: remove the planned rows, or correct the dates.
    """
    if data.dates is None:
        return
    future = np.asarray(data.dates.values > pd.Timestamp(data.today))
    if not future.any():
        return
    positions = np.flatnonzero(future).tolist()
    rows = data.rows(positions)
    days = sorted({data.day(position) for position in positions})
    yield Evidence(
        f"{listing(days, 3)} {'is' if len(days) == 1 else 'are'} in the future ({rows_text(rows, len(positions))}).",
        column=data.mapping.date_column,
        rows=rows,
        hint="Remove planned rows; correct dates whose day and month are exchanged. A week may be named by its last "
        "day: then only that week is not over.",
        effect="A plan would be taken for what happened.",
        fixes=offer.drop_rows(data, days, "the rows in the future"),
    )


@check("MM215", severity=Severity.WARNING, title="Partly covered period")
def partial_period(data: CheckInput) -> Iterator[Evidence]:
    """Finds a first or last period that seems to hold only some of its days.

    It is too close to its neighbour, or outcome and steady spend both fall far below what the other periods let expect.
    Why it matters: an export that starts or ends in the middle of a week shows a drop that never happened, and it sits
    at the end, where trend and carryover are most easily led astray.
    How to fix: remove the period, or export again when it is over.
    """
    certain, likely = certainly_partial(data), dict(partial_ends(data))
    for position, reason in (certain | likely).items():
        row = data.rows([position])
        yield Evidence(
            f"The {data.frequency.period} of {data.day(position)} ({rows_text(row, 1)}) "
            f"seems to be covered only in part: {reason}.",
            column=data.mapping.date_column,
            rows=row,
            hint="Remove it, or export again when the period is over.",
            effect="A drop that never happened is taken for an effect.",
            fixes=offer.drop_partial(len(certain))
            if position in certain
            else offer.drop_rows(data, [data.day(position)], "the partly covered period"),
        )


def certainly_partial(data: CheckInput) -> dict[int, str]:
    """Position and reason of the periods that the fix without questions leaves out; see `ingest.partial`."""
    complete = data.series is not None and set(data.mapping.columns()) <= set(data.table.columns)
    return partial_rows(data.table, data.mapping) if complete else {}


def partial_ends(data: CheckInput) -> list[tuple[int, str]]:
    """Positions of the first and last period, if only partly covered, each with the reason in words."""
    if data.series is None or len(data.series.dates) < 3:
        return []
    found: list[tuple[int, str]] = []
    for end, inward in ((0, 1), (-1, -1)):
        reason = _too_close(data.series, end, inward) or _too_low(data.series, end, inward)
        if reason:
            found.append((int(data.series.order[end]), reason))
    return found


def _too_close(series: Series, end: int, inward: int) -> str:
    usual = _USUAL_DAYS.get(series.frequency)
    days = abs(round(series.day_numbers[end + inward] - series.day_numbers[end]))
    return f"it lies only {days} day{'s' if days > 1 else ''} from its neighbour" if usual and days < usual else ""


def _too_low(series: Series, end: int, inward: int) -> str:
    """Outcome and steady spend fall together; where no spend is steady, nothing tells a partial week from a bad one."""
    inner = slice(1, None) if end == 0 else slice(None, -1)
    fitted = robust_fit(series.calendar, _held(series.target, end, inward))
    left = (series.target - fitted)[inner]
    share = float(series.target[end] / fitted[end]) if fitted[end] > 0 else 1.0
    distance = float(fitted[end] - series.target[end]) / max(robust_sd(left), 1e-12)
    if not (share < _LOW and distance > _FAR) and not (share < _VERY_LOW and distance > _RATHER_FAR):
        return ""
    steady = _steady_share(series, end, inward)
    if steady >= _LOW:
        return ""
    return f"outcome and steady spend are at {percent(share)} and {percent(steady)} of what is usual"


def _held(values: Array, end: int, inward: int) -> Array:
    """The series with its end replaced by the neighbours, so that it does not explain itself."""
    held = values.copy()
    near = values[1 : _NEIGHBOURS + 1] if inward == 1 else values[-_NEIGHBOURS - 1 : -1]
    held[end] = np.median(near)
    return held


def _steady_share(series: Series, end: int, inward: int) -> float:
    """Spend at the end ÷ the median of its neighbours: geometric mean over media that are nearly always on, else 1."""
    shares = [1.0]
    for values in series.media.values():
        near = values[1 : _NEIGHBOURS + 1] if inward == 1 else values[-_NEIGHBOURS - 1 : -1]
        if np.mean(values > 0) >= _STEADY and np.median(near) > 0:
            shares.append(max(float(values[end] / np.median(near)), 0.01))
    return float(np.exp(np.log(shares[1:] or shares).mean()))
