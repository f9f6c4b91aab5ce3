"""What does each level of spend bring in? One panel per channel, dashed and shaded where data end."""

from bisect import bisect_right
from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import money_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, period_word, subtitle
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.results import ModelResults, SaturationCurve
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Cell, Format
from mixmodel_app.wording.uncertainty import LEVEL

_NOTE = "mark = today's spend, shaded = not observed"
_QUESTION = "What would more spend bring in?"
_NEARLY_FULL = 0.8  # share of the highest observed contribution from which a channel counts as saturated
_SHADE: dict[str, Any] = {"fillcolor": theme.alpha(theme.NEUTRAL, 0.15), "line_width": 0, "layer": "below"}


@chart("saturation_curves", views=("manager",), order=60)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Contribution per period at each steady spend per period; each panel has its own scales."""
    curves = {channel.name: channel.saturation for channel in results.channels if channel.saturation is not None}
    word = period_word(results)
    title, takeaway = _finding(curves, word, options.currency)
    if curves:
        figure, height = _figure(results, curves, options.currency)
    else:
        figure, height = marks.message_figure(takeaway), theme.SMALL
    return ChartView(
        key="saturation_curves",
        title=title,
        subtitle=subtitle(results, f"Contribution by spend per {word}, {_NOTE}", ranged=True),
        figure=figure,
        takeaway=takeaway,
        table=_table(curves, options.currency, word),
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


def _figure(results: ModelResults, curves: dict[str, SaturationCurve], currency: str) -> tuple[go.Figure, int]:
    figure, height = marks.small_multiples(list(curves))
    styles = theme.channel_styles(results)
    write = money_ticks(currency)
    for index, (name, curve) in enumerate(curves.items()):
        place = marks.panel(index, len(curves))
        for trace in _traces(name, curve, styles[name], currency):
            figure.add_trace(trace, **place)
        figure.add_vrect(x0=curve.observed_max, x1=curve.spend[-1], **_SHADE, **place)
        figure.update_xaxes(value_axis(0, curve.spend[-1], write, ticks=3), **place)
        figure.update_yaxes(value_axis(0, 1.02 * max(curve.response.hi), write, ticks=3), **place)
    return figure, height


def _traces(name: str, curve: SaturationCurve, style: ChannelStyle, currency: str) -> list[go.Scatter]:
    """Ribbons, the median solid up to the highest observed spend and dashed beyond, and today's point."""
    cut = bisect_right(curve.spend, curve.observed_max)
    return [
        *marks.ribbons(curve.spend, curve.response, style.colour),
        _line(name, curve, slice(None, cut), style, "solid", currency),
        _line(name, curve, slice(max(cut - 1, 0), None), style, "dash", currency),
        _today(name, curve, style, currency),
    ]


def _line(name: str, curve: SaturationCurve, piece: slice, style: ChannelStyle, dash: str, currency: str) -> go.Scatter:
    x, y = curve.spend[piece], curve.response.median[piece]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": style.colour, "width": 2, "dash": dash},
        hovertext=[_hover(name, "spend", *point, currency) for point in zip(x, y, strict=True)],
        hoverinfo="text",
    )


def _today(name: str, curve: SaturationCurve, style: ChannelStyle, currency: str) -> go.Scatter:
    x, y = current_point(curve)
    text = _hover(name, "today's spend", x, y, currency)
    marker = marks.hollow(style, 10)
    return go.Scatter(x=[x], y=[y], mode="markers", marker=marker, hovertext=text, hoverinfo="text", cliponaxis=False)


def _hover(name: str, what: str, spend: float, effect: float, currency: str) -> str:
    return hover(name, f"{what} {numbers.money(spend, currency)}", f"brings {numbers.money(effect, currency)}")


def _finding(curves: dict[str, SaturationCurve], word: str, currency: str) -> tuple[str, str]:
    if not curves:
        return _QUESTION, "No channel has spend to draw a curve from."
    fullest = max(curves, key=lambda name: used_share(curves[name]))
    used = used_share(curves[fullest])
    x, y = current_point(curves[fullest])
    rank = f"{fullest} has the least room left" if len(curves) > 1 else fullest
    return (
        f"{fullest} is close to the most it was seen to bring" if used >= _NEARLY_FULL else _QUESTION,
        f"{rank}: today's {numbers.money(x, currency)} per {word} brings in "
        f"{numbers.money(y, currency)}, {numbers.percent(used)} of what its highest spend so far would bring.",
    )


def _table(curves: dict[str, SaturationCurve], currency: str, word: str) -> ChartTable:
    rows: list[tuple[Cell, ...]] = []
    for name, curve in curves.items():
        band = curve.response
        series = zip(curve.spend, band.median, band.lo50, band.hi50, band.lo, band.hi, strict=True)
        rows.append((name, "today", *current_point(curve), None, None, None, None))
        rows += [(name, "observed" if row[0] <= curve.observed_max else "not observed", *row) for row in series]
    amounts = ("50 % from", "50 % to", f"{LEVEL} from", f"{LEVEL} to")
    return ChartTable(
        columns=(
            Column("Channel"),
            Column("Region"),
            Column(f"Spend per {word}", Format.MONEY),
            Column("Contribution (median)", Format.MONEY),
            *(Column(label, Format.MONEY) for label in amounts),
        ),
        rows=tuple(rows),
        currency=currency,
    )
