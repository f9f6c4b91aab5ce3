"""The point-range chart that the average and the marginal return share."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, edge_anchor, reference_line, return_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column
from mixmodel_app.charts.ranges import ends, no_ends, range_columns
from mixmodel_app.charts.text import hover, safe, short, subtitle
from mixmodel_app.domain.results import Estimate, LearnedFrom, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.insights import order_is_settled
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import return_with_range, worth_text

Estimates = dict[str, Estimate | None]
Learned = dict[str, LearnedFrom]

_ASSUMED = f"* {LearnedFrom.ASSUMPTION.label.lower()}: an experiment would tell"
_DOTTED = "dot"


def learned_by_channel(results: ModelResults) -> Learned:
    """Where each channel's return mostly comes from; without those of which it is not known."""
    return {channel.name: channel.learning.learned_from for channel in results.channels if channel.learning}


def ranked(estimates: Estimates) -> list[tuple[str, Estimate]]:
    """The channels with an estimate, highest median first."""
    known = [(name, estimate) for name, estimate in estimates.items() if estimate is not None]
    return sorted(known, key=lambda pair: pair[1].median, reverse=True)


def leader(estimates: Estimates) -> tuple[str, Estimate, str] | None:
    """The highest channel, its estimate, and "" or "most likely " when ranges overlap; None without estimates."""
    order = ranked(estimates)
    if not order:
        return None
    settled = len(order) == 1 or order_is_settled(order[0][1], order[1][1])
    return (*order[0], "" if settled else "most likely ")


def returns_view(
    results: ModelResults,
    options: ChartOptions,
    estimates: Estimates,
    *,
    key: str,
    title: str,
    metric: str,
    takeaway: str,
    learned: Learned | None = None,
) -> ChartView:
    """Point-ranges by channel, sorted, with the break-even line; channels without an estimate stay in the table.

    Args:
        learned: marks the channels that are mostly assumption with a star and a dotted range, and says so in the table.
    """
    order, learned = ranked(estimates), learned or {}
    height = theme.height_for(len(order))
    figure = _figure(results, order, options, height, learned) if order else marks.message_figure(takeaway)
    return ChartView(
        key=key,
        title=title,
        subtitle=subtitle(results, metric, ranged=True),
        figure=figure,
        takeaway=takeaway,
        table=_table(estimates, order, metric, learned, results.level),
        height=height,
    )


def _figure(
    results: ModelResults, order: list[tuple[str, Estimate]], options: ChartOptions, height: int, learned: Learned
) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    assumed = {name for name, source in learned.items() if source is LearnedFrom.ASSUMPTION}
    for row, (name, estimate) in enumerate(order):
        lines = (return_with_range(estimate), *([learned[name].label] if name in learned else []))
        dash = _DOTTED if name in assumed else "solid"
        marks.point_range(figure, row, estimate, styles[name], hover(name, *lines), dash)
        marks.row_label(figure, row, estimate.median, numbers.roas(estimate.median))
    category_axis(figure, [f"{short(name)}{' *' if name in assumed else ''}" for name, _ in order])
    needed = options.break_even
    low, high = min(0.0, *(e.lo for _, e in order)), max(needed or 0.0, *(e.hi for _, e in order))
    if needed is not None:
        reference_line(figure, x=needed, annotation=_break_even_label(options.worth, needed, low, high))
    figure.update_xaxes(value_axis(low, high + 0.04 * (high - low), return_ticks), showgrid=True)
    figure.update_layout(margin={"t": 28})
    if assumed & {name for name, _ in order}:
        marks.line_legend(figure, _ASSUMED, _DOTTED)
    return figure


def _break_even_label(worth: float | None, needed: float, low: float, high: float) -> dict[str, object]:
    """With a margin it says where it lies, which then is not where one expects it; never beyond the plot's edge."""
    at = worth_text(worth)
    text = f"break-even {numbers.roas(needed)} at {at}" if at else "break-even"
    return {"text": safe(text), "yanchor": "bottom", "y": 1, "xanchor": edge_anchor(needed, low, high)}


def _table(
    estimates: Estimates, order: list[tuple[str, Estimate]], metric: str, learned: Learned, level: float
) -> ChartTable:
    """The last column is there when any channel's origin is known."""
    missing = [name for name, estimate in estimates.items() if estimate is None]
    rows = [(name, e.median, *ends(e)) for name, e in order]
    rows += [(name, numbers.NOT_ESTIMATED, *no_ends(level)) for name in missing]
    origin = {name: source.label for name, source in learned.items()}
    return ChartTable(
        columns=(
            Column("Channel"),
            Column(f"{metric} (median)", Format.RETURN),
            *range_columns(level, Format.RETURN),
            *([Column("Where it comes from")] if learned else []),
        ),
        rows=tuple((*row, *([origin.get(str(row[0]))] if learned else [])) for row in rows),
    )
