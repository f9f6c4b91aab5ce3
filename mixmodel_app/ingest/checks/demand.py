"""Whether spend reacts to the outcome instead of the other way round."""

from collections.abc import Iterator

import numpy as np
from scipy import special

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, words
from mixmodel_app.ingest.series import Array, Series, scaled, season, without
from mixmodel_app.ingest.vocabulary import Name

_LAGS = 2
_OWN_LAGS = 4
_WAVES = 6
_CHANCE = 1e-3  # of one false alarm in a table, shared between its channels
_LOWER_FUNNEL = words(
    """
    search sem ppc brand branded google bing shopping pmax retargeting remarketing affiliate affiliates criteo
    """
)


@check("MM223", severity=Severity.WARNING, title="Spend follows demand")
def spend_follows_demand(data: CheckInput) -> Iterator[Evidence]:
    """Finds channels whose spend rises after the outcome has risen, beyond their own rhythm.

    The outcome of the last two periods must help to predict the spend of this one (a test after Granger, 1969), with
    season, trend and controls taken into account. Demand that moves spend in the same period cannot be seen like this.
    Why it matters: budgets set as a share of sales and paid clicks of people who were about to buy move with demand.
    The model then takes demand for the effect of the channel, whose return looks too high.
    How to fix: add what drives demand as a control (searches for your brand, visits, prices), or run an experiment.
    """
    if data.series is None:
        return
    media = data.series.media
    for column, (chance, rises) in _reactions(data.series, media).items():
        if rises and chance < _CHANCE / len(media):
            yield Evidence(
                f"{column!r} rises after {data.mapping.target_column!r} has risen"
                f"{_why(column, data.mapping.media_columns[column].channel_name)}.",
                column=column,
                hint="Add what drives demand as a control, or run an experiment with this channel.",
                effect="Its return will look too high: demand is taken for its effect.",
            )


def _why(column: str, channel: str) -> str:
    lower = set(Name.of(column).words) | set(Name.of(channel).words)
    return ", as is common for channels that reach people about to buy" if lower & _LOWER_FUNNEL else ""


def _reactions(series: Series, media: dict[str, Array]) -> dict[str, tuple[float, bool]]:
    """By column: the chance that the outcome's past would help this much by accident, and whether spend rises with it.

    Spend is on the log scale, where budgets move by shares. The null has the calendar with short waves, as budgets and
    sales both rise towards Christmas, the controls, the channel's own last four periods and whether it was on in the
    last two, as bursts go on for a while.
    """
    waves = 2 if series.frequency is Frequency.MONTHLY else _WAVES
    controls = [scaled(values) for values in series.controls.values()]
    known = np.column_stack([series.calendar, season(series.dates, waves), *controls])[_OWN_LAGS:]
    past_outcome = _lags(scaled(series.target), _LAGS)
    found: dict[str, tuple[float, bool]] = {}
    for column, values in media.items():
        if not (values > 0).any():
            continue
        spend = scaled(np.log1p(np.maximum(values, 0) / values[values > 0].mean()))
        on = (values > 0).astype(float)
        null = np.column_stack([known, _lags(spend, _OWN_LAGS), _lags(on, _LAGS)])
        found[column] = _helps(null, past_outcome, spend[_OWN_LAGS:])
    return found


def _lags(values: Array, count: int) -> Array:
    """(T − 4, count) the values one to `count` periods earlier."""
    return np.column_stack([values[_OWN_LAGS - lag : len(values) - lag] for lag in range(1, count + 1)])


def _helps(null: Array, more: Array, values: Array) -> tuple[float, bool]:
    """The tail of the F test for adding `more` to a regression, and whether its weights add up to more than 0."""
    rest, columns = without(null, values), without(null, more)
    weights = np.linalg.lstsq(columns, rest, rcond=None)[0]
    after = float(((rest - columns @ weights) ** 2).sum())
    freedom = len(values) - np.linalg.matrix_rank(null) - more.shape[1]
    if freedom < 10 or after <= 0:
        return 1.0, False
    ratio = (float((rest**2).sum()) - after) / more.shape[1] / (after / freedom)
    return float(special.fdtrc(more.shape[1], freedom, max(ratio, 0.0))), bool(weights.sum() > 0)
