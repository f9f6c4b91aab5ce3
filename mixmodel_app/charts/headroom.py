"""How much more can each channel take until the next 1 returns what is asked of it? Point-ranges around zero."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, edge_anchor, reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.ranges import ends, no_ends, range_columns
from mixmodel_app.charts.returns import leader
from mixmodel_app.charts.text import hover, period_word, short, subtitle
from mixmodel_app.domain.headroom import MOST_TIMES, Headroom
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.headroom import OUTSIDE, limit_note, room_range, room_sentence, room_text
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import next_one

_OUTSIDE_DASH = "dash"
_UNKNOWN = "Headroom is not known for this run: it was fitted by an older version, or nothing was spent."


@chart("headroom", views=("manager",), order=25)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """More spend per period, the channel with most room first; below zero the channel is past the point already."""
    rooms = {channel.name: channel.headroom for channel in results.channels if channel.headroom is not None}
    order = sorted(rooms, key=lambda name: rooms[name].room.median, reverse=True)
    word, height = period_word(results), theme.height_for(len(rooms))
    title, takeaway = f"How much more until {next_one()} stops paying?", _UNKNOWN
    metric = f"Change of spend per {word}"
    if order:
        target = numbers.returned(rooms[order[0]].target)
        title = _title(rooms, f"{next_one()} returns {target}")
        takeaway = room_sentence(order[0], rooms[order[0]], word)
        metric = f"{metric} until {next_one()} returns {target}, {limit_note()}"
    return ChartView(
        key="headroom",
        title=title,
        subtitle=subtitle(results, metric, ranged=True),
        figure=_figure(results, rooms, order, height) if order else marks.message_figure(takeaway),
        takeaway=takeaway,
        table=_table(results, rooms, order, word),
        height=height,
    )


def _title(rooms: dict[str, Headroom], point: str) -> str:
    best = leader({name: room.room for name, room in rooms.items()})
    if best is None or best[1].median <= 0:
        open_end = any(room.room.hi > 0 for room in rooms.values())
        doubt = "Hardly any" if open_end else "No"
        return f"{doubt} channel has room until {point}" if len(rooms) > 1 else f"{doubt} room until {point}"
    name, _, hedge = best
    return f"{name} {hedge}has most room until {point}" if len(rooms) > 1 else f"Room of {name} until {point}"


def _figure(results: ModelResults, rooms: dict[str, Headroom], order: list[str], height: int) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    for row, name in enumerate(order):
        room = rooms[name]
        lines = (f"{room_text(room)} ({room_range(room)})", *([OUTSIDE] if room.outside else []))
        dash = _OUTSIDE_DASH if room.outside else "solid"
        marks.point_range(figure, row, room.room, styles[name], hover(name, *lines), dash)
        marks.row_label(figure, row, room.room.median, room_text(room))
    outside = {name for name in order if rooms[name].outside}
    category_axis(figure, [f"{short(name)}{' *' if name in outside else ''}" for name in order])
    low, high = min(0.0, *(r.room.lo for r in rooms.values())), max(0.0, *(r.room.hi for r in rooms.values()))
    edge = 0.08 * (high - low)
    low, high = low - edge, high + edge
    label = {"text": "spend as it is", "yanchor": "bottom", "y": 1, "xanchor": edge_anchor(0, low, high)}
    reference_line(figure, x=0, annotation=label)
    ticks = value_axis(low, high, numbers.signed_money, ticks=4)
    figure.update_xaxes(ticks, showgrid=True)
    figure.update_layout(margin={"t": 28})
    if outside:
        marks.line_legend(figure, f"* {OUTSIDE}: the model guesses", _OUTSIDE_DASH)
    return figure


def _table(results: ModelResults, rooms: dict[str, Headroom], order: list[str], word: str) -> ChartTable:
    rows = [
        (
            *(name, rooms[name].spend, rooms[name].room.median, *ends(rooms[name].room), rooms[name].beyond),
            OUTSIDE if rooms[name].outside else "observed",
        )
        for name in order
    ]
    missing = [name for name in results.channel_names if name not in rooms]
    rows += [
        (name, None, numbers.NOT_ESTIMATED, *no_ends(results.level), None, numbers.NOT_ESTIMATED) for name in missing
    ]
    return ChartTable(
        columns=(
            Column("Channel"),
            Column(f"Spend per {word}", Format.MONEY),
            Column("Room (median)", Format.MONEY),
            *range_columns(results.level, Format.MONEY),
            Column(f"Probability of more than {numbers.plain(MOST_TIMES)} times", Format.PERCENT),
            Column("Region"),
        ),
        rows=tuple(rows),
    )
