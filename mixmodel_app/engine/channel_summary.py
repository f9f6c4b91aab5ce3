"""The figures of one channel: returns, response curve and carryover, from posterior draws."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mixmodel_app.domain.curves import Array, saturate
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.results import AdstockCurve, ChannelResult, Estimate, Learning, SaturationCurve
from mixmodel_app.engine.estimates import band, estimate
from mixmodel_app.engine.summarise import Summary
from mixmodel_app.engine.transforms import half_life
from mixmodel_app.engine.types import ModelDraws, PreparedData

_CURVE_POINTS = 41
_CURVE_REACH = 1.5


def channel_results(
    summary: Summary, draws: ModelDraws, data: PreparedData, learning: Sequence[Learning | None] = ()
) -> list[ChannelResult]:
    """One `ChannelResult` per channel, in the order of the mapping, with what was learned of it where that is given."""
    found = [_channel(summary, draws, data, index) for index in range(len(data.channels))]
    return [replace(channel, learning=own) for channel, own in zip(found, learning, strict=True)] if learning else found


def blended_roas(summary: Summary, data: PreparedData) -> Estimate | None:
    """Contribution of all channels with known spend ÷ that spend; None where there is none."""
    priced = _priced(data)
    spend = float(data.spend[:, priced].sum())
    if not spend:
        return None
    return estimate(np.sum([summary.channels[i].total for i in np.flatnonzero(priced)], axis=0) / spend)


def _priced(data: PreparedData) -> np.ndarray:
    """(C,) whether a channel was on and its cost is known: only then is there a return to speak of."""
    return data.used & ~np.isnan(data.unit_cost) & data.spend.any(axis=0)


def _channel(summary: Summary, draws: ModelDraws, data: PreparedData, index: int) -> ChannelResult:
    channel, spend = summary.channels[index], float(data.spend[:, index].sum())
    effect_of_all = float(sum(each.total.mean() for each in summary.channels))
    spend_of_all = float(data.spend.sum())
    priced = bool(_priced(data)[index])
    roas = channel.total / spend if priced else None
    return ChannelResult(
        column=data.channel_columns[index],
        name=data.channels[index],
        spend=spend,
        share_of_spend=spend / spend_of_all if spend_of_all else 0.0,
        share_of_effect=float(channel.total.mean()) / effect_of_all if effect_of_all else 0.0,
        contribution=estimate(channel.total),
        roas=None if roas is None else estimate(roas),
        marginal_roas=estimate(channel.marginal / spend) if priced else None,
        probability_pays_back=_chance(roas, data.mapping.target_kind),
        saturation=_saturation_curve(draws, data, index) if priced else None,
        adstock=_adstock_curve(draws.weights[:, index]),
    )


def _chance(roas: Array | None, outcome: OutcomeKind) -> float | None:
    """Of returning more than 1; a count has no such point."""
    return None if roas is None or outcome is OutcomeKind.COUNT else float((roas > 1).mean())


def _saturation_curve(draws: ModelDraws, data: PreparedData, index: int) -> SaturationCurve:
    highest = float(data.media[:, index].max() * data.unit_cost[index])
    spend = np.linspace(0, _CURVE_REACH * highest, _CURVE_POINTS)
    exposure = spend / data.unit_cost[index] / data.media_scale[index]
    params = {name: values[:, index, None] for name, values in draws.params.items()}
    response = data.target_scale * draws.beta[:, index, None] * saturate(draws.saturation, params, exposure)
    return SaturationCurve(
        spend=spend.tolist(), response=band(response), current=_current_spend(data, index), observed_max=highest
    )


def _current_spend(data: PreparedData, index: int) -> float:
    """Mean spend per period of the last quarter of the data, which counts as one year at most."""
    window = min(max(data.n_periods // 4, 1), data.frequency.periods_per_year)
    return float(data.spend[-window:, index].mean())


def _adstock_curve(weights: Array) -> AdstockCurve:
    return AdstockCurve(lag=list(range(weights.shape[1])), effect=band(weights), half_life=estimate(half_life(weights)))
