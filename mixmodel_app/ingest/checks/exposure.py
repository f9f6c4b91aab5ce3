"""Whether a channel's exposure (impressions, clicks) and its spend tell the same story."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import MediaColumn, SpendType
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, rows_text
from mixmodel_app.ingest.series import robust_sd
from mixmodel_app.wording.numbers import plain

_UNUSUAL, _TIMES = 6.0, 3.0
_LEAST_BOTH = 8


@check("MM224", severity=Severity.WARNING, title="Spend without exposure")
def one_without_the_other(data: CheckInput) -> Iterator[Evidence]:
    """Finds periods in which a channel has spend but no impressions or clicks, or the reverse.

    Why it matters: one of the two is wrong or booked in another period (an invoice that comes later, a report with a
    hole), so that the return on spend is wrong as well.
    How to fix: fill in what is missing, or book the spend in the period in which the advertising ran.
    """
    for column, entry, exposure, spend in _both(data):
        for what, wrong in (
            (f"spend but no {entry.spend_type.value}", (spend > 0) & (exposure == 0)),
            (f"{entry.spend_type.value} but no spend", (spend == 0) & (exposure > 0)),
        ):
            positions = np.flatnonzero(wrong).tolist()
            if positions:
                rows = data.rows(positions)
                yield Evidence(
                    f"{entry.channel_name} has {what} in {rows_text(rows, len(positions))}.",
                    column=column,
                    rows=rows,
                    hint=f"Compare {column!r} with {entry.spend_column!r} in these rows.",
                    effect="The return on its spend is calculated from figures that do not belong together.",
                )


@check("MM225", severity=Severity.WARNING, title="Unusual cost per unit")
def odd_cost(data: CheckInput) -> Iterator[Evidence]:
    """Finds periods in which an impression or a click cost over three times, or under a third of, what it usually does.

    The cost must also be far outside its usual movement (six robust standard deviations of its logarithm).
    Why it matters: prices of media move by some per cent, not by factors; most often a unit (thousands), a currency
    or a decimal sign has slipped.
    How to fix: correct the spend or the exposure of these rows.
    """
    for column, entry, exposure, spend in _both(data):
        usable = np.flatnonzero((spend > 0) & (exposure > 0))
        if len(usable) < _LEAST_BOTH:
            continue
        cost = np.log(spend[usable] / exposure[usable])
        distance = np.abs(cost - np.median(cost))
        odd = distance > max(_UNUSUAL * robust_sd(cost), float(np.log(_TIMES)))
        if odd.any():
            rows = data.rows(usable[odd].tolist())
            unit = "click" if entry.spend_type is SpendType.CLICKS else "thousand impressions"
            usual = float(np.exp(np.median(cost))) * (1 if entry.spend_type is SpendType.CLICKS else 1000)
            worst = usual * float(np.exp((cost - np.median(cost))[np.argmax(distance)]))
            yield Evidence(
                f"{entry.channel_name} usually costs about {plain(usual)} for one {unit}, "
                f"but far from that in {rows_text(rows, int(odd.sum()))}: {plain(worst)}"
                f"{' at the farthest' if odd.sum() > 1 else ''}.",
                column=column,
                rows=rows,
                hint="Look for a slipped unit, currency or decimal sign in these rows.",
                effect="Its curve bends where the figures are wrong, not where returns diminish.",
            )


@check("MM305", severity=Severity.SUGGESTION, title="Spend not known")
def exposure_without_spend(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels given as impressions or clicks without a column for their spend.

    Why it matters: a return on spend cannot be calculated, and the budget planner leaves the channel out.
    How to fix: add the spend as a column and choose it beside the channel.
    """
    for column, entry in data.mapping.media_columns.items():
        if entry.spend_type is not SpendType.SPEND and not entry.spend_column:
            yield Evidence(
                f"{entry.channel_name} is given as {entry.spend_type.value} without its spend.",
                column=column,
                hint="Add its spend as a column and choose it beside the channel.",
                effect="No return on spend can be calculated for it, and the budget planner leaves it out.",
            )


def _both(data: CheckInput) -> Iterator[tuple[str, MediaColumn, NDArray[np.float64], NDArray[np.float64]]]:
    """Channels with exposure and spend, empty cells as 0."""
    for column, entry in data.mapping.media_columns.items():
        if entry.spend_column in data.numbers and column in data.numbers and entry.spend_type is not SpendType.SPEND:
            exposure, spend = data.numbers[column].values, data.numbers[entry.spend_column].values
            yield column, entry, np.nan_to_num(exposure), np.nan_to_num(spend)
