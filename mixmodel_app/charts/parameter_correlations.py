"""Which parameters cannot be told apart? Correlations of the draws, the largest of them."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.audits import two_lines, unknown
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover
from mixmodel_app.domain.audit import CorrelationAudit, Pair
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_TITLE = "Which parameters cannot be told apart?"
_STRONG = 0.8
_SCALE = [
    [0.0, theme.alpha(theme.GAIN, 1)],
    [0.5, theme.alpha(theme.GAIN, 0)],
    [0.5, theme.alpha(theme.LOSS, 0)],
    [1.0, theme.alpha(theme.LOSS, 1)],
]


@chart("parameter_correlations", views=("analyst",), order=65, late=True)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """A heatmap of up to twelve parameters, those with the largest correlations; the pairs are in the table."""
    if results.audit is None:
        return unknown("parameter_correlations", _TITLE, options)
    found = results.audit.correlations
    height = theme.height_for(len(found.names), 38, frame=72)
    strong = sum(abs(pair.correlation) >= _STRONG for pair in found.pairs)
    return ChartView(
        key="parameter_correlations",
        title=_TITLE if strong else "No two parameters stand in for each other",
        subtitle=f"Correlation of posterior draws, the {len(found.names)} parameters with the largest · "
        "−1 blue, 0 clear, +1 orange",
        figure=_figure(found, height),
        takeaway=_takeaway(found.pairs),
        table=ChartTable(
            columns=(Column("Parameter"), Column("and"), Column("Correlation", Format.NUMBER)),
            rows=tuple((pair.first, pair.second, pair.correlation) for pair in found.pairs),
        ),
        height=height,
    )


def _figure(found: CorrelationAudit, height: int) -> go.Figure:
    figure = marks.new_figure(height)
    size = len(found.names)
    labels = [f"{place}. {two_lines(name)}" for place, name in enumerate(found.names, start=1)]
    figure.add_heatmap(
        z=found.matrix,
        x=list(range(size)),
        y=list(range(size)),
        zmin=-1,
        zmax=1,
        colorscale=_SCALE,
        showscale=False,
        xgap=1,
        ygap=1,
        hovertext=[
            [hover(f"{a} and {b}", numbers.plain(round(value, 2))) for b, value in zip(found.names, row, strict=True)]
            for a, row in zip(found.names, found.matrix, strict=True)
        ],
        hoverinfo="text",
    )
    columns = [str(place) for place in range(1, size + 1)]
    figure.update_xaxes(tickvals=list(range(size)), ticktext=columns, tickangle=0, showgrid=False)
    figure.update_yaxes(tickvals=list(range(size)), ticktext=labels, range=[size - 0.5, -0.5], showgrid=False)
    return figure


def _takeaway(pairs: list[Pair]) -> str:
    if not pairs:
        return "There are no two parameters to compare."
    first = pairs[0]
    return (
        f"The largest correlation is {numbers.plain(round(first.correlation, 2))}, between {first.first} and "
        f"{first.second}: the data fix what they do together better than each alone."
    )
