"""Does the model follow the data? Actual values on the range of predictions."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.ranges import range_columns, rows_of
from mixmodel_app.charts.text import period_word, period_words, safe, subtitle
from mixmodel_app.domain.results import Band, Fit, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import range_name


@chart("actual_vs_predicted", views=("analyst",), order=10)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Actual outcome, posterior predictive median and ranges per period."""
    fit = results.fit
    inside = coverage(fit)
    outcome = outcome_name(results.target)
    error = f", mean error {numbers.percent(fit.mape)}" if fit.mape is not None else ""
    return ChartView(
        key="actual_vs_predicted",
        title=f"{numbers.percent(inside)} of {period_words(results)} lie in the {range_name(fit.predicted.level)}",
        subtitle=subtitle(results, f"{outcome.capitalize()} per {period_word(results)}", ranged=True),
        figure=_figure(fit),
        takeaway=f"The model explains {numbers.percent(fit.r2)} of the variation in {outcome} (R²){error}; "
        f"{numbers.percent(inside)} of the values lie in the {range_name(fit.predicted.level)} of predictions.",
        table=_table(fit),
        height=theme.MEDIUM,
    )


def coverage(fit: Fit) -> float:
    """Share of actual values inside the range of predictions; about its level when the ranges are honest."""
    band = zip(fit.actual, fit.predicted.lo, fit.predicted.hi, strict=True)
    return sum(lo <= actual <= hi for actual, lo, hi in band) / len(fit.actual)


def _figure(fit: Fit) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    figure.add_traces(marks.ribbons(fit.dates, fit.predicted, theme.ACCENT))
    figure.add_scatter(
        x=fit.dates,
        y=fit.predicted.median,
        name="predicted",
        mode="lines",
        line={"color": theme.ACCENT, "width": 2},
        hovertext=_predictions(fit.predicted),
        hovertemplate="%{hovertext}",
    )
    figure.add_scatter(
        x=fit.dates,
        y=fit.actual,
        name="actual",
        mode="markers",
        marker={"color": theme.INK, "size": 5},
        hovertext=[safe(numbers.full_outcome(value)) for value in fit.actual],
        hovertemplate="%{hovertext}",
    )
    figure.update_layout(hovermode="x unified", showlegend=True)
    low, high = min([*fit.actual, *fit.predicted.lo]), max([*fit.actual, *fit.predicted.hi])
    room = 0.05 * (high - low)
    figure.update_yaxes(value_axis(low - room, high + room, outcome_ticks))
    date_axis(figure)
    return figure


def _predictions(band: Band) -> list[str]:
    """Median with its range, for each period's hover box."""
    name = range_name(band.level)
    return [
        safe(f"{numbers.full_outcome(median)} ({numbers.value_range(lo, hi, numbers.outcome)}, {name})")
        for median, lo, hi in zip(band.median, band.lo, band.hi, strict=True)
    ]


def _table(fit: Fit) -> ChartTable:
    band = fit.predicted
    return ChartTable(
        columns=(
            Column("Date", Format.DATE),
            Column("Actual", Format.OUTCOME),
            Column("Predicted (median)", Format.OUTCOME),
            *range_columns(band.level, Format.OUTCOME),
        ),
        rows=tuple((day, actual, *row) for day, actual, row in zip(fit.dates, fit.actual, rows_of(band), strict=True)),
    )
