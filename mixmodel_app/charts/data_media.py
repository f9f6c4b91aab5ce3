"""When was each channel on, and how strongly? One panel for each channel, before any fit."""

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, exposure_ticks, money_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, data_chart
from mixmodel_app.charts.text import safe
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format


@data_chart("data_media", order=20)
def build(found: Answerability, options: ChartOptions) -> ChartView:
    """Panels with scales of their own: channels differ more in size than in shape, and the shape is what teaches."""
    glance, period = found.glance, found.history.period
    names = list(glance.media)
    totals = {name: sum(glance.media[name]) for name in names}
    styles = theme.styles(totals)
    figure, height = marks.small_multiples(names)
    for index, name in enumerate(names):
        values, place = glance.media[name], marks.panel(index, len(names))
        is_money = glance.units[name] == "spend"
        write, ticks = (numbers.full_money, money_ticks) if is_money else (numbers.amount, exposure_ticks)
        figure.add_scatter(
            x=list(glance.dates),
            y=list(values),
            mode="lines",
            line={"color": styles[name].colour, "width": 1.5},
            fill="tozeroy",
            fillcolor=theme.alpha(styles[name].colour, theme.RIBBON_50),
            hovertext=[safe(write(value)) for value in values],
            hovertemplate="%{x|%-d %b %Y}: %{hovertext}<extra></extra>",
            **place,
        )
        figure.update_yaxes(value_axis(0.0, 1.1 * max([*values, 0.0]), ticks, ticks=3), **place)
    date_axis(figure)
    figure.update_xaxes(nticks=3)
    steady = [channel.channel for channel in found.channels if channel.active == found.history.periods]
    count = f"{len(steady)} of {len(names)} channels" if steady else "No channel"
    was = "was" if len(steady) <= 1 else "were"
    return ChartView(
        key="data_media",
        title="When each channel was on",
        subtitle=f"Spend or exposure per {period}, each panel on its own scale",
        figure=figure,
        takeaway=f"{count} {was} on in every {period}. Pauses and changes are what a model learns from.",
        table=ChartTable(
            columns=(Column("Date", Format.DATE), *(Column(name, _style(glance.units[name])) for name in names)),
            rows=tuple(zip(glance.dates, *(glance.media[name] for name in names), strict=True)),
        ),
        height=height,
    )


def _style(unit: str) -> Format:
    return Format.MONEY if unit == "spend" else Format.AMOUNT
