"""A Plotly figure as a scene: panels with axes, marks, reference lines, labels and a legend.

What it knows is in `known.py`. A figure with anything else is not drawn at all: reports then show the chart's table,
which is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import theme
from mixmodel_app.exports.drawing import legend, marks
from mixmodel_app.exports.drawing.axes import Axis, as_number, limits, names_on, number_among, smallest_gap, ticks
from mixmodel_app.exports.drawing.colours import with_colours
from mixmodel_app.exports.drawing.known import CannotDraw, check
from mixmodel_app.exports.drawing.scene import Anchor, Ink, Item, Scene, Shape, Text, clipped, ink, text_width
from mixmodel_app.exports.drawing.text import lines_of

SIZE, LINE = 12.0, 16.0
_TEXT, _INK, _GRID = Ink(theme.TEXT), Ink(theme.INK), Ink(theme.GRID)
_PIXELS_PER_TICK = 90
_EDGE = 16.0


@dataclass(slots=True)
class _Panel:
    """Two axes by their names in the figure, and the values on them."""

    x_name: str
    y_name: str
    traces: list[Any] = field(default_factory=list)
    x: Axis | None = None
    y: Axis | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The pixels that all panels share."""

    left: float
    right: float
    top: float
    bottom: float


def drawing(figure: go.Figure, width: float, height: float) -> Scene | None:
    """The figure in a given size in pixels; None when something of it is not known here."""
    try:
        return draw(figure, width, height)
    except CannotDraw:
        return None


def draw(figure: go.Figure, width: float, height: float) -> Scene:
    """The figure in a given size in pixels; raises `CannotDraw` when something of it is not known here."""
    check(figure)
    figure = with_colours(figure)
    layout: Any = figure.layout
    scene = Scene(width, height)
    panels = _panels(figure)
    named = legend.entries(figure)
    frame = _frame(figure, panels, width, height, len(legend.in_rows(named, width - _EDGE)))
    for panel in panels.values():
        _place(figure, panel, frame)
        scene.add(*_grid(panel))
    for shape in layout.shapes:
        scene.add(*_shape(shape, panels, frame))
    for panel in panels.values():
        box = _box(panel)
        scene.add(*(part for item in _marks(figure, panel) for part in clipped(item, box)))
    for trace in figure.data:
        if trace.type == "pie":
            centre = ((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2)
            scene.add(*marks.ring(trace, centre, min(frame.right - frame.left, frame.bottom - frame.top) / 2))
    for note in layout.annotations:
        scene.add(*_annotation(note, panels, frame))
    scene.add(*legend.draw(figure, named, width - _EDGE, height))
    return scene


def _panels(figure: Any) -> dict[tuple[str, str], _Panel]:
    found: dict[tuple[str, str], _Panel] = {}
    for trace in figure.data:
        if trace.type != "pie":
            key = (trace.xaxis or "x", trace.yaxis or "y")
            found.setdefault(key, _Panel(*key)).traces.append(trace)
    if not found and not figure.data:
        found["x", "y"] = _Panel("x", "y")
    return found


def _axis_of(figure: Any, name: str) -> Any:
    return figure.layout[f"{name[0]}axis{name[1:]}"]


def _frame(figure: Any, panels: dict[Any, _Panel], width: float, height: float, rows: int) -> _Frame:
    """Room for tick labels, titles and legend around the panels."""
    margin = figure.layout.margin
    left, right, top, bottom = margin.l or 8, margin.r or 16, margin.t or 10, margin.b or 8
    labels = [_label_width(figure, panel, height) for panel in panels.values() if _starts(figure, panel)]
    shown = [panel for panel in panels.values() if _axis_of(figure, panel.x_name).visible is not False]
    if shown:
        titled = any(_axis_of(figure, panel.x_name).title.text for panel in shown)
        bottom += 36 if titled else 20
    left += max(labels, default=0)
    if rows and legend.is_below(figure):
        bottom += rows * 20 + 4
    elif rows:
        top += rows * 20 + 4
    return _Frame(left, width - right, top, height - bottom)


def _starts(figure: Any, panel: _Panel) -> bool:
    domain = _axis_of(figure, panel.x_name).domain
    return domain is None or domain[0] == 0


def _label_width(figure: Any, panel: _Panel, height: float) -> float:
    axis = _axis_of(figure, panel.y_name)
    if axis.visible is False or axis.showticklabels is False:
        return 0.0
    low, high = _limits(axis, panel, "y")
    found = ticks(axis, low, high, dated=False, most=max(int(height / 60), 2), names=_names(panel, "y"))
    return max((text_width(line, SIZE) for _, text in found for line, _ in lines_of(text)), default=0.0) + 8


def _raw(trace: Any, letter: str) -> Sequence[Any]:
    """What a trace has on an axis, as the figure holds it."""
    if trace.type == "heatmap":
        return marks.cells_along(trace, letter)
    if trace.type == "violin":
        return trace.x if letter == "x" else [trace.y0]
    return marks.values_of(trace, letter)


def _names(panel: _Panel, letter: str) -> tuple[str, ...]:
    return names_on([value for trace in panel.traces for value in _raw(trace, letter)])


def _limits(axis: Any, panel: _Panel, letter: str) -> tuple[float, float]:
    """What the axis has to hold: bars with their width and from zero, layers as high as they are stacked."""
    names = _names(panel, letter)
    values: list[float] = []
    from_zero = False
    top: list[float] | None = None
    for trace in panel.traces:
        own = [number for value in _raw(trace, letter) if (number := number_among(value, names)) is not None]
        if trace.type == "bar" and letter == ("x" if trace.orientation == "h" else "y"):
            from_zero = True
            starts = [as_number(marks.item_of(trace.base, index, 0)) or 0.0 for index in range(len(own))]
            own = [*starts, *(start + size for start, size in zip(starts, own, strict=True))]
        elif trace.type in ("bar", "heatmap") and own:
            half = smallest_gap(own) / 2
            own += [min(own) - half, max(own) + half]
        elif trace.type == "violin" and letter == "y":
            own = [place + side * trace.width / 2 for place in own for side in (-1, 1)]
        elif trace.type == "scatter" and letter == "y" and trace.stackgroup:
            top = _on(top, trace)
            own = [0.0, *top]
        values += own
    return limits(axis, values, from_zero=from_zero)


def _on(floor: list[float] | None, trace: Any) -> list[float]:
    """The upper edge of a layer on a floor; what is missing has no height."""
    heights = [as_number(value) or 0.0 for value in marks.values_of(trace, "y")]
    if floor is not None and len(floor) != len(heights):
        raise CannotDraw("layers of different length")
    return [below + height for below, height in zip(floor or [0.0] * len(heights), heights, strict=True)]


def _place(figure: Any, panel: _Panel, frame: _Frame) -> None:
    """Give a panel its axes in pixels."""
    x_axis, y_axis = _axis_of(figure, panel.x_name), _axis_of(figure, panel.y_name)
    from_x, to_x = x_axis.domain or (0, 1)
    from_y, to_y = y_axis.domain or (0, 1)
    wide, high = frame.right - frame.left, frame.bottom - frame.top
    first, last = frame.left + from_x * wide, frame.left + to_x * wide
    lower, upper = frame.bottom - from_y * high, frame.bottom - to_y * high
    panel.x = _axis(x_axis, panel, "x", first, last, grid=bool(x_axis.showgrid))
    panel.y = _axis(y_axis, panel, "y", lower, upper, grid=y_axis.showgrid is not False)


def _axis(layout_axis: Any, panel: _Panel, letter: str, first: float, last: float, *, grid: bool) -> Axis:
    low, high = _limits(layout_axis, panel, letter)
    names = _names(panel, letter)
    values = (value for trace in panel.traces for value in _raw(trace, letter))
    dated = not names and any(value is not None and not isinstance(value, Real) for value in values)
    spacing = _PIXELS_PER_TICK if letter == "x" else 50
    found = ticks(layout_axis, low, high, dated=dated, most=max(int(abs(last - first) / spacing), 2), names=names)
    visible = layout_axis.visible is not False
    return Axis(
        low=low,
        high=high,
        first=first,
        last=last,
        ticks=found if visible else (),
        grid=grid and visible,
        shown=visible and layout_axis.showticklabels is not False,
        title=layout_axis.title.text or "",
        names=names,
    )


def _box(panel: _Panel) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a panel."""
    x, y = panel.x, panel.y
    assert x is not None
    assert y is not None
    return min(x.first, x.last), min(y.first, y.last), max(x.first, x.last), max(y.first, y.last)


def _grid(panel: _Panel) -> list[Item]:
    x, y = panel.x, panel.y
    assert x is not None
    assert y is not None
    found: list[Item] = []
    for value, text in x.ticks:
        at = x.pixel(value)
        if x.grid:
            found.append(Shape(((at, y.first), (at, y.last)), stroke=_GRID))
        if x.shown:
            found += _lines(text, at, y.first + 12, "middle", _TEXT)
    for value, text in y.ticks:
        at = y.pixel(value)
        if y.grid:
            found.append(Shape(((x.first, at), (x.last, at)), stroke=_GRID))
        if y.shown:
            found += _lines(text, x.first - 6, at, "end", _TEXT)
    if x.title:
        found.append(Text((x.first + x.last) / 2, y.first + 28, x.title, SIZE, _TEXT, "middle"))
    return found


def _lines(markup: str, x: float, y: float, anchor: Anchor, colour: Ink, size: float = SIZE) -> list[Item]:
    """Lines of text around a point, their middle on it."""
    lines = lines_of(markup)
    gap = size * LINE / SIZE
    top = y - gap * (len(lines) - 1) / 2
    return [Text(x, top + gap * row, text, size, colour, anchor, bold) for row, (text, bold) in enumerate(lines)]


def _marks(figure: Any, panel: _Panel) -> list[Item]:
    found: list[Item] = []
    gap = figure.layout.bargap if figure.layout.bargap is not None else 0.2
    floor: list[float] | None = None
    assert panel.x is not None
    assert panel.y is not None
    for trace in panel.traces:
        if trace.type == "bar":
            found += marks.bars(trace, panel.x, panel.y, gap)
        elif trace.type == "violin":
            found += marks.violin(trace, panel.x, panel.y)
        elif trace.type == "heatmap":
            found += marks.heatmap(trace, panel.x, panel.y)
        elif trace.stackgroup:
            top = _on(floor, trace)
            found += marks.scatter(trace, panel.x, panel.y, floor or [0.0] * len(top), top)
            floor = top
        else:
            found += marks.scatter(trace, panel.x, panel.y)
    return found


def _shape(shape: Any, panels: dict[Any, _Panel], frame: _Frame) -> list[Item]:
    left, right = (_at(value, shape.xref, "x", panels, frame) for value in (shape.x0, shape.x1))
    top, bottom = (_at(value, shape.yref, "y", panels, frame) for value in (shape.y0, shape.y1))
    if shape.type == "line":
        stroke, width = ink(shape.line.color), shape.line.width or 1
        return [Shape(((left, top), (right, bottom)), stroke=stroke, width=width, dash=marks.dash_of(shape.line.dash))]
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return [Shape(corners, closed=True, fill=ink(shape.fillcolor))]


def _at(value: Any, reference: str | None, letter: str, panels: dict[Any, _Panel], frame: _Frame) -> float:
    """A pixel from a value of the data, a share of an axis ("x2 domain") or a share of the whole ("paper")."""
    name = reference or letter
    if name == "paper":
        first, last = (frame.left, frame.right) if letter == "x" else (frame.bottom, frame.top)
        return first + float(value) * (last - first)
    axis = _named(name.split(" ")[0], letter, panels)
    if name.endswith("domain"):
        return axis.part(float(value))
    number = axis.number(value)
    if number is None:
        raise CannotDraw("a line or a text without a place")
    return axis.pixel(number)


def _named(name: str, letter: str, panels: dict[Any, _Panel]) -> Axis:
    for panel in panels.values():
        axis = panel.x if letter == "x" else panel.y
        if axis is not None and name == (panel.x_name if letter == "x" else panel.y_name):
            return axis
    raise CannotDraw(f"a place on the axis {name}")


def _annotation(note: Any, panels: dict[Any, _Panel], frame: _Frame) -> list[Item]:
    if note.text is None or note.x is None or note.y is None or note.visible is False:
        return []
    x = _at(note.x, note.xref, "x", panels, frame) + (note.xshift or 0)
    y = _at(note.y, note.yref, "y", panels, frame) - (note.yshift or 0)
    size = float(note.font.size or SIZE)
    across: dict[str | None, Anchor] = {"left": "start", "right": "end"}
    rows = len(lines_of(note.text))
    up = {"bottom": -1, "top": 1}.get(note.yanchor or "", 0) * (size * LINE / SIZE) * rows / 2
    return _lines(note.text, x, y + up, across.get(note.xanchor, "middle"), _INK, size)
