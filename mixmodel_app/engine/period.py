"""The results of some periods only, from the joint draws and the stored decomposition.

What belongs to a period. *Contributions*, the decomposition and the total are what arrived in it, the carryover of
earlier spend included, so that they add up to the outcome of the period. *Returns* are of the money spent in it:

    caused[s, c] = Σ_t [ f(rest[t] + own[t]) − f(rest[t]) ] · height[s, c]
    roas         = caused ÷ spend of the period
    marginal     = Σ_t f'(rest[t] + own[t]) · own[t] · height ÷ spend of the period

with `own` the adstock of the period's media and `rest` that of all other media, both in the notation of
`domain.curves`. t runs from the first period to L − 1 after the last, so that what arrives later counts too, also
after the end of the data. Over all data the stored results are used, which count to the last date of the data.

Medians and ranges come from the some 500 joint draws, means from the stored decomposition. Parameters, health and the
fit to the data are those of the whole fit: a period has no model of its own.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mixmodel_app.domain.curves import Array, ResponseDraws, lagged, saturate, saturation_slope
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.domain.period import Span
from mixmodel_app.domain.results import ChannelResult, Decomposition, Fit, Learning, ModelResults
from mixmodel_app.engine.estimates import estimate
from mixmodel_app.wording.stored import OVER_ALL


@dataclass(frozen=True)
class ChannelPeriod:
    """One channel over some periods: `own` and `rest` (S, K), see the module; `spend` in money.

    `params` are (S, 1) each, `height` is (S,) in units of the target, `size` the number of periods.
    """

    kind: str
    params: dict[str, Array]
    height: Array
    own: Array
    rest: Array
    spend: float
    size: int

    @cached_property
    def _level(self) -> Array:
        return saturate(self.kind, self.params, self.rest + self.own)

    @cached_property
    def arrived(self) -> Array:
        """(S,) contribution that fell into the periods, whenever its money was spent."""
        return self.height * self._level[:, : self.size].sum(axis=1)

    @cached_property
    def caused(self) -> Array:
        """(S,) contribution of the money spent in the periods, whenever it arrived."""
        return self.height * (self._level - saturate(self.kind, self.params, self.rest)).sum(axis=1)

    def marginal(self, times: Array | float = 1.0) -> Array:
        """(S,) return on the next 1, spent in the pattern of the periods at `times` its size, one for all or (S,)."""
        own = np.atleast_1d(times)[:, None] * self.own
        slope = saturation_slope(self.kind, self.params, self.rest + own)
        return self.height * (slope * self.own).sum(axis=1) / self.spend


def channel_periods(draws: ResponseDraws, span: Span) -> list[ChannelPeriod]:
    """Every channel over the periods, in the order of the draws.

    Raises:
        Conflict: the draws are of an older version that kept no media, and some channel is not in money.
    """
    media = _media(draws)
    return [_channel_period(draws, media, span, index) for index in range(len(draws.channels))]


def is_priced(draws: ResponseDraws) -> np.ndarray:
    """(C,) whether a return can be spoken of: the cost of a unit is known and money was spent."""
    return np.isfinite(draws.unit_cost) & draws.spend.any(axis=0)


def over_period(results: ModelResults, draws: ResponseDraws, span: Span) -> ModelResults:
    """The results of `span` alone; everything that is not about a period stays as it is.

    Raises:
        Conflict: as `channel_periods`.
    """
    if span.is_all:
        return results
    parts = _sliced(results.decomposition, span.rows)
    channels = channel_periods(draws, span)
    spend_of_all = sum(channel.spend for channel in channels)
    effect_of_all = sum(sum(series) for series in parts.channels.values())
    priced = is_priced(draws)
    returning = [channel for channel, known in zip(channels, priced, strict=True) if known and channel.spend]
    spent = sum(channel.spend for channel in returning)
    return replace(
        results,
        n_periods=span.size,
        date_start=results.fit.dates[span.first],
        date_end=results.fit.dates[span.last],
        total_spend=spend_of_all,
        total_target=sum(results.fit.actual[span.rows]),
        blended_roas=estimate(np.sum([each.caused for each in returning], axis=0) / spent) if spent else None,
        channels=[
            _result(stored, channel, bool(known), parts, spend_of_all, effect_of_all)
            for stored, channel, known in zip(results.channels, channels, priced, strict=True)
        ],
        decomposition=parts,
        fit=_sliced_fit(results.fit, span.rows),
    )


def with_payback(results: ModelResults, draws: ResponseDraws, span: Span, needed: float | None) -> ModelResults:
    """The results of `span` with the probability that each channel returned at least `needed`, None where unknown.

    Raises:
        Conflict: as `channel_periods`.
    """
    if needed is None:
        return without_payback(results)
    chances = [
        _chance(channel, needed, whole=span.is_all) if stored.roas is not None and channel.spend else None
        for stored, channel in zip(results.channels, channel_periods(draws, span), strict=True)
    ]
    channels = [
        replace(channel, probability_pays_back=chance)
        for channel, chance in zip(results.channels, chances, strict=True)
    ]
    return replace(results, channels=channels)


def without_payback(results: ModelResults) -> ModelResults:
    """The results where it is not known what paying back would be."""
    return replace(results, channels=[replace(channel, probability_pays_back=None) for channel in results.channels])


def _chance(channel: ChannelPeriod, needed: float, *, whole: bool) -> float:
    """Over all data what arrived counts, as in the stored returns."""
    effect = channel.arrived if whole else channel.caused
    return float((effect > needed * channel.spend).mean())


def knows_media(draws: ResponseDraws) -> bool:
    """Whether single periods can be computed: draws of older versions tell media only where they are money."""
    return draws.media is not None or bool(((draws.unit_cost == 1) | (draws.beta == 0).all(axis=0)).all())


def _media(draws: ResponseDraws) -> Array:
    if knows_media(draws):
        return draws.spend if draws.media is None else draws.media
    raise Conflict(
        "This run was fitted by an older version that did not keep impressions and clicks; its returns are known for "
        "all data only.",
        hint="Run the model again to look at single periods.",
    )


def _channel_period(draws: ResponseDraws, media: Array, span: Span, index: int) -> ChannelPeriod:
    after = draws.n_lags - 1
    series = np.concatenate([media[:, index] / draws.media_scale[index], np.zeros(after)])
    within = np.zeros(len(series), dtype=bool)
    within[span.rows] = True
    shown = slice(span.first, span.last + 1 + after)
    weights = draws.weights[:, index]
    return ChannelPeriod(
        kind=draws.saturation,
        params={name: values[:, index, None] for name, values in draws.params.items()},
        height=draws.target_scale * draws.beta[:, index],
        own=weights @ lagged(np.where(within, series, 0.0), draws.n_lags)[:, shown],
        rest=weights @ lagged(np.where(within, 0.0, series), draws.n_lags)[:, shown],
        spend=float(np.nan_to_num(draws.spend[span.rows, index]).sum()),
        size=span.size,
    )


def _result(
    stored: ChannelResult,
    channel: ChannelPeriod,
    priced: bool,
    parts: Decomposition,
    spend_of_all: float,
    effect_of_all: float,
) -> ChannelResult:
    effect = sum(parts.channels[stored.name])
    roas = channel.caused / channel.spend if priced and channel.spend else None
    curve = stored.saturation
    return replace(
        stored,
        spend=channel.spend,
        share_of_spend=channel.spend / spend_of_all if spend_of_all else 0.0,
        share_of_effect=effect / effect_of_all if effect_of_all else 0.0,
        contribution=replace(estimate(channel.arrived), mean=effect),
        roas=None if roas is None else estimate(roas),
        marginal_roas=None if roas is None else estimate(channel.marginal()),
        probability_pays_back=None,
        saturation=None if curve is None else replace(curve, current=channel.spend / channel.size),
        learning=_of_all_data(stored.learning),
        headroom=None,
    )


def _of_all_data(learning: Learning | None) -> Learning | None:
    """What was learned, was learned from all data: its ranges are not those of the period."""
    if learning is None:
        return None
    return replace(learning, evidence=f"{OVER_ALL}{learning.evidence}")


def _sliced(parts: Decomposition, rows: slice) -> Decomposition:
    return Decomposition(
        intercept=parts.intercept[rows],
        trend=parts.trend[rows],
        seasonality=parts.seasonality[rows],
        controls={name: series[rows] for name, series in parts.controls.items()},
        channels={name: series[rows] for name, series in parts.channels.items()},
        unexplained=parts.unexplained[rows],
    )


def _sliced_fit(fit: Fit, rows: slice) -> Fit:
    """The series of the periods; R² and MAPE stay those of the whole fit."""
    return replace(
        fit,
        dates=fit.dates[rows],
        actual=fit.actual[rows],
        mean=fit.mean[rows],
        predicted=fit.predicted.sliced(rows),
        residuals=fit.residuals[rows],
    )
