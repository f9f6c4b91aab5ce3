"""Whether the effects of columns can be told apart: pairs that move together, and columns that the others explain."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mixmodel_app.domain.dataset import SpendType
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing
from mixmodel_app.ingest.series import scaled

NOTABLE, COLLINEAR, ONE_CHANNEL = 0.8, 0.9, 0.97
VIF_NOTABLE, VIF_HIGH, VIF_EXTREME = 5.0, 10.0, 30.0
_RIDGE = 1e-9  # exact copies have an inflation of hundreds of millions instead of a division by zero


@check("MM205", severity=Severity.WARNING, title="Channels move together")
def collinear_channels(data: CheckInput) -> Iterator[Evidence]:
    """Finds pairs of media columns with a correlation of 0.9 or more; from 0.97 on it offers to join them.

    Why it matters: when two channels always rise and fall together, the data say what both did, not which one did it.
    How to fix: join the two into one channel, or bring in an experiment for one of them.
    """
    for first, second, correlation in _pairs(data):
        if abs(correlation) >= COLLINEAR:
            yield Evidence(
                _together(first, second, correlation),
                column=first,
                hint="Join them into one channel, or run an experiment with one of them.",
                effect="The data tell what both brought together, not which of them did.",
                fixes=_merge(data, first, second) if correlation >= ONE_CHANNEL else (),
            )


@check("MM307", severity=Severity.SUGGESTION, title="Channels often move together")
def related_channels(data: CheckInput) -> Iterator[Evidence]:
    """Finds pairs of media columns with a correlation from 0.8 up to 0.9.

    Why it matters: the two are planned alike, so their ranges will be wider than those of other channels.
    How to fix: vary one of them on its own for some periods, or bring in an experiment for one of them.
    """
    for first, second, correlation in _pairs(data):
        if NOTABLE <= abs(correlation) < COLLINEAR:
            yield Evidence(
                _together(first, second, correlation),
                column=first,
                hint="Vary one of them on its own for some periods.",
                effect="The split between the two will be less certain than their sum.",
            )


def _together(first: str, second: str, correlation: float) -> str:
    how = "rise and fall together" if correlation > 0 else "move against each other: one rises when the other falls"
    return f"{first!r} and {second!r} {how} (correlation {correlation:.2f})."


@check("MM219", severity=Severity.WARNING, title="Explained by other columns")
def inflated(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns whose variance inflation factor (VIF) is above 10: the others predict over 90 % of their changes.

    Why it matters: pairs may look harmless while several channels together, or channels and a control, say the same.
    The range of such a column is more than three times as wide (the root of the factor) as it could be.
    How to fix: join channels that are planned together, or leave out a control that repeats what channels say.
    """
    yield from _inflation(data, VIF_HIGH, np.inf)


@check("MM308", severity=Severity.SUGGESTION, title="Partly explained by other columns")
def rather_inflated(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns whose variance inflation factor (VIF) is above 5 and not above 10.

    Why it matters: the others predict over 80 % of their changes, so that their ranges are twice as wide as they could
    be.
    How to fix: nothing at once; vary these channels independently in the next plan.
    """
    yield from _inflation(data, VIF_NOTABLE, VIF_HIGH)


def _inflation(data: CheckInput, above: float, up_to: float) -> Iterator[Evidence]:
    """One finding for all columns in a band, as they explain each other."""
    found = {column: vif for column, vif in vifs(columns_of(data)).items() if above < vif <= up_to}
    if not found:
        return
    worst = max(found, key=lambda column: found[column])
    listed = listing(
        f"{column!r} (VIF {_factor(vif)})" for column, vif in sorted(found.items(), key=lambda item: -item[1])
    )
    yield Evidence(
        f"The other columns predict most of what {listed} {'does' if len(found) == 1 else 'do'}.",
        column=worst,
        hint="Join channels that are planned together, or leave out a control that repeats them.",
        effect="Their effects can hardly be told apart."
        if found[worst] > VIF_EXTREME
        else f"The ranges of their effects are up to {np.sqrt(found[worst]):.0f} times as wide as they could be.",
        fixes=tuple(fix for column in found if column in data.controls for fix in offer.ignore_column(data, column)),
    )


def _factor(vif: float) -> str:
    return f"{vif:.0f}" if vif < 1000 else "over 1,000"


def columns_of(data: CheckInput) -> dict[str, NDArray[np.float64]]:
    """Media and controls as the model gets them, one row per row of the table, without constants.

    The spend columns beside exposure columns are not in the model, so they are not here.
    """
    media = {c: np.nan_to_num(n.values) for c, n in data.media.items() if c in data.mapping.media_columns}
    controls = {c: _filled(n.values) for c, n in data.controls.items()}
    return {c: values for c, values in (media | controls).items() if len(values) > 2 and np.ptp(values) > 0}


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.0)


def correlations(columns: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """(N, N) Pearson correlations of columns that vary."""
    z = np.column_stack([scaled(values) for values in columns.values()])
    return np.clip(z.T @ z / len(z), -1.0, 1.0)


def vifs(columns: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    """Variance inflation factors, 1 ÷ (1 − R²) of each column on the others: the diagonal of the inverse correlations.

    Nothing when there are as many columns as rows, where every column is explained by chance.
    """
    if len(columns) < 2 or len(columns) >= len(next(iter(columns.values()))) - 1:
        return {}
    inverse = np.linalg.inv(correlations(columns) + _RIDGE * np.eye(len(columns)))
    return dict(zip(columns, np.diag(inverse).tolist(), strict=True))


def _pairs(data: CheckInput) -> Iterator[tuple[str, str, float]]:
    """Pairs of media columns from 0.8 on, either sign, in the order of the columns."""
    media = {column: values for column, values in columns_of(data).items() if column in data.mapping.media_columns}
    if len(media) < 2:
        return
    names, matrix = list(media), correlations(media)
    for i, k in zip(*np.nonzero(np.triu(np.abs(matrix) >= NOTABLE, 1)), strict=True):
        yield names[i], names[k], float(matrix[i, k])


def _merge(data: CheckInput, *columns: str) -> offer.Offers:
    """Money may be added up; impressions and clicks of different channels may not."""
    entries = [data.mapping.media_columns[column] for column in columns]
    if any(entry.spend_type is not SpendType.SPEND for entry in entries):
        return ()
    return offer.merge_channels(data, columns, " + ".join(entry.channel_name for entry in entries))
