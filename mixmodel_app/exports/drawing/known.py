"""What of a Plotly figure is known here. Anything else is refused before it is drawn by halves."""

from typing import Any

import plotly.graph_objects as go

_TRACES = frozenset({"scatter", "bar", "pie", "violin", "heatmap"})
_STEPS = frozenset({None, "linear", "hv", "vh", "hvh", "vhv", "spline"})
_FILLS = frozenset({None, "none", "toself", "tozeroy"})


class CannotDraw(ValueError):
    """A figure has something that is not known here; reports then show the chart's table, which is complete."""


def check(figure: go.Figure) -> None:
    """Raise `CannotDraw` for a figure with traces, axes or shapes that are not known here."""
    layout: Any = figure.layout
    for trace in figure.data:
        if trace.type not in _TRACES:
            raise CannotDraw(f"a trace of type {trace.type}")
        if trace.visible in (False, "legendonly"):
            raise CannotDraw("a hidden trace")
        _CHECKS.get(trace.type, _nothing)(trace)
    bars = [(trace.xaxis, trace.yaxis) for trace in figure.data if trace.type == "bar"]
    if len(set(bars)) < len(bars) and layout.barmode != "overlay":
        raise CannotDraw("bars beside or on each other")
    axes: list[Any] = [*figure.select_xaxes(), *figure.select_yaxes()]
    for axis in axes:
        if axis.type in ("log", "multicategory") or axis.overlaying or axis.rangebreaks:
            raise CannotDraw("an axis that is logarithmic, nested, broken or laid over another")
        if isinstance(axis.autorange, str) and axis.autorange != "reversed":
            raise CannotDraw(f"an axis with the range {axis.autorange}")
    if any(shape.type not in ("line", "rect") for shape in layout.shapes):
        raise CannotDraw("a shape that is neither line nor rectangle")


def _nothing(trace: Any) -> None:
    """Every such trace can be drawn."""


def _check_scatter(trace: Any) -> None:
    if "text" in (trace.mode or "") or trace.fill not in _FILLS or trace.line.shape not in _STEPS:
        raise CannotDraw("texts at points, or a fill or line of another kind")
    _check_marks(trace)


def _check_marks(trace: Any) -> None:
    if any(error.visible is not False and error.to_plotly_json() for error in (trace.error_x, trace.error_y)):
        raise CannotDraw("error bars")
    if trace.orientation == "h" and trace.type == "scatter" and trace.stackgroup:
        raise CannotDraw("layers that lie on their side")
    colours = trace.marker.color
    several = () if colours is None or isinstance(colours, str) else colours
    if not all(isinstance(colour, str) for colour in several):
        raise CannotDraw("colours from a scale")


def _check_violin(trace: Any) -> None:
    if trace.orientation != "h" or trace.y0 is None or trace.y is not None or trace.x is None or trace.width is None:
        raise CannotDraw("densities that do not lie on a row")
    if trace.points not in (False, None) or trace.box.visible or trace.meanline.visible:
        raise CannotDraw("points or boxes within densities")


def _check_heatmap(trace: Any) -> None:
    if trace.z is None or trace.colorscale is None or trace.texttemplate:
        raise CannotDraw("a heatmap without a scale, or with texts")


_CHECKS = {"scatter": _check_scatter, "bar": _check_marks, "violin": _check_violin, "heatmap": _check_heatmap}
