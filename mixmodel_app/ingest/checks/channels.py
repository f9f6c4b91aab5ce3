"""Whether each channel is large and active enough to be measured."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import SpendType
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, percent, plural, rows_text

LEAST_SHARE = 0.01
LEAST_ACTIVE = 8
MOSTLY_ZERO, ENOUGH_ACTIVE = 0.7, 26
_FENCE = 3.0
_VANISHES = 0.25


@check("MM206", severity=Severity.WARNING, title="Very small channel")
def small_channel(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels with less than 1 % of all spend.

    Why it matters: the effect of so little money drowns in the noise; its return will be what the model assumes, not
    what the data say.
    How to fix: group small channels into one.
    """
    totals = {name: float(spend.sum()) for name, spend in data.spend.items()}
    every = sum(totals.values())
    small = [name for name, total in totals.items() if every > 0 and total / every < LEAST_SHARE]
    for name in small:
        yield Evidence(
            f"{name} has {percent(totals[name] / every)} of all spend ({totals[name]:,.0f} of {every:,.0f}).",
            column=_column_of(data, name),
            hint="Group small channels into one.",
            effect="So little money drowns in the noise: its return will rest on what the model assumes.",
            fixes=_group(data, small, totals),
        )


def _group(data: CheckInput, small: list[str], totals: dict[str, float]) -> offer.Offers:
    """All small channels together; a single one with the next smallest. Only columns of money may be added up."""
    money = {
        entry.channel_name: column
        for column, entry in data.mapping.media_columns.items()
        if entry.spend_type is SpendType.SPEND and entry.channel_name in totals
    }
    together = [name for name in small if name in money]
    if len(together) == 1:
        others = sorted((name for name in money if name not in together), key=lambda name: totals[name])
        together += others[:1]
    if len(together) < 2:
        return ()
    name = " + ".join(together) if len(together) == 2 else "Small channels"
    return offer.merge_channels(data, [money[channel] for channel in together], name)


def _column_of(data: CheckInput, channel: str) -> str | None:
    return next((c for c, entry in data.mapping.media_columns.items() if entry.channel_name == channel), None)


@check("MM213", severity=Severity.WARNING, title="Hardly ever active")
def rarely_active(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels that were active in fewer than 8 periods.

    Why it matters: a channel that was hardly ever on gives the data few chances to show its effect.
    How to fix: wait for more history, or group it with a similar channel.
    """
    for column, values in _channels(data):
        active = int(np.sum(values > 0))
        if 0 < active < LEAST_ACTIVE:
            yield Evidence(
                f"{column!r} was active in only {plural(active, 'period')}.",
                column=column,
                hint="Group it with a similar channel, or wait for more history.",
                effect="So few chances to show its effect: its return will rest on what the model assumes.",
            )


@check("MM218", severity=Severity.WARNING, title="Mostly zero")
def mostly_zero(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels that were off in over 70 % of the periods and on in fewer than 26 (and in 8 or more: see MM213).

    Why it matters: the effect is measured on few periods, so that anything else that happened in them counts much.
    How to fix: keep the channel and read its range with care; note events of these periods as controls.
    """
    for column, values in _channels(data):
        active, off = int(np.sum(values > 0)), float(np.mean(values == 0)) if len(values) else 0.0
        if off > MOSTLY_ZERO and LEAST_ACTIVE <= active < ENOUGH_ACTIVE:
            yield Evidence(
                f"{column!r} is 0 in {percent(off)} of the periods; it was active in {active}.",
                column=column,
                hint="Note other events of these periods as controls, or group the channel with a similar one.",
                effect="Its return rests on few periods, and on whatever else happened in them.",
            )


@check("MM217", severity=Severity.WARNING, title="Rests on a few periods")
def sparse_signal(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels, or an outcome, that hardly vary once a few periods with unusual values are left out.

    Such a period lies outside the usual range of the active ones (quartiles, three times their distance). Without them
    less than a quarter of the standard deviation is left.
    Why it matters: the effect is then measured on these few periods alone, and anything else that happened in them is
    taken for it.
    How to fix: check these values; if they are right, note other events of these periods as controls.
    """
    outcome = [
        (name, numbers.values) for name, numbers in filter(None, [data.target]) if not np.isnan(numbers.values).any()
    ]
    for column, values in [*_channels(data), *outcome]:
        unusual = _unusual(values)
        if not unusual.any() or values[~unusual].std() >= _VANISHES * values.std():
            continue
        positions = np.flatnonzero(unusual).tolist()
        rows = data.rows(positions)
        yield Evidence(
            f"{column!r} hardly varies except in {rows_text(rows, len(positions))}.",
            column=column,
            rows=rows,
            hint="Check these values, and note other events of these periods as controls.",
            effect="What is learned rests on these periods alone, and on whatever else happened in them.",
        )


def _unusual(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    active = values[values > 0]
    if len(active) < LEAST_ACTIVE:
        return np.zeros(len(values), dtype=bool)
    low, high = np.quantile(active, (0.25, 0.75))
    reach = _FENCE * max(high - low, 0.02 * high)  # flat spend has no quartiles to speak of
    return (values > high + reach) | ((values > 0) & (values < low - reach))


def _channels(data: CheckInput) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Media columns of the model with empty cells as 0; not the spend beside an exposure column."""
    for column, numbers in data.media.items():
        if column in data.mapping.media_columns:
            yield column, np.nan_to_num(numbers.values)
