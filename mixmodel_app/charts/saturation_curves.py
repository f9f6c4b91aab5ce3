"""What does each level of spend bring in? One panel per channel, dashed and shaded where data end."""

from bisect import bisect_right
from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import money_ticks, outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.ranges import no_ends, range_columns, rows_of
from mixmodel_app.charts.text import hover, period_word, subtitle
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.results import ModelResults, SaturationCurve
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Cell, Format

_QUESTION = "What would more spend bring in?"
_NEARLY_FULL = 0.8  # share of the highest observed contribution from which a channel counts as saturated
_SHADE: dict[str, Any] = {"fillcolor": theme.alpha(theme.NEUTRAL, 0.15), "line_width": 0, "layer": "below"}


@chart("saturation_curves", views=("manager",), order=60)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Contribution per period at each steady spend per period; each panel has its own scales."""
    curves = {channel.name: channel.saturation for channel in results.channels if channel.saturation is not None}
    word = period_word(results)
    metric = f"Contribution by spend per {word}, mark = {_now(options)}, shaded = not observed"
    title, takeaway = _finding(curves, word, options)
    if curves:
        figure, height = _figure(results, curves, options)
    else:
        figure, height = marks.message_figure(takeaway), theme.SMALL
    return ChartView(
        key="saturation_curves",
        title=title,
        subtitle=subtitle(results, metric, ranged=True),
        figure=figure,
        takeaway=takeaway,
        table=_table(curves, options, word, results.level),
        height=height,
    )


def current_point(curve: SaturationCurve) -> tuple[float, float]:
    """Today's spend and the median contribution there, interpolated on the curve."""
    right = min(max(bisect_right(curve.spend, curve.current), 1), len(curve.spend) - 1)
    (x0, x1), (y0, y1) = curve.spend[right - 1 : right + 1], curve.response.median[right - 1 : right + 1]
    weight = (curve.current - x0) / (x1 - x0) if x1 > x0 else 0.0
    return curve.current, y0 + weight * (y1 - y0)


def used_share(curve: SaturationCurve) -> float:
    """How much of the contribution at the highest observed spend today's spend already brings, 0 to 1."""
    highest = current_point(SaturationCurve(curve.spend, curve.response, curve.observed_max, curve.observed_max))[1]
    return current_point(curve)[1] / highest if highest else 0.0


def _now(options: ChartOptions) -> str:
    """Where a channel stands on its curve."""
    return "mean spend of the period" if options.is_part else "today's spend"


def _figure(results: ModelResults, curves: dict[str, SaturationCurve], options: ChartOptions) -> tuple[go.Figure, int]:
    figure, height = marks.small_multiples(list(curves))
    styles = theme.channel_styles(results)
    for index, (name, curve) in enumerate(curves.items()):
        place = marks.panel(index, len(curves))
        for trace in _traces(name, curve, styles[name], options):
            figure.add_trace(trace, **place)
        figure.add_vrect(x0=curve.observed_max, x1=curve.spend[-1], **_SHADE, **place)
        figure.update_xaxes(value_axis(0, curve.spend[-1], money_ticks, ticks=3), **place)
        figure.update_yaxes(value_axis(0, 1.02 * max(curve.response.hi), outcome_ticks, ticks=3), **place)
    return figure, height


def _traces(name: str, curve: SaturationCurve, style: ChannelStyle, options: ChartOptions) -> list[go.Scatter]:
    """Ribbons, the median solid up to the highest observed spend and dashed beyond, and today's point."""
    cut = bisect_right(curve.spend, curve.observed_max)
    return [
        *marks.ribbons(curve.spend, curve.response, style.colour),
        _line(name, curve, slice(None, cut), style, "solid"),
        _line(name, curve, slice(max(cut - 1, 0), None), style, "dash"),
        _today(name, curve, style, options),
    ]


def _line(name: str, curve: SaturationCurve, piece: slice, style: ChannelStyle, dash: str) -> go.Scatter:
    x, y = curve.spend[piece], curve.response.median[piece]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": style.colour, "width": 2, "dash": dash},
        hovertext=[_hover(name, "spend", *point) for point in zip(x, y, strict=True)],
        hoverinfo="text",
    )


def _today(name: str, curve: SaturationCurve, style: ChannelStyle, options: ChartOptions) -> go.Scatter:
    x, y = current_point(curve)
    text = _hover(name, _now(options), x, y)
    marker = marks.hollow(style, 10)
    return go.Scatter(x=[x], y=[y], mode="markers", marker=marker, hovertext=text, hoverinfo="text", cliponaxis=False)


def _hover(name: str, what: str, spend: float, effect: float) -> str:
    return hover(name, f"{what} {numbers.money(spend)}", f"brings {numbers.outcome(effect)}")


def _finding(curves: dict[str, SaturationCurve], word: str, options: ChartOptions) -> tuple[str, str]:
    if not curves:
        return _QUESTION, "No channel has spend to draw a curve from."
    fullest = max(curves, key=lambda name: used_share(curves[name]))
    used = used_share(curves[fullest])
    x, y = current_point(curves[fullest])
    spend = f"the period's mean of {numbers.money(x)}" if options.is_part else (f"today's {numbers.money(x)}")
    rank = f"{fullest} has the least room left" if len(curves) > 1 else fullest
    return (
        f"{fullest} is close to the most it was seen to bring" if used >= _NEARLY_FULL else _QUESTION,
        f"{rank}: {spend} per {word} brings in {numbers.with_things(numbers.outcome(y))}, "
        f"{numbers.percent(used)} of what its highest spend so far would bring.",
    )


def _table(curves: dict[str, SaturationCurve], options: ChartOptions, word: str, level: float) -> ChartTable:
    rows: list[tuple[Cell, ...]] = []
    for name, curve in curves.items():
        band = curve.response
        rows.append((name, _now(options), *current_point(curve), *no_ends(band.level)))
        rows += [
            (name, "observed" if spend <= curve.observed_max else "not observed", spend, *row)
            for spend, row in zip(curve.spend, rows_of(band), strict=True)
        ]
    return ChartTable(
        columns=(
            Column("Channel"),
            Column("Region"),
            Column(f"Spend per {word}", Format.MONEY),
            Column("Contribution (median)", Format.OUTCOME),
            *range_columns(level, Format.OUTCOME),
        ),
        rows=tuple(rows),
    )
