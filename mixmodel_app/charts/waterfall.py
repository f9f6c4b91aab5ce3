"""How do baseline, channels and controls add up to the total? A waterfall of bars with their own base."""

from dataclasses import dataclass

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, outcome_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.charts.totals import (
    BASELINE,
    CONTROLS,
    TOTAL,
    UNEXPLAINED,
    baseline_series,
    channel_series,
    control_series,
)
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: where it starts, how far it goes, and its colour."""

    name: str
    start: float
    amount: float
    colour: str
    hatched: bool = False


@chart("waterfall", views=("manager",), order=40)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Baseline, channels by size, controls, unexplained, total: posterior means, so that they add up."""
    steps = waterfall_steps(results)
    total = sum(step.amount for step in steps)
    outcome = outcome_name(results.target)
    height = theme.height_for(len(steps) + 1, 34)
    return ChartView(
        key="waterfall",
        title=f"How {outcome} adds up",
        subtitle=subtitle(results, f"{outcome.capitalize()}, posterior means that add up"),
        figure=_figure(steps, total, height),
        takeaway=_takeaway(results, total, outcome),
        table=ChartTable(
            columns=(Column("Part"), Column("Amount (mean)", Format.OUTCOME), Column("Share", Format.PERCENT)),
            rows=(
                *((step.name, step.amount, step.amount / total if total else None) for step in steps),
                (TOTAL, total, 1.0),
            ),
            adds_up=1,
        ),
        height=height,
    )


def waterfall_steps(results: ModelResults) -> list[Step]:
    """The parts in drawing order, each starting where the one before ended; together the actual total."""
    channels = sorted(channel_series(results), key=lambda series: series.total, reverse=True)
    amounts = [(BASELINE, sum(baseline_series(results)), theme.NEUTRAL, True)]
    amounts += [(item.name, item.total, item.style.colour, item.style is theme.OTHER_STYLE) for item in channels]
    if results.decomposition.controls:
        amounts.append((CONTROLS, sum(control_series(results)), theme.NEUTRAL, False))
    amounts.append((UNEXPLAINED, sum(results.decomposition.unexplained), theme.NEUTRAL, False))
    steps: list[Step] = []
    start = 0.0
    for name, amount, colour, hatched in amounts:
        steps.append(Step(name, start, amount, colour, hatched))
        start += amount
    return steps


def _figure(steps: list[Step], total: float, height: int) -> go.Figure:
    figure = marks.new_figure(height)
    shown = [*steps, Step(TOTAL, 0.0, total, theme.TRANSPARENT)]
    figure.add_bar(
        y=list(range(len(shown))),
        x=[step.amount for step in shown],
        base=[step.start for step in shown],
        orientation="h",
        width=0.7,
        marker={
            "color": [step.colour for step in shown],
            "line": {"color": [theme.NEUTRAL if step.name == TOTAL else step.colour for step in shown], "width": 1},
            "pattern": theme.hatch([step.hatched for step in shown]),
        },
        hovertext=[hover(step.name, numbers.full_outcome(step.amount)) for step in shown],
        hoverinfo="text",
    )
    marks.end_labels(
        figure,
        [(max(step.start, step.start + step.amount), numbers.outcome(step.amount)) for step in shown],
    )
    category_axis(figure, [short(step.name) for step in shown])
    ends = [0.0, *(step.start + step.amount for step in shown)]
    low, high = min(ends), max(ends)
    figure.update_xaxes(value_axis(low, high + 0.32 * (high - low), outcome_ticks, ticks=4))
    return figure


def _takeaway(results: ModelResults, total: float, outcome: str) -> str:
    media = results.decomposition.breakdown().media
    return (
        f"Of {numbers.outcome(total)} {outcome}, {numbers.outcome(media)} came from media "
        f"and {numbers.outcome(sum(baseline_series(results)))} from the baseline."
    )
