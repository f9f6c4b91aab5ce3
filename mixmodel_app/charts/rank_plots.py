"""Do the chains agree? Ranks of each chain's draws among all, the worst parameters first."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks
from mixmodel_app.charts.audits import chain_colours, two_lines, unknown
from mixmodel_app.charts.axes import reference_line, share_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.domain.audit import ParameterAudit
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_TITLE = "Do the chains agree on every parameter?"
_MOST_PANELS = 12


@chart("rank_plots", views=("analyst",), order=55, late=True)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Each chain's share of draws by rank; flat lines near the dotted one mean chains that cannot be told apart."""
    if results.audit is None:
        return unknown("rank_plots", _TITLE, options)
    rhat = {parameter.name: parameter.rhat for parameter in results.parameters}
    shown = sorted(results.audit.parameters, key=lambda each: -rhat.get(each.name, 0.0))[:_MOST_PANELS]
    figure, height = _figure(results, shown)
    name, worst = _most_uneven(shown)
    bins = len(shown[0].ranks[0])
    return ChartView(
        key="rank_plots",
        title=_TITLE,
        subtitle=f"Share of each chain's draws by rank over all chains, {bins} bins, dotted = even · "
        f"the {len(shown)} parameters with the largest R-hat of {len(results.audit.parameters)}",
        figure=figure,
        takeaway=f"The most uneven ranks are those of {name}: one bin holds {numbers.percent(worst)} of a chain's "
        f"draws, where {numbers.percent(1 / bins)} would be even.",
        table=_table(shown, bins, options),
        height=height,
    )


def _shares(counts: list[int]) -> list[float]:
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def _most_uneven(shown: list[ParameterAudit]) -> tuple[str, float]:
    return max(
        ((each.name, share) for each in shown for chain in each.ranks for share in _shares(chain)),
        key=lambda pair: pair[1],
    )


def _figure(results: ModelResults, shown: list[ParameterAudit]) -> tuple[go.Figure, int]:
    figure, height = marks.small_multiples([each.name for each in shown], row_height=130, write=two_lines, lines=2)
    colours = chain_colours(results)
    top = 1.25 * _most_uneven(shown)[1]
    for index, each in enumerate(shown):
        place = marks.panel(index, len(shown))
        bins = len(each.ranks[0])
        reference_line(figure, y=1 / bins, **place)
        for chain, counts in enumerate(each.ranks):
            figure.add_trace(
                go.Scatter(
                    x=list(range(1, bins + 1)),
                    y=_shares(counts),
                    name=f"chain {chain + 1}",
                    mode="lines",
                    line={"color": colours[chain % len(colours)], "width": 1.5, "shape": "hvh"},
                    hovertext=[f"chain {chain + 1}, bin {at + 1}: {count} draws" for at, count in enumerate(counts)],
                    hoverinfo="text",
                    showlegend=index == 0,
                ),
                **place,
            )
    figure.update_yaxes(value_axis(0, top, share_ticks, ticks=3))
    figure.update_xaxes(nticks=5, tickformat="d")
    figure.update_layout(showlegend=True, legend={"y": -0.06, "yanchor": "top"}, margin_b=32)
    return figure, height


def _table(shown: list[ParameterAudit], bins: int, options: ChartOptions) -> ChartTable:
    return ChartTable(
        columns=(
            Column("Parameter"),
            Column("Chain", Format.COUNT),
            *(Column(f"Bin {index + 1}", Format.COUNT) for index in range(bins)),
        ),
        rows=tuple((each.name, chain, *counts) for each in shown for chain, counts in enumerate(each.ranks, start=1)),
    )
