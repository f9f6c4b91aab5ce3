"""What drove the outcome? Three labelled parts that sum to it."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, outcome_ticks, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import safe, subtitle
from mixmodel_app.charts.totals import BASELINE
from mixmodel_app.domain.results import Breakdown, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.terms import outcome_name

_VISIBLE = 5e-4
"""A part below this share of the whole would read 0.0 %."""

_COLOURS = {"Media": theme.ACCENT, BASELINE: theme.NEUTRAL, "Other drivers": theme.LIME}


@chart("decomposition_donut", views=("executive",), order=10)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Media, baseline and other drivers as parts of the whole: posterior means, so that they add up."""
    breakdown = results.decomposition.breakdown()
    slices = _slices(breakdown)
    outcome = outcome_name(results.target)
    figure = _donut(slices, breakdown.total)
    if min(slices.values()) < 0:
        figure = _bars(slices)
    share = numbers.percent(_share(breakdown.media, breakdown.total))
    return ChartView(
        key="decomposition_donut",
        title=f"Media drove {share} of {outcome}",
        subtitle=subtitle(results, f"{outcome.capitalize()}, posterior means that add up"),
        figure=figure,
        takeaway=_takeaway(breakdown, outcome),
        table=_table(slices, breakdown.total),
        height=theme.MEDIUM,
    )


def _slices(breakdown: Breakdown) -> dict[str, float]:
    """The parts that one can see. Controls are measured from their average, so over a whole period they cancel out."""
    slices = {"Media": breakdown.media, BASELINE: breakdown.baseline}
    return slices if _cancels(breakdown) else {**slices, "Other drivers": breakdown.controls}


def _cancels(breakdown: Breakdown) -> bool:
    return abs(breakdown.controls) < _VISIBLE * abs(breakdown.total)


def _donut(slices: dict[str, float], total: float) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    labels = [f"{name}<br>{numbers.percent(_share(value, total))}" for name, value in slices.items()]
    figure.add_pie(
        labels=list(slices),
        values=list(slices.values()),
        text=labels,
        textinfo="text",
        textposition="outside",
        hole=0.62,
        sort=False,
        direction="clockwise",
        marker={
            "colors": [_COLOURS[name] for name in slices],
            "pattern": theme.hatch([name == BASELINE for name in slices]),
            "line": {"color": theme.PANEL, "width": 1},
        },
        hovertext=[f"{name}: {safe(numbers.full_outcome(value))}" for name, value in slices.items()],
        hoverinfo="text",
    )
    figure.add_annotation(text=f"{safe(numbers.outcome(total))}<br>in total", x=0.5, y=0.5, xref="paper", yref="paper")
    figure.update_annotations(font_size=16)
    figure.update_layout(margin={"l": 80, "r": 80, "t": 48, "b": 48})
    return figure


def _bars(slices: dict[str, float]) -> go.Figure:
    """Where a part is negative a ring would lie: bars from zero."""
    figure = marks.new_figure(theme.MEDIUM)
    figure.add_bar(
        y=list(range(len(slices))),
        x=list(slices.values()),
        orientation="h",
        marker={
            "color": [_COLOURS[name] for name in slices],
            "pattern": theme.hatch([name == BASELINE for name in slices]),
        },
        text=[safe(numbers.outcome(value)) for value in slices.values()],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    reference_line(figure, x=0)
    category_axis(figure, list(slices))
    low, high = min(0.0, *slices.values()), max(0.0, *slices.values())
    room = 0.3 * (high - low)
    figure.update_xaxes(value_axis(low - room, high + room, outcome_ticks))
    return figure


def _takeaway(breakdown: Breakdown, outcome: str) -> str:
    media, total = numbers.outcome(breakdown.media), numbers.outcome(breakdown.total)
    text = f"Media brought in {media} of {total} {outcome}; "
    text += f"{numbers.percent(_share(breakdown.baseline, breakdown.total))} would have come without it"
    if _cancels(breakdown):
        return f"{text}. Other drivers moved it up and down around their average, which cancels out over the period."
    return f"{text} and {numbers.percent(_share(breakdown.controls, breakdown.total))} came from other drivers."


def _table(slices: dict[str, float], total: float) -> ChartTable:
    return ChartTable(
        columns=(Column("Part"), Column("Amount (mean)", Format.OUTCOME), Column("Share", Format.PERCENT)),
        rows=(*((name, value, _share(value, total)) for name, value in slices.items()), ("Total", total, 1.0)),
        adds_up=1,
    )


def _share(part: float, total: float) -> float:
    return part / total if total else 0.0
