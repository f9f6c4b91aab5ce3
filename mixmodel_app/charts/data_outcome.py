"""What is to be explained: the outcome over time, before any fit."""

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, data_chart
from mixmodel_app.charts.text import safe
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format


@data_chart("data_outcome", order=10)
def build(found: Answerability, options: ChartOptions) -> ChartView:
    """The outcome as a line from zero, so that its swings have their true size."""
    glance, period = found.glance, found.history.period
    low, high = min(glance.target), max(glance.target)
    peak = glance.dates[glance.target.index(high)]
    write = outcome_ticks
    figure = marks.new_figure(theme.SMALL)
    figure.add_scatter(
        x=list(glance.dates),
        y=list(glance.target),
        mode="lines",
        line={"color": theme.ACCENT, "width": 2},
        hovertext=[safe(numbers.full_outcome(value)) for value in glance.target],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_layout(hovermode="x unified")
    figure.update_yaxes(value_axis(min(0.0, low), 1.05 * high if high > 0 else 0.0, write))
    date_axis(figure)
    return ChartView(
        key="data_outcome",
        title="How the outcome moved",
        subtitle=f"Outcome per {period} · {numbers.date_range(glance.dates[0], glance.dates[-1])}",
        figure=figure,
        takeaway=f"The outcome lay between {write(low)} and {write(high)} a {period}; "
        f"the highest was on {numbers.date_text(peak)}.",
        table=ChartTable(
            columns=(Column("Date", Format.DATE), Column("Outcome", Format.OUTCOME)),
            rows=tuple(zip(glance.dates, glance.target, strict=True)),
        ),
        height=theme.SMALL,
    )
