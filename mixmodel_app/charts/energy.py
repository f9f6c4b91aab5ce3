"""Did the sampler see all of the posterior? Its energy, and how far it moved from draw to draw."""

import itertools

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.audits import unknown
from mixmodel_app.charts.axes import value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.domain.audit import Audit, EnergyAudit
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_TITLE = "Did the sampler see all of the posterior?"
_ENOUGH = 0.3
_NO_ENERGY = "This engine's sampler has no energy to show."


@chart("energy", views=("analyst",), order=60, late=True)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Two distributions that should look alike: the energy around its mean, and its change between draws."""
    if results.audit is None:
        return unknown("energy", _TITLE, options)
    energy = results.audit.energy
    if energy is None:
        return unknown("energy", _TITLE, options, _NO_ENERGY)
    least = min(energy.e_bfmi)
    return ChartView(
        key="energy",
        title=_TITLE if least >= _ENOUGH else "The sampler creeps: ranges may be too narrow",
        subtitle=f"Energy of the sampler, draws per bin · E-BFMI good from {numbers.plain(_ENOUGH)}",
        figure=_figure(energy),
        takeaway=f"The smallest E-BFMI is {numbers.plain(least)} (good from {numbers.plain(_ENOUGH)}), "
        f"with {numbers.count(results.divergences)} divergences in {results.n_chains} chains.",
        table=_table(results.audit, energy, options),
        height=theme.MEDIUM,
    )


def _figure(energy: EnergyAudit) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    series = (("energy", energy.marginal, "solid"), ("change between draws", energy.transition, "dash"))
    for (name, counts, dash), colour in zip(series, (theme.ACCENT, theme.CORAL), strict=True):
        figure.add_scatter(
            x=_middles(energy.edges),
            y=counts,
            name=name,
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash, "shape": "hvh"},
            fill="tozeroy",
            fillcolor=theme.alpha(colour, theme.RIBBON_WIDE),
            hovertext=[f"{name}: {numbers.count(count)} draws" for count in counts],
            hoverinfo="text",
        )
    figure.update_yaxes(value_axis(0, 1.08 * max(*energy.marginal, *energy.transition), numbers.count, ticks=4))
    figure.update_xaxes(value_axis(energy.edges[0], energy.edges[-1], numbers.plain))
    figure.update_layout(showlegend=True)
    return figure


def _middles(edges: list[float]) -> list[float]:
    return [(low + high) / 2 for low, high in itertools.pairwise(edges)]


def _table(audit: Audit, energy: EnergyAudit, options: ChartOptions) -> ChartTable:
    """E-BFMI and divergences by chain, then the bins."""
    divergent = audit.divergent or [None] * len(energy.e_bfmi)
    chains = [
        (f"Chain {index}", value, count, None, None)
        for index, (value, count) in enumerate(zip(energy.e_bfmi, divergent, strict=True), start=1)
    ]
    bins = [
        (numbers.value_range(low, high, numbers.plain), None, None, energies, changes)
        for low, high, energies, changes in zip(
            energy.edges, energy.edges[1:], energy.marginal, energy.transition, strict=False
        )
    ]
    return ChartTable(
        columns=(
            Column("Chain, or bin of energy"),
            Column("E-BFMI", Format.NUMBER),
            Column("Divergences", Format.COUNT),
            Column("Draws with this energy", Format.COUNT),
            Column("Draws with this change", Format.COUNT),
        ),
        rows=(*chains, *bins),
    )
