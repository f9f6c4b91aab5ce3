"""Whether the outcome holds what no column explains, or a column holds the outcome."""

from collections.abc import Iterator

import numpy as np

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, percent, rows_text
from mixmodel_app.ingest.checks.collinearity import columns_of
from mixmodel_app.ingest.series import Array, Series, scaled, without
from mixmodel_app.wording import numbers as numbers_text

OUTLIER, SHIFT = 5.5, 7.0
_UNKNOWN_BEFORE = 4
_LEAST_STEP = 0.08
_MOST_OUTLIERS = 0.05
_EDGE, _PLACES = 8, 400
_SAME_SEASON = 21
LEAK, SUM = 0.995, 0.99999
GROWTH, ON_A_LINE = 0.4, 0.6


@check("MM220", severity=Severity.WARNING, title="Unusual outcome")
def outliers(data: CheckInput) -> Iterator[Evidence]:
    """Finds periods in which the outcome is far from what season, trend, controls and media let expect.

    Far is five and a half robust standard deviations. Peaks that come back at the same time of another year are season.
    Why it matters: a strike, a viral post or a typing error is given to whatever ran at the time, or hides an effect.
    How to fix: correct errors; if it was an event, mark it, so that the model gives it to the event.
    """
    series = data.series
    if series is None or data.target is None or series.noise == 0:
        return
    places = unusual_periods(series)
    if not places:
        return
    rows = data.rows(int(series.order[place]) for place in places)
    days = [data.day(int(series.order[place])) for place in places]
    told = listing((f"{day}: {_versus(series, place)}" for day, place in zip(days, places, strict=True)), sign="; ")
    few = len(places) <= max(3, _MOST_OUTLIERS * len(series.dates))
    yield Evidence(
        f"{data.target[0]!r} is far from what is usual in {rows_text(rows, len(places))} ({told}).",
        column=data.target[0],
        rows=rows,
        hint="Correct errors. If something happened, mark it as an event.",
        effect="Whatever happened is taken for an effect of the channels that ran at the time.",
        fixes=tuple(fix for day in days for fix in _mark(data, day)) if few else (),
    )


def _mark(data: CheckInput, day: str) -> offer.Offers:
    return offer.mark_event(data, [day], f"event {day}", f"Mark {day} as an event")


def _versus(series: Series, place: int) -> str:
    usual = series.target[place] - series.unexplained[place]
    return f"{series.target[place]:,.0f} instead of about {numbers_text.plain(usual)}"


def unusual_periods(series: Series) -> list[int]:
    """Places in time whose unexplained outcome is far off and does not come back in another year.

    The first four must be twice as far off: what was spent before the table still works in them, and nobody knows it.
    """
    z = series.unexplained / series.noise
    limit = np.where(np.arange(len(z)) < _UNKNOWN_BEFORE, 2 * OUTLIER, OUTLIER)
    far = np.flatnonzero(np.abs(z) > limit).tolist()
    return [place for place in far if not _comes_back(series, z, place)]


def _comes_back(series: Series, z: Array, place: int) -> bool:
    """Whether another year has a deviation of the same sign and at least a third of the size at that time of year."""
    days = series.day_numbers - series.day_numbers[place]
    years = np.round(days / 365.25)
    near = (years != 0) & (np.abs(days - years * 365.25) <= _SAME_SEASON)
    return bool((z[near] * np.sign(z[place]) > np.abs(z[place]) / 3).any())


@check("MM221", severity=Severity.WARNING, title="Sudden change of level")
def level_shift(data: CheckInput) -> Iterator[Evidence]:
    """Finds a period from which the outcome stays on another level, beyond season, trend, controls and media.

    The step must be seven standard errors and 8 % of the outcome, and at least eight periods from either end.
    Why it matters: a new shop, a changed definition or broken tracking looks like the effect of a channel that started
    or stopped about then; a smooth trend can follow a step only slowly.
    How to fix: find out what happened. If the definition changed, correct the figures; else mark the periods from
    there on as an event.
    """
    series = data.series
    if series is None or data.target is None:
        return
    place, size = largest_step(series)
    if place is None:
        return
    row = data.rows([int(series.order[place])])
    since = [data.day(position) for position in series.order[place:].tolist()]
    share = size / _typical(series)
    yield Evidence(
        f"From {since[0]} ({rows_text(row, 1)}) on {data.target[0]!r} is suddenly about {percent(abs(share))} "
        f"{'higher' if size > 0 else 'lower'}, and stays there.",
        column=data.target[0],
        rows=row,
        hint="Find out what changed: a definition, tracking, prices, a new shop.",
        effect="It looks like the effect of a channel that started or stopped about then.",
        fixes=offer.mark_event(
            data, since, f"level since {since[0]}", f"Mark all periods since {since[0]} as an event"
        ),
    )


def _typical(series: Series) -> float:
    return float(np.abs(series.target).mean())


def largest_step(series: Series) -> tuple[int | None, float]:
    """Place and size of the clearest step, or (None, 0) when none is clear and large.

    For each place a regression on calendar, controls, media and a step there; the step with the highest t value counts.
    """
    if len(series.dates) < 2 * _EDGE + 2 or series.noise == 0:
        return None, 0.0
    spaced = np.linspace(_EDGE, len(series.dates) - _EDGE, _PLACES).round().astype(int)
    coarse, _, _ = _best_step(series, np.unique(spaced))
    reach = len(series.dates) // _PLACES + 1
    near = np.arange(coarse - reach, coarse + reach + 1)
    place, t, size = _best_step(series, near[(near >= _EDGE) & (near <= len(series.dates) - _EDGE)])
    large = abs(size) >= _LEAST_STEP * _typical(series)
    return (place, size) if abs(t) >= SHIFT and large else (None, 0.0)


def _best_step(series: Series, places: np.ndarray) -> tuple[int, float, float]:
    """Place, t value and size of the clearest step among these places."""
    basis, _ = np.linalg.qr(series.drivers)
    steps = (np.arange(len(series.dates))[:, None] >= places).astype(float)
    steps -= basis @ (basis.T @ steps)
    left = series.target - basis @ (basis.T @ series.target)
    own = np.maximum((steps**2).sum(axis=0), 1e-9)
    sizes = steps.T @ left / own
    freedom = max(len(left) - series.drivers.shape[1] - 1, 1)
    errors = np.maximum((left @ left) - sizes**2 * own, 0.0) / freedom
    t = sizes / np.sqrt(np.maximum(errors, 1e-12 * series.noise**2) / own)
    best = int(np.argmax(np.abs(t)))
    return int(places[best]), float(t[best]), float(sizes[best])


@check("MM222", severity=Severity.WARNING, title="Looks like an outcome")
def leakage(data: CheckInput) -> Iterator[Evidence]:
    """Finds media and controls that follow the outcome nearly exactly (correlation above 0.995), or add up to it.

    Why it matters: such a column is the outcome in another form, like orders beside revenue or revenue by shop. It
    explains everything, so nothing is left for the channels.
    How to fix: leave the column out, or choose it as the outcome.
    """
    if data.target is None or not np.isfinite(data.target[1].values).all() or data.table.n_rows < 3:
        return
    name, numbers = data.target
    columns = columns_of(data)
    outcome = scaled(numbers.values)
    if not outcome.any() or not columns:
        return
    same = {c: float(np.mean(scaled(v) * outcome)) for c, v in columns.items()}
    copies = {c: r for c, r in same.items() if abs(r) > LEAK}
    for column, correlation in copies.items():
        yield Evidence(
            f"{column!r} follows {name!r} nearly exactly (correlation {_close(correlation)}).",
            column=column,
            hint="Leave it out if it is another form of the outcome.",
            effect="It explains everything, and nothing is left for the channels.",
            fixes=offer.ignore_column(data, column),
        )
    if not copies and (parts := _parts(columns, numbers.values)):
        yield Evidence(
            f"{listing(map(repr, parts))} add up to {name!r}.",
            column=parts[0],
            hint="Leave these columns out: they are the outcome in parts.",
            effect="They explain everything, and nothing is left for the channels.",
            fixes=tuple(fix for column in parts for fix in offer.ignore_column(data, column)),
        )


def _close(correlation: float) -> str:
    return f"{correlation:.3f}" if abs(correlation) < 0.9995 else f"{'over ' if correlation > 0 else 'below −'}0.999"


def _parts(columns: dict[str, Array], outcome: Array) -> list[str]:
    """The columns whose plain sum is the outcome, if there are such: those with weight 1 in a fit without error."""
    matrix = np.column_stack(list(columns.values()))
    if matrix.shape[1] * 2 > len(outcome):
        return []
    design = np.column_stack([matrix, np.ones(len(outcome))])
    if (without(design, outcome) ** 2).sum() > (1 - SUM) * ((outcome - outcome.mean()) ** 2).sum():
        return []
    weights = np.linalg.lstsq(design, outcome, rcond=None)[0][:-1]
    return [column for column, weight in zip(columns, weights, strict=True) if abs(weight - 1) < 0.01]


@check("MM310", severity=Severity.SUGGESTION, title="Strong trend")
def strong_trend(data: CheckInput) -> Iterator[Evidence]:
    """Finds an outcome that grew or fell by over 40 % along a line, without a control that runs with time.

    Why it matters: spend usually grows with a business. A model without a trend gives the growth to the channels.
    How to fix: nothing as long as the trend of the model is on, as it is by default. To switch it off, or to use the
    table elsewhere, add a column for the trend.
    """
    series = data.series
    if series is None or data.target is None:
        return
    time = np.linspace(-0.5, 0.5, len(series.dates))
    line = np.column_stack([np.ones(len(time)), time])
    level, change = np.linalg.lstsq(line, series.target, rcond=None)[0]
    fits = 1 - without(line, series.target).var() / series.target.var() if series.target.var() > 0 else 0.0
    runs = any(abs(np.mean(scaled(values) * scaled(time))) > LEAK for values in series.controls.values())
    if level > 0 and abs(change) > GROWTH * level and fits > ON_A_LINE and not runs:
        yield Evidence(
            f"{data.target[0]!r} {'rose' if change > 0 else 'fell'} by about {percent(abs(change / level))} of its "
            "mean from the first to the last period.",
            column=data.target[0],
            hint="Leave the trend of the model on. Only if you switch it off, add a column for the trend instead.",
            effect="Without a trend, the growth would be given to the channels.",
            fixes=offer.add_trend(data),
        )
