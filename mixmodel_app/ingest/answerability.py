"""Whether a table can answer the question, from the table and its mapping alone: no fit, some milliseconds.

The measure is *strength*: how large an effect of usual size would be against the uncertainty that least squares would
leave on it,

    strength[c] = ‖r[c]‖ ÷ noise,

where r[c] is the channel's usual effect over time without what season, trend, controls and the other channels also
explain, and noise is the standard deviation of the outcome's unexplained part. The usual effect is what the channel
would bring if media brought a fifth of the outcome and all money worked alike; so it is free of units, and a channel
without known spend counts as an average one. `benchmarks/answerability.py` compares the verdicts with what fits learn.
"""

from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.answerability import Answerability, ChannelAnswer, Glance, History, Verdict
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.ingest.checks._base import CheckInput
from mixmodel_app.ingest.checks.channels import LEAST_ACTIVE
from mixmodel_app.ingest.checks.collinearity import NOTABLE, columns_of, correlations
from mixmodel_app.ingest.checks.power import parameter_count
from mixmodel_app.ingest.checks.values import LEAST_VARIATION
from mixmodel_app.ingest.series import Array, Series, carried, scaled, without
from mixmodel_app.ingest.table import Table
from mixmodel_app.wording import answerability as wording

MEDIA_SHARE = 0.2
LEARNED, PARTLY = 4.0, 2.0
_MOSTLY_SHARED, _LITTLE_OWN = 0.4, 0.25
_DIGITS = 4


def answerability(table: Table, mapping: ColumnMapping) -> Answerability | None:
    """What these data can tell, or None while errors (dates, outcome, fewer than 26 periods) stand in the way."""
    data = CheckInput(table, mapping)
    series = data.series
    media = [column for column in mapping.media_columns if column in data.numbers]
    if series is None or not media:
        return None
    history = History(
        periods=len(series.dates),
        period=series.frequency.period,
        years=round(series.years, 2),
        parameters=parameter_count(len(media), len(data.controls)),
    )
    glance, groups = _glance(data, series, media), _groups(data)
    channels = tuple(_answer(data, series, movement, groups) for movement in _movements(data, series, media))
    names = {verdict: [c.channel for c in channels if c.verdict is verdict] for verdict in Verdict}
    summary = wording.summary(
        history.periods,
        history.period,
        history.years,
        names[Verdict.LEARNED],
        names[Verdict.PARTLY],
        names[Verdict.ASSUMED],
    )
    return Answerability(summary, history, channels, groups, glance)


@dataclass(frozen=True, slots=True)
class _Movement:
    """How a channel moves; see `ChannelAnswer` for the parts."""

    column: str
    active: int
    variation: float
    contrast: float
    separable: float
    strength: float


def _movements(data: CheckInput, series: Series, media: list[str]) -> list[_Movement]:
    controls = [scaled(values) for values in series.controls.values()]
    known = np.column_stack([series.calendar, *controls])
    effects = {column: _usual_effect(data, series, column, len(media)) for column in media}
    return [_movement(series, column, effects, known) for column in media]


def _usual_effect(data: CheckInput, series: Series, column: str, n_channels: int) -> Array:
    """(T,) in units of the outcome: the channel's part of a fifth of the outcome, by its share of all money."""
    values = carried(series.media[column])
    totals = {name: float(spend.sum()) for name, spend in data.spend.items()}
    name, every = data.mapping.media_columns[column].channel_name, sum(totals.values())
    share = totals[name] / every if name in totals and every > 0 else 1 / n_channels
    whole = MEDIA_SHARE * float(np.abs(series.target).sum()) * share
    return whole * values / values.sum() if values.sum() > 0 else np.zeros_like(values)


def _movement(series: Series, column: str, effects: dict[str, Array], known: Array) -> _Movement:
    values, effect = series.media[column], effects[column]
    others = [scaled(other) for name, other in effects.items() if name != column]
    own = without(known, effect)
    alone = without(np.column_stack([known, *others]), effect)
    spread = float(((effect - effect.mean()) ** 2).sum())
    return _Movement(
        column=column,
        active=int((values > 0).sum()),
        variation=round(float(values.std() / values.mean()), _DIGITS) if values.any() else 0.0,
        contrast=round(float((own**2).sum()) / spread, _DIGITS) if spread > 0 else 0.0,
        separable=round(float((alone**2).sum()) / spread, _DIGITS) if spread > 0 else 0.0,
        strength=round(float(np.sqrt((alone**2).sum())) / max(series.noise, 1e-12 * series.target.std()), 2)
        if spread > 0
        else 0.0,
    )


def _answer(
    data: CheckInput, series: Series, movement: _Movement, groups: tuple[tuple[str, ...], ...]
) -> ChannelAnswer:
    name = data.mapping.media_columns[movement.column].channel_name
    verdict = _verdict(movement)
    return ChannelAnswer(
        channel=name,
        column=movement.column,
        verdict=verdict,
        reason=_reason(name, movement, verdict, series.frequency.period, groups),
        active=movement.active,
        variation=movement.variation,
        contrast=movement.contrast,
        separable=movement.separable,
        strength=movement.strength,
    )


def _verdict(movement: _Movement) -> Verdict:
    if movement.active < LEAST_ACTIVE or movement.variation == 0 or movement.strength < PARTLY:
        return Verdict.ASSUMED
    flat = movement.variation < LEAST_VARIATION
    return Verdict.PARTLY if flat or movement.strength < LEARNED else Verdict.LEARNED


def _reason(name: str, movement: _Movement, verdict: Verdict, period: str, groups: tuple[tuple[str, ...], ...]) -> str:
    """The most telling cause first: what was never there, then what looks like something else, then the noise."""
    if verdict is Verdict.LEARNED:
        return wording.clear(name, movement.active, period)
    if movement.active == 0:
        return wording.never_on(name)
    if movement.active < LEAST_ACTIVE:
        return wording.rarely_on(name, movement.active, period)
    if movement.variation < LEAST_VARIATION:
        return wording.flat(name, movement.variation)
    others = [other for group in groups if name in group for other in group if other != name]
    if others:
        return wording.moves_with(name, others)
    if movement.contrast < _LITTLE_OWN:
        return wording.follows_calendar(name, movement.contrast)
    if movement.separable < _MOSTLY_SHARED * movement.contrast:
        return wording.moves_with(name, ["the other channels"])
    return wording.drowned(name) if verdict is Verdict.ASSUMED else wording.near_noise(name)


def _groups(data: CheckInput) -> tuple[tuple[str, ...], ...]:
    """Channels linked by correlations of 0.8 or more, directly or through others; largest group first."""
    media = {c: values for c, values in columns_of(data).items() if c in data.mapping.media_columns}
    if len(media) < 2:
        return ()
    linked = np.abs(correlations(media)) >= NOTABLE
    for _ in range(len(media).bit_length()):  # paths twice as long each time
        linked = linked @ linked
    names = [data.mapping.media_columns[column].channel_name for column in media]
    found = dict.fromkeys(tuple(name for name, on in zip(names, row, strict=True) if on) for row in linked)
    return tuple(sorted((group for group in found if len(group) > 1), key=len, reverse=True))


def _glance(data: CheckInput, series: Series, media: list[str]) -> Glance:
    columns, entries = columns_of(data), data.mapping.media_columns
    names = tuple(entries[column].channel_name if column in entries else column for column in columns)
    return Glance(
        dates=tuple(str(day.date()) for day in series.dates),
        target=tuple(series.target.tolist()),
        media={entries[column].channel_name: tuple(series.media[column].tolist()) for column in media},
        units={entries[column].channel_name: entries[column].spend_type.value for column in media},
        columns=names,
        correlation=tuple(tuple(row) for row in correlations(columns).round(_DIGITS).tolist()) if columns else (),
    )
