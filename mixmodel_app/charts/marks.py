"""Marks that several charts share: the empty figure, ribbons, point-ranges, labels and small multiples."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mixmodel_app.charts import theme
from mixmodel_app.charts.text import safe, short
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.results import Band, Estimate
from mixmodel_app.wording import numbers

_PANEL_GAP = 48  # px between rows of panels: tick labels above, the panel's title below
_TITLE_LINE = 16  # px of each further line of a panel's title


def new_figure(height: int) -> go.Figure:
    """An empty figure in the house template, as wide as its container."""
    return go.Figure(layout={"template": theme.TEMPLATE, "height": height, "separators": numbers.separators()})


def new_panels(height: int, **grid: Any) -> go.Figure:
    """An empty figure of panels; `grid` as `plotly.subplots.make_subplots` takes it."""
    figure = make_subplots(**grid)
    figure.layout.template = theme.TEMPLATE  # assigned, since an update would keep Plotly's own beneath
    figure.layout.height = height
    figure.layout.separators = numbers.separators()
    return figure


def message_figure(text: str, height: int = theme.SMALL) -> go.Figure:
    """A figure that says in words why there is nothing to draw."""
    figure = new_figure(height)
    figure.add_annotation(text=safe(text), x=0.5, y=0.5, xref="paper", yref="paper")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def hollow(style: ChannelStyle, size: int = 11) -> dict[str, Any]:
    """A marker in the channel's shape with the ground's colour inside."""
    line = {"color": style.colour, "width": 2.5}
    return {"color": theme.PANEL, "symbol": style.symbol, "size": size, "line": line}


def point_range(
    figure: go.Figure, row: int, estimate: Estimate, style: ChannelStyle, hovertext: str, dash: str = "solid"
) -> None:
    """One row of a point-range chart: thin the range, thick that of 50 %, the median as the channel's marker.

    Args:
        dash: of the thin line, for ranges of another kind; the 50 % one is then as thin.
    """
    wide = 7 if dash == "solid" else 4
    for low, high, width, pattern in ((estimate.lo, estimate.hi, 2, dash), (estimate.lo50, estimate.hi50, wide, dash)):
        line = {"color": style.colour, "width": width, "dash": pattern}
        figure.add_scatter(x=[low, high], y=[row, row], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    figure.add_scatter(
        x=[estimate.median],
        y=[row],
        mode="markers",
        marker=hollow(style),
        hovertext=hovertext,
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )


def line_legend(figure: go.Figure, text: str, dash: str) -> None:
    """What a kind of line means, below the axis: the marks above it stand for channels, which are labelled."""
    line = {"color": theme.TEXT, "width": 2, "dash": dash}
    figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name=text, hoverinfo="skip", showlegend=True)
    figure.update_layout(showlegend=True, legend={"y": -0.12, "yanchor": "top"})


def row_label(figure: go.Figure, row: int, x: float, text: str) -> None:
    """A direct label just above a row's mark."""
    figure.add_annotation(x=x, y=row, text=safe(text), yshift=15)


def end_labels(figure: go.Figure, labels: Sequence[tuple[float, str]]) -> None:
    """A direct label to the right of each bar's end, from row 0 on: (x, text). Plotly checks all labels at each call,
    so they are set by one."""
    places = [
        {"x": x, "y": row, "text": safe(text), "xanchor": "left", "xshift": 4} for row, (x, text) in enumerate(labels)
    ]
    figure.update_layout(annotations=places)


def ribbons(x: Sequence[Any], band: Band, colour: str) -> list[go.Scatter]:
    """The ribbons of the range and of 50 % of a series, below its median line."""
    return [
        _ribbon(x, band.lo, band.hi, theme.alpha(colour, theme.RIBBON_WIDE)),
        _ribbon(x, band.lo50, band.hi50, theme.alpha(colour, theme.RIBBON_50)),
    ]


def _ribbon(x: Sequence[Any], low: Sequence[float], high: Sequence[float], fill: str) -> go.Scatter:
    """A filled band as one closed path."""
    return go.Scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=fill,
        hoverinfo="skip",
        showlegend=False,
    )


def small_multiples(
    titles: Sequence[str], row_height: int = 150, write: Callable[[str], str] = short, lines: int = 1
) -> tuple[go.Figure, int]:
    """A grid of panels, two to a row (one when there is one), readable on a phone; the figure and its height.

    Args:
        write: makes a safe and short title; lines: how many lines that has.
    """
    columns = min(len(titles), 2)
    rows = math.ceil(len(titles) / columns)
    more = _TITLE_LINE * (lines - 1)
    height = theme.height_for(rows, row_height + more, frame=24)
    gap = panel_gap(rows, height, _PANEL_GAP + more)
    figure = new_panels(height, rows=rows, cols=columns, horizontal_spacing=0.17, vertical_spacing=gap)
    for index, title in enumerate(titles):
        panel_title(figure, write(title), **panel(index, len(titles)))
    figure.update_layout(margin={"t": 28 + more})
    return figure, height


def panel(index: int, total: int) -> dict[str, Any]:
    """Row and column of the panel at `index` in a grid of `small_multiples`."""
    columns = min(total, 2)
    return {"row": index // columns + 1, "col": index % columns + 1}


def panel_gap(rows: int, height: int, pixels: int = _PANEL_GAP) -> float:
    """Space between rows of panels as the fraction of the figure that Plotly wants."""
    return min(pixels / height, 0.9 / max(rows - 1, 1))


def panel_title(figure: go.Figure, text: str, **place: Any) -> None:
    """A title above the left edge of one panel; `text` must be safe already."""
    figure.add_annotation(
        text=f"<b>{text}</b>",
        x=0,
        y=1,
        xref="x domain",
        yref="y domain",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        align="left",
        **place,
    )
