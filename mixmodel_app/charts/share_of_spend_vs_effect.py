"""Does each channel's share of the effect match its share of spend? Two marks per channel."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, share_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.domain.results import ChannelResult, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format


@chart("share_of_spend_vs_effect", views=("manager",), order=50)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Hollow mark: share of spend; filled mark: share of effect; sorted by share of spend."""
    channels = sorted(results.channels, key=lambda channel: channel.share_of_spend, reverse=True)
    height = theme.height_for(len(channels), frame=96)
    title, takeaway = _finding(channels)
    return ChartView(
        key="share_of_spend_vs_effect",
        title=title,
        subtitle=subtitle(results, "Share of media spend and of media effect, posterior means"),
        figure=_figure(results, channels, height),
        takeaway=takeaway,
        table=ChartTable(
            columns=(
                Column("Channel"),
                Column("Share of spend", Format.PERCENT),
                Column("Share of effect", Format.PERCENT),
            ),
            rows=tuple((c.name, c.share_of_spend, c.share_of_effect) for c in channels),
        ),
        height=height,
    )


def _figure(results: ModelResults, channels: list[ChannelResult], height: int) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    for row, channel in enumerate(channels):
        style = styles[channel.name]
        shares = (channel.share_of_spend, channel.share_of_effect)
        line = {"color": style.colour, "width": 3}
        figure.add_scatter(x=list(shares), y=[row, row], mode="lines", line=line, hoverinfo="skip")
        for share, fill, what in zip(shares, (theme.PANEL, style.colour), ("spend", "effect"), strict=True):
            figure.add_scatter(
                x=[share],
                y=[row],
                mode="markers",
                marker={"color": fill, "size": 12, "line": {"color": style.colour, "width": 2.5}},
                hovertext=hover(channel.name, f"{numbers.percent(share)} of {what}"),
                hoverinfo="text",
                cliponaxis=False,
            )
        marks.row_label(figure, row, shares[1], numbers.percent(shares[1]))
    _key(figure)
    category_axis(figure, [short(channel.name) for channel in channels])
    highest = max(max(channel.share_of_spend, channel.share_of_effect) for channel in channels)
    figure.update_xaxes(value_axis(0, 1.06 * highest, share_ticks), showgrid=True)
    return figure


def _key(figure: go.Figure) -> None:
    """Two neutral legend entries that say which mark is which."""
    for name, fill in (("share of spend", theme.PANEL), ("share of effect", theme.NEUTRAL)):
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=name,
            showlegend=True,
            marker={"color": fill, "size": 12, "line": {"color": theme.NEUTRAL, "width": 2.5}},
        )
    figure.update_layout(showlegend=True)
    figure.for_each_trace(lambda trace: trace.update(showlegend=bool(trace.name)))


def _finding(channels: list[ChannelResult]) -> tuple[str, str]:
    """The channel whose two shares differ most, in the direction of more effect than spend when there is one."""
    widest = max(channels, key=lambda channel: channel.share_of_effect - channel.share_of_spend)
    spend, effect = numbers.percent(widest.share_of_spend), numbers.percent(widest.share_of_effect)
    if widest.share_of_effect <= widest.share_of_spend:
        return "Effect follows spend", f"{widest.name} has {spend} of spend and {effect} of the effect."
    return (
        f"{widest.name} brings more than its share of spend",
        f"{widest.name} has {spend} of spend and {effect} of what media brought in.",
    )
