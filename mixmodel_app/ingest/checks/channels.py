"""Whether the channels can be told apart and are large enough to be measured."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, percent

COLLINEAR = 0.9
LEAST_SHARE = 0.01
LEAST_ACTIVE = 8


@check("MM205", severity=Severity.WARNING, title="Channels move together")
def collinear_channels(data: CheckInput) -> Iterator[Evidence]:
    """Finds pairs of media columns with a correlation of 0.9 or more.

    Why it matters: when two channels always rise and fall together, the data say what both did, not which one did it.
    How to fix: join the two into one channel, or bring in an experiment for one of them.
    """
    columns = {c: n.values for c, n in data.media.items() if c in data.mapping.media_columns and _varies(n.values)}
    for (first, a), (second, b) in combinations(columns.items(), 2):
        both = np.isfinite(a) & np.isfinite(b)
        correlation = _correlation(a[both], b[both])
        if abs(correlation) >= COLLINEAR:
            yield Evidence(
                f"{first!r} and {second!r} have a correlation of {correlation:.2f}.",
                column=first,
                hint="Join them into one channel, or run an experiment with one of them.",
                effect="The model knows what both returned together, not which of them did.",
            )


def _varies(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    return len(finite) > 2 and np.ptp(finite) > 0


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if not (_varies(a) and _varies(b)):
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


@check("MM206", severity=Severity.WARNING, title="Very small channel")
def small_channel(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels with less than 1 % of all spend.

    Why it matters: the effect of so little money drowns in the noise; the answer will be the prior, not the data.
    How to fix: group small channels into one.
    """
    totals = {name: float(spend.sum()) for name, spend in data.spend.items()}
    every = sum(totals.values())
    for name, total in totals.items():
        if every > 0 and total / every < LEAST_SHARE:
            yield Evidence(
                f"{name} has {percent(total / every)} of all spend ({total:,.0f} of {every:,.0f}).",
                column=_column_of(data, name),
                hint="Group small channels into one.",
                effect="Its return will be mostly assumption.",
            )


def _column_of(data: CheckInput, channel: str) -> str | None:
    return next((c for c, entry in data.mapping.media_columns.items() if entry.channel_name == channel), None)


@check("MM213", severity=Severity.WARNING, title="Hardly ever active")
def rarely_active(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels that were active in fewer than 8 periods.

    Why it matters: a channel that was hardly ever on gives the data few chances to show its effect.
    How to fix: wait for more history, or group it with a similar channel.
    """
    for column, numbers in data.media.items():
        active = int(np.sum(numbers.values > 0))
        if column in data.mapping.media_columns and 0 < active < LEAST_ACTIVE:
            yield Evidence(
                f"{column!r} was active in only {active} {'period' if active == 1 else 'periods'}.",
                column=column,
                hint="Group it with a similar channel, or wait for more history.",
                effect="Its return will be mostly assumption.",
            )
