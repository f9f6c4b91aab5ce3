"""When does the effect of spend arrive? One panel per channel with the share by lag."""

from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import share_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.ranges import range_columns, rows_of
from mixmodel_app.charts.text import period_words, short, subtitle
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.results import AdstockCurve, ChannelResult, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import likely_range


@chart("adstock_curves", views=("manager",), order=70)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Share of the effect that arrives 0, 1, 2 … periods after the spend; all panels share one scale."""
    figure, height = _figure(results)
    slowest = max(results.channels, key=lambda channel: channel.adstock.half_life.median)
    weeks = period_words(results)
    half_life = slowest.adstock.half_life
    return ChartView(
        key="adstock_curves",
        title=f"{slowest.name} works longest" if len(results.channels) > 1 else f"How long {slowest.name} works",
        subtitle=subtitle(results, f"Share of effect by {weeks} after the spend", ranged=True),
        figure=figure,
        takeaway=f"Half of the effect of {slowest.name} has arrived after {_one_decimal(half_life.median)} {weeks} "
        f"({likely_range(half_life, _one_decimal)}).",
        table=_table(results, options),
        height=height,
    )


def _figure(results: ModelResults) -> tuple[go.Figure, int]:
    figure, height = marks.small_multiples([short(channel.name) for channel in results.channels])
    styles = theme.channel_styles(results)
    for index, channel in enumerate(results.channels):
        place = marks.panel(index, len(results.channels))
        for trace in _traces(channel.adstock, styles[channel.name]):
            figure.add_trace(trace, **place)
        _half_life_note(figure, channel, period_words(results), place)
    top = max(value for channel in results.channels for value in channel.adstock.effect.hi)
    figure.update_yaxes(value_axis(0, top, share_ticks, ticks=4) | {"range": [0, 1.35 * top]})
    figure.update_xaxes(nticks=6, tickformat="d")
    figure.update_layout(bargap=0.35)
    return figure, height


def _traces(curve: AdstockCurve, style: ChannelStyle) -> list[go.Bar | go.Scatter]:
    """Median bars, with the range as thin and that of 50 % as thick lines."""
    effect = curve.effect
    texts = [
        f"after {lag}: {numbers.percent(median)} ({numbers.value_range(lo, hi, numbers.percent)})"
        for lag, median, lo, hi in zip(curve.lag, effect.median, effect.lo, effect.hi, strict=True)
    ]
    bars = go.Bar(
        x=curve.lag,
        y=effect.median,
        marker={"color": theme.alpha(style.colour, 0.45), "line": {"color": style.colour, "width": 1}},
        hovertext=texts,
        hoverinfo="text",
    )
    return [
        bars,
        _whiskers(curve.lag, effect.lo, effect.hi, style.colour, 1.5),
        _whiskers(curve.lag, effect.lo50, effect.hi50, style.colour, 4),
    ]


def _whiskers(lags: list[int], low: list[float], high: list[float], colour: str, width: float) -> go.Scatter:
    """Vertical lines at each lag as one trace, broken by gaps."""
    x = [value for lag in lags for value in (lag, lag, None)]
    y = [value for pair in zip(low, high, strict=True) for value in (*pair, None)]
    return go.Scatter(x=x, y=y, mode="lines", line={"color": colour, "width": width}, hoverinfo="skip")


def _half_life_note(figure: go.Figure, channel: ChannelResult, weeks: str, place: dict[str, Any]) -> None:
    text = f"half-life {_one_decimal(channel.adstock.half_life.median)} {weeks}"
    figure.add_annotation(
        text=text, x=1, y=1, xref="x domain", yref="y domain", xanchor="right", yanchor="top", **place
    )


def _one_decimal(value: float) -> str:
    return numbers.decimal(value, 1)


def _table(results: ModelResults, options: ChartOptions) -> ChartTable:
    rows = [
        (channel.name, lag, *row)
        for channel in results.channels
        for lag, row in zip(channel.adstock.lag, rows_of(channel.adstock.effect), strict=True)
    ]
    return ChartTable(
        columns=(
            Column("Channel"),
            Column(f"{period_words(results).capitalize()} after the spend", Format.COUNT),
            Column("Share of effect (median)", Format.PERCENT),
            *range_columns(results.level, Format.PERCENT),
        ),
        rows=tuple(rows),
    )
