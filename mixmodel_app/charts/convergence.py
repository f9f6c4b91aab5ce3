"""Did the chains converge? R-hat and effective sample size of the worst parameters."""

import math

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import Writer, category_axis, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import short
from mixmodel_app.domain.results import ModelResults, Parameter
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_MOST_ROWS = 12
_RHAT_GOOD, _RHAT_CHECK, _ESS_GOOD = 1.01, 1.05, 400.0


@chart("convergence", views=("analyst",), order=50)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Dots by parameter, the worst first, with the limits 1.01 and 1.05 for R-hat and 400 for ESS."""
    worst_first = sorted(results.parameters, key=_trust)
    shown = worst_first[:_MOST_ROWS]
    height = theme.height_for(len(shown), 36, frame=96)
    title, takeaway = _finding(results, worst_first)
    counted = f"the {len(shown)} worst of {len(worst_first)} parameters" if len(worst_first) > len(shown) else ""
    return ChartView(
        key="convergence",
        title=title,
        subtitle=" · ".join(filter(None, [_metric(), counted, f"{results.n_chains} chains"])),
        figure=_figure(shown, height) if shown else marks.message_figure(takeaway),
        takeaway=takeaway,
        table=ChartTable(
            columns=(
                Column("Parameter"),
                Column("R-hat", Format.RHAT),
                Column("ESS bulk", Format.COUNT),
                Column("ESS tail", Format.COUNT),
            ),
            rows=tuple((p.name, p.rhat, p.ess_bulk, p.ess_tail) for p in worst_first),
        ),
        height=height,
    )


def _metric() -> str:
    limits = f"{numbers.decimal(_RHAT_GOOD, 2)}, {numbers.decimal(_RHAT_CHECK, 2)} and {numbers.count(_ESS_GOOD)}"
    return f"R-hat and effective sample size (ESS), dotted = limits {limits}"


def _figure(shown: list[Parameter], height: int) -> go.Figure:
    figure = marks.new_panels(height, rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.1)
    figure.update_layout(showlegend=True)
    _dots(figure, [p.rhat for p in shown], "R-hat", "circle", numbers.rhat, 1)
    _dots(figure, [p.ess_bulk for p in shown], "ESS bulk", "diamond", numbers.count, 2)
    _dots(figure, [p.ess_tail for p in shown], "ESS tail", "circle-open", numbers.count, 2)
    for limit in (_RHAT_GOOD, _RHAT_CHECK):
        reference_line(figure, x=limit, row=1, col=1)
    reference_line(figure, x=_ESS_GOOD, row=1, col=2)
    category_axis(figure, [_label(p) for p in shown])
    largest = max([_RHAT_CHECK, *(p.rhat for p in shown if numbers.is_known(p.rhat))])
    most = max([_ESS_GOOD, *(p.ess_bulk for p in shown), *(p.ess_tail for p in shown)])
    figure.update_xaxes(value_axis(0.995, 1.15 * largest - 0.15, numbers.rhat, ticks=3), title_text="R-hat", col=1)
    figure.update_xaxes(value_axis(0, 1.08 * most, numbers.count, ticks=3), title_text="ESS", col=2)
    return figure


def _trust(parameter: Parameter) -> tuple[float, float]:
    """Sorts the worst first: the highest R-hat (unknown, with a single chain, above all), then the smallest ESS."""
    rhat = parameter.rhat if numbers.is_known(parameter.rhat) else math.inf
    return -rhat, min(parameter.ess_bulk, parameter.ess_tail)


def _label(parameter: Parameter) -> str:
    """The parameter in one line, its index in a second: names get long."""
    name, _, inside = parameter.name.partition("[")
    lines = [name, inside.removesuffix("]")] if inside else [name]
    return "<br>".join(short(line) for line in lines)


def _dots(figure: go.Figure, values: list[float], name: str, symbol: str, write: Writer, column: int) -> None:
    figure.add_scatter(
        x=values,
        y=list(range(len(values))),
        mode="markers",
        name=name,
        showlegend=column == 2,
        marker={"color": theme.ACCENT, "symbol": symbol, "size": 8},
        hovertext=[f"{name} {write(value)}" for value in values],
        hoverinfo="text",
        row=1,
        col=column,
    )


def _finding(results: ModelResults, worst_first: list[Parameter]) -> tuple[str, str]:
    if not worst_first:
        return "Did the chains converge?", "There are no parameters to check."
    worst = worst_first[0]
    ess = min(min(p.ess_bulk, p.ess_tail) for p in worst_first)
    text = (
        f"The largest R-hat is {numbers.rhat(worst.rhat)} ({worst.name}), the smallest effective sample size "
        f"{numbers.count(ess)}, with {numbers.count(results.divergences)} divergences."
    )
    if not numbers.is_known(worst.rhat):
        return "One chain cannot show convergence", text
    if worst.rhat < _RHAT_GOOD and ess >= _ESS_GOOD:
        return "All parameters converged", text
    return f"{worst.name} converged worst", text
