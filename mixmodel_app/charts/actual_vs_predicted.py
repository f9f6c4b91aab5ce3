"""Does the model follow the data? Actual values on the range of predictions."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, money_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import period_word, period_words, safe, subtitle
from mixmodel_app.domain.results import Band, Fit, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import LEVEL, RANGE_NAME, money_writer


@chart("actual_vs_predicted", views=("analyst",), order=10)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Actual outcome, posterior predictive median and ranges per period."""
    fit = results.fit
    inside = coverage(fit)
    outcome = outcome_name(results.target)
    error = f", mean error {numbers.percent(fit.mape)}" if fit.mape is not None else ""
    return ChartView(
        key="actual_vs_predicted",
        title=f"{numbers.percent(inside)} of {period_words(results)} lie in the {RANGE_NAME}",
        subtitle=subtitle(results, f"{outcome.capitalize()} per {period_word(results)}", ranged=True),
        figure=_figure(fit, options.currency),
        takeaway=f"The model explains {numbers.percent(fit.r2)} of the variation in {outcome} (R²){error}; "
        f"{numbers.percent(inside)} of the values lie in the {RANGE_NAME} of predictions.",
        table=_table(fit, options.currency),
        height=theme.MEDIUM,
    )


def coverage(fit: Fit) -> float:
    """Share of actual values inside the 94 % range; about 94 % when the ranges are honest."""
    band = zip(fit.actual, fit.predicted.lo, fit.predicted.hi, strict=True)
    return sum(lo <= actual <= hi for actual, lo, hi in band) / len(fit.actual)


def _figure(fit: Fit, currency: str) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    figure.add_traces(marks.ribbons(fit.dates, fit.predicted, theme.ACCENT))
    figure.add_scatter(
        x=fit.dates,
        y=fit.predicted.median,
        name="predicted",
        mode="lines",
        line={"color": theme.ACCENT, "width": 2},
        hovertext=_predictions(fit.predicted, currency),
        hovertemplate="%{hovertext}",
    )
    figure.add_scatter(
        x=fit.dates,
        y=fit.actual,
        name="actual",
        mode="markers",
        marker={"color": theme.INK, "size": 5},
        hovertext=[safe(numbers.full_money(value, currency)) for value in fit.actual],
        hovertemplate="%{hovertext}",
    )
    figure.update_layout(hovermode="x unified", showlegend=True)
    low, high = min([*fit.actual, *fit.predicted.lo]), max([*fit.actual, *fit.predicted.hi])
    room = 0.05 * (high - low)
    figure.update_yaxes(value_axis(low - room, high + room, money_ticks(currency)))
    date_axis(figure)
    return figure


def _predictions(band: Band, currency: str) -> list[str]:
    """Median with its 94 % range, for each period's hover box."""
    write = money_writer(currency)
    return [
        safe(f"{numbers.full_money(median, currency)} ({numbers.value_range(lo, hi, write)}, {RANGE_NAME})")
        for median, lo, hi in zip(band.median, band.lo, band.hi, strict=True)
    ]


def _table(fit: Fit, currency: str) -> ChartTable:
    band = fit.predicted
    labels = ("Actual", "Predicted (median)", "50 % from", "50 % to", f"{LEVEL} from", f"{LEVEL} to")
    return ChartTable(
        columns=(Column("Date", Format.DATE), *(Column(label, Format.MONEY) for label in labels)),
        rows=tuple(zip(fit.dates, fit.actual, band.median, band.lo50, band.hi50, band.lo, band.hi, strict=True)),
        currency=currency,
    )
