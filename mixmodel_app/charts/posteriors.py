"""What did the model learn about its parameters? Densities by group, one row per channel."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.domain.results import ModelResults, Parameter
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import LEVEL

_ROW, _GAP = 30, 48


@chart("posteriors", views=("analyst",), order=40)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Half violins of up to 200 draws, with the mean as a dot and the 94 % HDI as a line."""
    groups = parameter_groups(results.parameters)
    height = sum(_ROW * len(group) + _GAP for group in groups.values()) + 16
    return ChartView(
        key="posteriors",
        title="What did the model learn about its parameters?",
        subtitle=subtitle(results, f"Posterior on the model's scale, dot = mean, line = {LEVEL} HDI"),
        figure=_figure(results, groups, height) if groups else marks.message_figure("There are no parameters."),
        takeaway=_takeaway(results.parameters),
        table=_table(results.parameters, options),
        height=max(height, theme.SMALL),
    )


def parameter_groups(parameters: list[Parameter]) -> dict[str, list[Parameter]]:
    """Parameters that share a name before their index ("adstock_alpha[TV]") in one group, in the given order."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        groups.setdefault(parameter.name.partition("[")[0], []).append(parameter)
    return groups


def _figure(results: ModelResults, groups: dict[str, list[Parameter]], height: int) -> go.Figure:
    figure = marks.new_panels(
        max(height, theme.SMALL),
        rows=len(groups),
        cols=1,
        row_heights=[_ROW * len(group) + 1 for group in groups.values()],
        vertical_spacing=marks.panel_gap(len(groups), height),
    )
    styles = theme.channel_styles(results)
    for row, (name, group) in enumerate(groups.items(), start=1):
        marks.panel_title(figure, short(name, 40), row=row, col=1)
        for index, parameter in enumerate(group):
            style = styles.get(parameter.channel or "")
            _draw(figure, parameter, index, style.colour if style else theme.ACCENT, row)
        labels = [short(_row_name(parameter)) for parameter in group]
        figure.update_yaxes(
            tickvals=list(range(len(group))),
            ticktext=labels,
            range=[len(group) - 0.7, -0.95],
            showgrid=False,
            row=row,
            col=1,
        )
    figure.update_layout(margin={"t": 28})
    figure.update_xaxes(nticks=6)
    return figure


def _row_name(parameter: Parameter) -> str:
    inside = parameter.name.partition("[")[2].removesuffix("]")
    return parameter.channel or inside


def _draw(figure: go.Figure, parameter: Parameter, index: int, colour: str, row: int) -> None:
    for trace in (_density(parameter, index, colour), *_summary(parameter, index, colour)):
        figure.add_trace(trace, row=row, col=1)


def _density(parameter: Parameter, index: int, colour: str) -> go.Violin:
    """Half a violin above the row; four digits of a draw are more than a pixel."""
    return go.Violin(
        x=[float(f"{sample:.4g}") for sample in parameter.samples],
        y0=index,
        orientation="h",
        side="negative",
        width=1.6,
        points=False,
        line={"color": colour, "width": 1},
        fillcolor=theme.alpha(colour, theme.RIBBON_50),
        hoverinfo="skip",
    )


def _summary(parameter: Parameter, index: int, colour: str) -> tuple[go.Scatter, go.Scatter]:
    """The 94 % HDI as a line and the mean as a dot."""
    lo, hi = parameter.hdi_3, parameter.hdi_97
    line = {"color": colour, "width": 2}
    span = numbers.value_range(lo, hi, numbers.plain)
    return (
        go.Scatter(x=[lo, hi], y=[index, index], mode="lines", line=line, hoverinfo="skip"),
        go.Scatter(
            x=[parameter.mean],
            y=[index],
            mode="markers",
            marker={"color": colour, "size": 8},
            hovertext=hover(parameter.name, f"{numbers.plain(parameter.mean)} ({span}, {LEVEL} HDI)"),
            hoverinfo="text",
        ),
    )


def _takeaway(parameters: list[Parameter]) -> str:
    known = [parameter for parameter in parameters if parameter.mean]
    if not known:
        return "There are no parameters to show."
    widest = max(known, key=lambda parameter: parameter.std / abs(parameter.mean))
    span = numbers.value_range(widest.hdi_3, widest.hdi_97, numbers.plain)
    return (
        f"Least is known about {widest.name}: mean {numbers.plain(widest.mean)}, {LEVEL} HDI {span}, "
        f"out of {len(parameters)} parameters."
    )


def _table(parameters: list[Parameter], options: ChartOptions) -> ChartTable:
    labels = ("Mean", "SD", f"{LEVEL} HDI from", f"{LEVEL} HDI to")
    return ChartTable(
        columns=(Column("Parameter"), *(Column(label, Format.NUMBER) for label in labels)),
        rows=tuple((p.name, p.mean, p.std, p.hdi_3, p.hdi_97) for p in parameters),
        currency=options.currency,
    )
