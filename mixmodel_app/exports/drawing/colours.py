"""Colours that a figure leaves to Plotly: the next of its palette for each trace, paler inside areas."""

from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import theme

_AREA = 0.5  # Plotly's own opacity of areas


def with_colours(figure: go.Figure) -> go.Figure:
    """The figure, or a copy in which every trace has a colour of its own."""
    if all(_has_colours(trace) for trace in figure.data):
        return figure
    coloured = go.Figure(figure)
    for index, trace in enumerate(coloured.data):
        _colour(trace, theme.CHANNEL_COLOURS[index % len(theme.CHANNEL_COLOURS)])
    return coloured


def _has_colours(trace: Any) -> bool:
    if trace.type == "pie":
        return trace.marker.colors is not None
    if trace.type == "bar":
        return trace.marker.color is not None
    if trace.type == "violin":
        return trace.line.color is not None and trace.fillcolor is not None
    if trace.type != "scatter":
        return True
    mode = trace.mode or "lines"
    lined = "lines" not in mode or trace.line.width == 0 or trace.line.color is not None
    dotted = "markers" not in mode or trace.marker.color is not None
    return lined and dotted and (trace.fillcolor is not None or not (trace.fill or trace.stackgroup))


def _colour(trace: Any, colour: str) -> None:
    """Give a trace what it lacks."""
    if _has_colours(trace):
        return
    if trace.type == "pie":
        palette = theme.CHANNEL_COLOURS
        trace.marker.colors = [palette[place % len(palette)] for place in range(len(trace["values"]))]
        return
    if trace.type == "bar":
        trace.marker.color = colour
        return
    own = trace.line.color or colour
    trace.line.color = own
    if trace.marker.color is None:
        trace.marker.color = own
    if trace.fillcolor is None:
        trace.fillcolor = theme.alpha(own, _AREA) if own.startswith("#") else own
