"""When did each channel contribute? Stacked areas on the hatched baseline."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import date_axis, outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import period_word, safe, short, subtitle
from mixmodel_app.charts.totals import ChannelSeries, add, baseline_series, channel_series, control_series
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name

_BASE = "Baseline"
_ENTRY_WIDTH = 94  # px: two legend entries beside each other on a phone


@chart("contribution_over_time", views=("manager",), order=30)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Posterior mean contribution per period; controls can be negative, so they are drawn with the baseline."""
    channels = channel_series(results)
    base = add([baseline_series(results), control_series(results)])
    largest = max(channels, key=lambda series: series.total)
    outcome = outcome_name(results.target)
    return ChartView(
        key="contribution_over_time",
        title=f"{largest.name} contributed most" if len(channels) > 1 else f"What {largest.name} contributed",
        subtitle=subtitle(
            results, f"{outcome.capitalize()} per {period_word(results)}, posterior means, baseline with controls"
        ),
        figure=_figure(results, base, channels),
        takeaway=_takeaway(results, largest),
        table=ChartTable(
            columns=(
                Column("Date", Format.DATE),
                Column("Baseline and controls", Format.OUTCOME),
                *(Column(series.name, Format.OUTCOME) for series in channels),
            ),
            rows=tuple(zip(results.fit.dates, base, *(series.values for series in channels), strict=True)),
        ),
        height=theme.LARGE,
    )


def _figure(results: ModelResults, base: list[float], channels: list[ChannelSeries]) -> go.Figure:
    figure = marks.new_figure(theme.LARGE)
    dates = results.fit.dates
    layers = [(_BASE, base, theme.NEUTRAL), *((item.name, item.values, item.style.colour) for item in channels)]
    for name, values, colour in layers:
        figure.add_scatter(
            x=dates,
            y=values,
            name=short(name, 12),
            mode="lines",
            line={"width": 0.5, "color": colour},
            stackgroup="parts",
            fillcolor=theme.alpha(colour, 0.85),
            fillpattern=_hatch(colour) if colour == theme.NEUTRAL else None,
            hovertext=[safe(numbers.full_outcome(value)) for value in values],
            hovertemplate="%{hovertext}",
        )
    figure.update_layout(hovermode="x unified", showlegend=True, legend_entrywidth=_ENTRY_WIDTH)
    tops = add([values for _, values, _ in layers])
    figure.update_yaxes(value_axis(min(0.0, *base), 1.05 * max(tops), outcome_ticks))
    date_axis(figure)
    return figure


def _hatch(colour: str) -> dict[str, object]:
    return {**theme.hatch(True), "fgcolor": colour}


def _takeaway(results: ModelResults, largest: ChannelSeries) -> str:
    media = sum(sum(values) for values in results.decomposition.channels.values())
    share = numbers.percent(largest.total / media) if media else numbers.MISSING
    amount = numbers.with_things(numbers.outcome(largest.total))
    return f"{largest.name} contributed {amount}, {share} of everything that media brought in."
