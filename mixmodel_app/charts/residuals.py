"""When does the model miss? Residuals over time around zero."""

from statistics import pstdev

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, outcome_ticks, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, subtitle
from mixmodel_app.domain.results import Fit, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format


@chart("residuals", views=("analyst",), order=20)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Actual − predicted per period, with two standard deviations shaded."""
    fit = results.fit
    worst = max(range(len(fit.residuals)), key=lambda index: abs(fit.residuals[index]))
    miss = fit.residuals[worst]
    side = "above" if miss > 0 else "below"
    amount = numbers.with_things(numbers.outcome(abs(miss)))
    day = numbers.date_text(fit.dates[worst])
    return ChartView(
        key="residuals",
        title=f"The largest miss is on {day}",
        subtitle=subtitle(results, "Actual minus predicted, shaded = two standard deviations"),
        figure=_figure(fit, worst),
        takeaway=f"The largest miss is on {day}: actual {amount} {side} predicted.",
        table=ChartTable(
            columns=(Column("Date", Format.DATE), Column("Residual", Format.OUTCOME)),
            rows=tuple(zip(fit.dates, fit.residuals, strict=True)),
        ),
        height=theme.SMALL,
    )


def _figure(fit: Fit, worst: int) -> go.Figure:
    figure = marks.new_figure(theme.SMALL)
    spread = 2 * pstdev(fit.residuals)
    figure.add_hrect(y0=-spread, y1=spread, fillcolor=theme.alpha(theme.NEUTRAL, 0.15), line_width=0, layer="below")
    reference_line(figure, y=0)
    figure.add_scatter(
        x=fit.dates,
        y=fit.residuals,
        mode="markers",
        marker={"color": theme.ACCENT, "size": 6},
        hovertext=[
            hover(numbers.date_text(day), numbers.signed_outcome(value))
            for day, value in zip(fit.dates, fit.residuals, strict=True)
        ],
        hoverinfo="text",
    )
    figure.add_annotation(
        x=fit.dates[worst],
        y=fit.residuals[worst],
        text=numbers.date_text(fit.dates[worst]),
        yshift=12 if fit.residuals[worst] > 0 else -12,
        xanchor="left" if worst < len(fit.dates) / 2 else "right",
    )
    reach = 1.25 * max(spread, abs(fit.residuals[worst]))
    figure.update_yaxes(value_axis(-reach, reach, outcome_ticks))
    date_axis(figure)
    return figure
