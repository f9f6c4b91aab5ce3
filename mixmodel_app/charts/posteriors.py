"""What did the model learn about its parameters? Densities by group, one row per channel."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.domain.results import ModelResults, Parameter
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import level_text

_ROW, _GAP = 30, 48


@chart("posteriors", views=("analyst",), order=40, late=True)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Half violins of up to 200 draws, with the mean as a dot and the HDI as a line, above those of the prior.

    The prior reaches further than what is worth a look: a panel shows the posteriors and some room on either side.
    """
    groups = parameter_groups(results.parameters)
    height = sum(_ROW * len(group) + _GAP for group in groups.values()) + 16
    return ChartView(
        key="posteriors",
        title="What did the model learn about its parameters?",
        subtitle=_subtitle(results),
        figure=_figure(results, groups, height) if groups else marks.message_figure("There are no parameters."),
        takeaway=_takeaway(results.parameters),
        table=_table(results, options),
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
    styles, priors = theme.channel_styles(results), prior_values(results)
    for row, (name, group) in enumerate(groups.items(), start=1):
        marks.panel_title(figure, short(name, 40), row=row, col=1)
        for index, parameter in enumerate(group):
            style = styles.get(parameter.channel or "")
            _draw(figure, parameter, index, style.colour if style else theme.ACCENT, row)
            if parameter.name in priors:
                figure.add_trace(_prior(priors[parameter.name], index), row=row, col=1)
        figure.update_xaxes(range=_window(group, priors), row=row, col=1)
        labels = [short(_row_name(parameter)) for parameter in group]
        figure.update_yaxes(
            tickvals=list(range(len(group))),
            ticktext=labels,
            range=[len(group) - 0.4, -0.95],
            showgrid=False,
            row=row,
            col=1,
        )
    figure.update_layout(margin={"t": 28})
    figure.update_xaxes(nticks=6)
    return figure


def prior_values(results: ModelResults) -> dict[str, list[float]]:
    """Equally likely values of each parameter's prior; none in results of older versions."""
    return {each.name: each.prior for each in results.audit.parameters} if results.audit else {}


def _subtitle(results: ModelResults) -> str:
    prior = ", grey below = prior, cut at the edges" if results.audit else ""
    return subtitle(
        results, f"Posterior on the model's scale, dot = mean, line = {level_text(results.level)} HDI{prior}"
    )


def _window(group: list[Parameter], priors: dict[str, list[float]]) -> list[float] | None:
    """Around all HDIs, with half their span on either side where draws or prior go on; None without priors."""
    known = [value for parameter in group for value in priors.get(parameter.name, [])]
    if not known:
        return None
    known += [value for parameter in group for value in parameter.samples]
    low, high = min(parameter.lo for parameter in group), max(parameter.hi for parameter in group)
    reach = 0.5 * (high - low) or 1.0
    edge = 0.05 * reach
    return [max(low - reach, min(known)) - edge, min(high + reach, max(known)) + edge]


def _prior(values: list[float], index: int) -> go.Violin:
    """Half a violin below the row."""
    return go.Violin(
        x=values,
        y0=index,
        orientation="h",
        side="positive",
        width=1.1,
        points=False,
        line={"color": theme.NEUTRAL, "width": 1},
        fillcolor=theme.alpha(theme.NEUTRAL, theme.RIBBON_WIDE),
        hoverinfo="skip",
    )


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
    """The HDI as a line and the mean as a dot."""
    lo, hi = parameter.lo, parameter.hi
    line = {"color": colour, "width": 2}
    span = f"{numbers.value_range(lo, hi, numbers.plain)}, {level_text(parameter.level)} HDI"
    return (
        go.Scatter(x=[lo, hi], y=[index, index], mode="lines", line=line, hoverinfo="skip"),
        go.Scatter(
            x=[parameter.mean],
            y=[index],
            mode="markers",
            marker={"color": colour, "size": 8},
            hovertext=hover(parameter.name, f"{numbers.plain(parameter.mean)} ({span})"),
            hoverinfo="text",
        ),
    )


def _takeaway(parameters: list[Parameter]) -> str:
    known = [parameter for parameter in parameters if parameter.mean]
    if not known:
        return "There are no parameters to show."
    widest = max(known, key=lambda parameter: parameter.std / abs(parameter.mean))
    span = numbers.value_range(widest.lo, widest.hi, numbers.plain)
    return (
        f"Least is known about {widest.name}: mean {numbers.plain(widest.mean)}, "
        f"{level_text(widest.level)} HDI {span}, out of {len(parameters)} parameters."
    )


def _table(results: ModelResults, options: ChartOptions) -> ChartTable:
    """The last columns, of the prior, are empty in results of older versions."""
    hdi = f"{level_text(results.level)} HDI"
    labels = ("Mean", "SD", f"{hdi} from", f"{hdi} to", "Prior median", "Prior 3 %", "Prior 97 %")
    priors = prior_values(results)
    return ChartTable(
        columns=(Column("Parameter"), *(Column(label, Format.NUMBER) for label in labels)),
        rows=tuple(
            (p.name, p.mean, p.std, p.lo, p.hi, *_prior_figures(priors.get(p.name))) for p in results.parameters
        ),
    )


def _prior_figures(values: list[float] | None) -> tuple[float | None, ...]:
    """Median and the ends of the central 94 %, from equally likely values in rising order."""
    if not values:
        return (None, None, None)
    return tuple(values[min(int(share * len(values)), len(values) - 1)] for share in (0.5, 0.03, 0.97))
