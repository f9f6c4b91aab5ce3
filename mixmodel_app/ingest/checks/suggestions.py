"""Offers that could make a model better."""

from collections.abc import Iterator

import numpy as np

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing
from mixmodel_app.ingest.checks.dates import missing_periods

SKEWED = 2.0


@check("MM301", severity=Severity.SUGGESTION, title="Skewed column")
def skewed_column(data: CheckInput) -> Iterator[Evidence]:
    """Finds positive outcome and control columns with a skewness above 2.

    Why it matters: a few very high values pull a straight-line effect towards themselves. Media need no such step:
    diminishing returns are part of the model.
    How to fix: use the logarithm of the column.
    """
    columns = dict(data.controls)
    if data.target is not None:
        columns[data.target[0]] = data.target[1]
    for column, numbers in columns.items():
        values = numbers.values[np.isfinite(numbers.values)]
        if len(values) > 2 and values.min() > 0 and (skewness := _skewness(values)) > SKEWED:
            yield Evidence(
                f"{column!r} is skewed: a few values are far above the rest (skewness {skewness:.1f}).",
                column=column,
                hint="Try the logarithm of this column.",
                effect="A few very high values pull the estimate towards themselves.",
            )


def _skewness(values: np.ndarray) -> float:
    """Third standardised moment; 0 for a constant."""
    deviation = values - values.mean()
    spread = values.std()
    return float(np.mean(deviation**3) / spread**3) if spread > 0 else 0.0


@check("MM303", severity=Severity.SUGGESTION, title="Fill the date gaps")
def fill_gaps(data: CheckInput) -> Iterator[Evidence]:
    """Offers to add the periods that MM203 found missing.

    Why it matters: the model takes rows as neighbours, so a gap shortens every carryover that reaches over it.
    How to fix: add the missing rows with 0 for media, and fill in their outcome by hand.
    """
    missing = len(missing_periods(data))
    if missing:
        yield Evidence(
            f"Add {missing:,} missing {data.frequency.period}{'s' if missing > 1 else ''}, with 0 for media.",
            column=data.mapping.date_column,
            hint="The outcome of these periods must be filled in by hand.",
            effect="Carryover is then measured over the right time.",
        )


@check("MM304", severity=Severity.SUGGESTION, title="Daily data")
def daily_data(data: CheckInput) -> Iterator[Evidence]:
    """Finds daily data.

    Why it matters: days are noisy and carry a weekly rhythm that is not in the model; weeks are quicker to fit and
    usually tell more.
    How to fix: add the days of each week up, Monday to Sunday; prices, temperatures and rates are averaged.
    """
    if data.frequency is Frequency.DAILY:
        mean = offer.averaged(data.controls)
        yield Evidence(
            "The data are daily; weekly sums usually give a better model.",
            column=data.mapping.date_column,
            hint="Add up each week from Monday to Sunday" + (f"; {listing(mean)} would be averaged." if mean else "."),
            effect="Less noise, no rhythm of weekdays, a faster fit.",
            fixes=offer.roll_up_to_weeks(data, mean),
        )
