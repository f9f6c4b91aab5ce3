"""Which periods does the fit hang on? Pareto k of leave-one-out cross-validation, period by period."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.audits import unknown
from mixmodel_app.charts.axes import date_axis, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, period_word, period_words, subtitle
from mixmodel_app.domain.audit import LooAudit
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_TITLE = "Which periods does the fit hang on?"
_LIMIT = 0.7


@chart("loo", views=("analyst",), order=37)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Pareto k by period with the limit 0.7; expected log predictive density with its standard error in words."""
    if results.audit is None:
        return unknown("loo", _TITLE, options)
    found, dates = results.audit.loo, results.fit.dates
    beyond = sum(k > _LIMIT for k in found.pareto_k)
    worst = max(range(len(dates)), key=lambda index: found.pareto_k[index])
    words = period_words(results)
    return ChartView(
        key="loo",
        title="No period decides the fit alone" if not beyond else f"The fit hangs on {_counted(beyond, results)}",
        subtitle=subtitle(
            results, f"Pareto k of leave-one-out by {period_word(results)}, dotted = limit {numbers.plain(_LIMIT)}"
        ),
        figure=_figure(found, dates),
        takeaway=f"Leave-one-out: expected log density {numbers.plain(found.elpd)} (standard error "
        f"{numbers.plain(found.standard_error)}), {numbers.plain(found.p_loo)} effective parameters; {beyond} of "
        f"{len(dates)} {words} above {numbers.plain(_LIMIT)}, the largest k {numbers.plain(found.pareto_k[worst])} on "
        f"{numbers.date_text(dates[worst])}.",
        table=ChartTable(
            columns=(Column("Date", Format.DATE), Column("Pareto k", Format.NUMBER)),
            rows=tuple(zip(dates, found.pareto_k, strict=True)),
        ),
        height=theme.SMALL,
    )


def _counted(count: int, results: ModelResults) -> str:
    return f"{count} {period_word(results) if count == 1 else period_words(results)}"


def _figure(found: LooAudit, dates: list[str]) -> go.Figure:
    figure = marks.new_figure(theme.SMALL)
    reference_line(figure, y=_LIMIT)
    far = [k > _LIMIT for k in found.pareto_k]
    figure.add_scatter(
        x=dates,
        y=found.pareto_k,
        mode="markers",
        marker={
            "color": [theme.CORAL if out else theme.ACCENT for out in far],
            "symbol": ["diamond" if out else "circle" for out in far],
            "size": [9 if out else 6 for out in far],
            "line": {"width": 0},
        },
        hovertext=[
            hover(numbers.date_text(day), f"k {numbers.plain(k)}") for day, k in zip(dates, found.pareto_k, strict=True)
        ],
        hoverinfo="text",
    )
    low, high = min(0.0, *found.pareto_k), max(1.0, *found.pareto_k)
    figure.update_yaxes(value_axis(low - 0.05, high + 0.05, numbers.plain))
    date_axis(figure)
    return figure
