"""The point-range chart that the average and the marginal return share."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, money_ticks, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column
from mixmodel_app.charts.text import hover, short, subtitle
from mixmodel_app.domain.results import Estimate, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.insights import order_is_settled
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import BREAK_EVEN, LEVEL, return_writer, with_range

Estimates = dict[str, Estimate | None]


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
) -> ChartView:
    """Point-ranges by channel, sorted, with the break-even line; channels without an estimate stay in the table."""
    order = ranked(estimates)
    height = theme.height_for(len(order))
    figure = _figure(results, order, options.currency, height) if order else marks.message_figure(takeaway)
    return ChartView(
        key=key,
        title=title,
        subtitle=subtitle(results, metric, ranged=True),
        figure=figure,
        takeaway=takeaway,
        table=_table(estimates, order, metric, options.currency),
        height=height,
    )


def _figure(results: ModelResults, order: list[tuple[str, Estimate]], currency: str, height: int) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    write = return_writer(currency)
    reference_line(figure, x=BREAK_EVEN, annotation={"text": "break-even", "yanchor": "bottom", "y": 1})
    for row, (name, estimate) in enumerate(order):
        marks.point_range(figure, row, estimate, styles[name], hover(name, with_range(estimate, write)))
        marks.row_label(figure, row, estimate.median, write(estimate.median))
    category_axis(figure, [short(name) for name, _ in order])
    low, high = min(0.0, *(e.lo for _, e in order)), max(BREAK_EVEN, *(e.hi for _, e in order))
    figure.update_xaxes(value_axis(low, high + 0.04 * (high - low), money_ticks(currency)), showgrid=True)
    figure.update_layout(margin={"t": 28})
    return figure


def _table(estimates: Estimates, order: list[tuple[str, Estimate]], metric: str, currency: str) -> ChartTable:
    missing = [name for name, estimate in estimates.items() if estimate is None]
    return ChartTable(
        columns=(
            Column("Channel"),
            Column(f"{metric} (median)", Format.RETURN),
            *(Column(text, Format.RETURN) for text in ("50 % from", "50 % to", f"{LEVEL} from", f"{LEVEL} to")),
        ),
        rows=(
            *((name, e.median, e.lo50, e.hi50, e.lo, e.hi) for name, e in order),
            *((name, numbers.NOT_ESTIMATED, None, None, None, None) for name in missing),
        ),
        currency=currency,
    )
