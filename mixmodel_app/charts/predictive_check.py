"""Would the model make up data like these? The outcome's distribution and figures beside made-up ones."""

import itertools

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.audits import unknown
from mixmodel_app.charts.axes import outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.ranges import ends, range_columns, rows_of
from mixmodel_app.charts.text import hover, period_words, subtitle
from mixmodel_app.domain.audit import PredictiveAudit, Statistic
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import level_text

_TITLE = "Would the model make up data like these?"
_ODD = 0.025
_UNITLESS = "Autocorrelation"


@chart("predictive_check", views=("analyst",), order=35)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """How many periods have an outcome of each size: actual, and the range over outcomes made up by the posterior."""
    if results.audit is None:
        return unknown("predictive_check", _TITLE, options)
    check = results.audit.predictive
    odd = [each for each in check.statistics if not _ODD <= each.share_above <= 1 - _ODD]
    words = period_words(results)
    metric = f"{words.capitalize()} by {outcome_name(results.target)}, bars = actual, line and bands = made up"
    return ChartView(
        key="predictive_check",
        title=_TITLE if not odd else f"Made-up data differ in {_listed(odd)}",
        subtitle=subtitle(results, metric, ranged=True),
        figure=_figure(check, words),
        takeaway=_takeaway(check, odd),
        table=_table(check, words, options),
        height=theme.MEDIUM,
    )


def _listed(odd: list[Statistic]) -> str:
    return ", ".join(each.name.lower() for each in odd)


def _figure(check: PredictiveAudit, words: str) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    edges, band = check.edges, check.replicated
    middles = [(low + high) / 2 for low, high in itertools.pairwise(edges)]
    names = [numbers.value_range(low, high, outcome_ticks) for low, high in itertools.pairwise(edges)]
    figure.add_bar(
        x=middles,
        y=check.actual,
        name="actual",
        width=0.8 * (edges[1] - edges[0]),
        marker={"color": theme.alpha(theme.NEUTRAL, 0.45), "line": {"color": theme.NEUTRAL, "width": 1}},
        hovertext=[hover(name, f"{count} {words}") for name, count in zip(names, check.actual, strict=True)],
        hoverinfo="text",
    )
    figure.add_traces(marks.ribbons(middles, band, theme.ACCENT))
    figure.add_scatter(
        x=middles,
        y=band.median,
        name="made up by the model",
        mode="lines",
        line={"color": theme.ACCENT, "width": 2},
        hovertext=[
            hover(name, f"{numbers.plain(median)} ({numbers.value_range(lo, hi, numbers.plain)}) {words}")
            for name, median, lo, hi in zip(names, band.median, band.lo, band.hi, strict=True)
        ],
        hoverinfo="text",
    )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(value_axis(edges[0], edges[-1], outcome_ticks))
    figure.update_yaxes(value_axis(0, 1.08 * max(*check.actual, *band.hi), numbers.plain, ticks=4))
    return figure


def _figures(each: Statistic) -> str:
    write = numbers.plain if each.name == _UNITLESS else numbers.outcome
    spread = numbers.value_range(each.replicated.lo, each.replicated.hi, write)
    return f"{each.name.lower()} {write(each.actual)} (made up {spread})"


def _takeaway(check: PredictiveAudit, odd: list[Statistic]) -> str:
    if odd:
        told = "; ".join(_figures(each) for each in odd)
        return (
            f"Made-up data rarely look like the actual ones in {len(odd)} of {len(check.statistics)} figures: {told}."
        )
    told = "; ".join(_figures(each) for each in check.statistics[1:])
    return f"Data made up by the model look like the actual ones: {told}; {level_text(check.replicated.level)} ranges."


def _table(check: PredictiveAudit, words: str, options: ChartOptions) -> ChartTable:
    """The figures, then the bins."""
    figures = [
        (*(each.name, None, each.actual, each.replicated.median, *ends(each.replicated), each.share_above),)
        for each in check.statistics
    ]
    band, edges = check.replicated, check.edges
    bins = [
        (f"{words.capitalize()} from", *row, None)
        for row in (
            (edge, actual, *made_up)
            for edge, actual, made_up in zip(edges[:-1], check.actual, rows_of(band), strict=True)
        )
    ]
    return ChartTable(
        columns=(
            Column("Figure"),
            Column("Outcome from", Format.OUTCOME),
            Column("Actual", Format.NUMBER),
            Column("Made up (median)", Format.NUMBER),
            *range_columns(band.level, Format.NUMBER),
            Column("Share made up at least as large", Format.PERCENT),
        ),
        rows=(*figures, *bins),
    )
