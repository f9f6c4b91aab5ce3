"""The point-range chart that the average and the marginal return share."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, money_ticks, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.domain.results import Estimate, LearnedFrom, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.insights import order_is_settled
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import BREAK_EVEN, LEVEL, return_writer, with_range

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
    figure = _figure(results, order, options.currency, height, learned) if order else marks.message_figure(takeaway)
    return ChartView(
        key=key,
        title=title,
        subtitle=subtitle(results, metric, ranged=True),
        figure=figure,
        takeaway=takeaway,
        table=_table(estimates, order, metric, options.currency, learned),
        height=height,
    )


def _figure(
    results: ModelResults, order: list[tuple[str, Estimate]], currency: str, height: int, learned: Learned
) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    write = return_writer(currency)
    reference_line(figure, x=BREAK_EVEN, annotation={"text": "break-even", "yanchor": "bottom", "y": 1})
    assumed = {name for name, source in learned.items() if source is LearnedFrom.ASSUMPTION}
    for row, (name, estimate) in enumerate(order):
        lines = (with_range(estimate, write), *([learned[name].label] if name in learned else []))
        dash = _DOTTED if name in assumed else "solid"
        marks.point_range(figure, row, estimate, styles[name], hover(name, *lines), dash)
        marks.row_label(figure, row, estimate.median, write(estimate.median))
    category_axis(figure, [f"{short(name)}{' *' if name in assumed else ''}" for name, _ in order])
    low, high = min(0.0, *(e.lo for _, e in order)), max(BREAK_EVEN, *(e.hi for _, e in order))
    figure.update_xaxes(value_axis(low, high + 0.04 * (high - low), money_ticks(currency)), showgrid=True)
    figure.update_layout(margin={"t": 28})
    if assumed & {name for name, _ in order}:
        marks.line_legend(figure, _ASSUMED, _DOTTED)
    return figure


def _table(
    estimates: Estimates, order: list[tuple[str, Estimate]], metric: str, currency: str, learned: Learned
) -> ChartTable:
    """The last column is there when any channel's origin is known."""
    missing = [name for name, estimate in estimates.items() if estimate is None]
    rows = [(name, e.median, e.lo50, e.hi50, e.lo, e.hi) for name, e in order]
    rows += [(name, numbers.NOT_ESTIMATED, None, None, None, None) for name in missing]
    origin = {name: source.label for name, source in learned.items()}
    return ChartTable(
        columns=(
            Column("Channel"),
            Column(f"{metric} (median)", Format.RETURN),
            *(Column(text, Format.RETURN) for text in ("50 % from", "50 % to", f"{LEVEL} from", f"{LEVEL} to")),
            *([Column("Where it comes from")] if learned else []),
        ),
        rows=tuple((*row, *([origin.get(str(row[0]))] if learned else [])) for row in rows),
        currency=currency,
    )
