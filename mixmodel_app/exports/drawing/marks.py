"""The marks of a Plotly figure as shapes: lines, areas, points, bars, rings, densities and heatmaps."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mixmodel_app.charts import theme
from mixmodel_app.exports.drawing.axes import Axis, as_number, smallest_gap
from mixmodel_app.exports.drawing.scene import CLEAR, Dot, Ink, Item, Point, Shape, Text, blend, hatching, ink
from mixmodel_app.exports.drawing.text import lines_of

DASHES = {
    "dash": (7.0, 4.0),
    "dot": (2.0, 3.0),
    "dashdot": (7.0, 3.0, 2.0, 3.0),
    "longdash": (11.0, 4.0),
    "longdashdot": (11.0, 3.0, 2.0, 3.0),
}
_DENSITY_POINTS = 60
_SIDES = {"positive": (1,), "negative": (-1,), "both": (-1, 1)}
_INK = Ink(theme.INK)


def item_of(value: Any, index: int, default: Any = None) -> Any:
    """What Plotly gives for all points or for each."""
    if value is None:
        return default
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    found = value[index] if index < len(value) else None
    return default if found is None else found


def dash_of(name: str | None) -> tuple[float, ...]:
    return DASHES.get(name or "solid", ())


def values_of(trace: Any, letter: str) -> Sequence[Any]:
    """What a trace has on an axis; positions from 0 where it names none, as Plotly has it."""
    own, other = trace[letter], trace["y" if letter == "x" else "x"]
    if own is not None:
        return own
    return range(len(other)) if other is not None else ()


def scatter(
    trace: Any, x: Axis, y: Axis, below: Sequence[float] | None = None, top: Sequence[float] | None = None
) -> list[Item]:
    """Lines, filled bands and points; a stacked layer lies between `below` and `top`."""
    heights = values_of(trace, "y") if top is None else top
    pairs = [(x.number(a), y.number(b)) for a, b in zip(values_of(trace, "x"), heights, strict=False)]
    points = [None if a is None or b is None else (x.pixel(a), y.pixel(b)) for a, b in pairs]
    found: list[Item] = []
    if trace.fill == "toself":
        found.append(Shape(tuple(point for point in points if point), closed=True, fill=ink(trace.fillcolor)))
    if below is not None:
        found += _layer(trace, points, [y.pixel(value) for value in below])
    pieces = [_stepped(part, trace.line.shape) for part in _pieces(points)]
    if trace.fill == "tozeroy":
        zero = y.pixel(0.0)
        found += [
            Shape(((part[0][0], zero), *part, (part[-1][0], zero)), closed=True, fill=ink(trace.fillcolor))
            for part in pieces
        ]
    mode = trace.mode or "lines"
    if "lines" in mode and trace.line.width != 0:
        stroke = ink(trace.line.color)
        width, dash = trace.line.width or 2, dash_of(trace.line.dash)
        found += [Shape(part, stroke=stroke, width=width, dash=dash) for part in pieces if len(part) > 1]
    if "markers" in mode:
        found += [marker(point, trace.marker, index) for index, point in enumerate(points) if point]
    return found


def marker(centre: Point, style: Any, index: int = 0) -> Item:
    """One point in its symbol, size and colours."""
    symbol = item_of(style.symbol, index, "circle")
    radius = item_of(style.size, index, 6) / 2
    colour, edge = ink(item_of(style.color, index)), ink(item_of(style.line.color, index))
    width = item_of(style.line.width, index, 0) or 0
    if symbol.endswith("-open"):
        symbol, colour, edge, width = symbol.removesuffix("-open"), None, colour, 1.5
    stroke = edge if width else None
    if symbol == "circle":
        return Dot(centre, radius, colour, stroke, width)
    outline = tuple((centre[0] + radius * a, centre[1] - radius * b) for a, b in _outline(symbol))
    return Shape(outline, closed=True, fill=colour, stroke=stroke, width=width)


def bars(trace: Any, x: Axis, y: Axis, gap: float) -> list[Item]:
    """Bars from zero or from their base, with their texts beyond the end.

    Args:
        gap: the share of a place that stays empty beside a bar.
    """
    lying = trace.orientation == "h"
    across, along = (y, x) if lying else (x, y)
    places = [across.number(value) for value in values_of(trace, "y" if lying else "x")]
    sizes = [along.number(value) for value in values_of(trace, "x" if lying else "y")]
    widest = (1 - gap) * smallest_gap([place for place in places if place is not None])
    found: list[Item] = []
    for index, (place, size) in enumerate(zip(places, sizes, strict=False)):
        if size is None or place is None:
            continue
        half = item_of(trace.width, index, widest) / 2
        start = along.number(item_of(trace.base, index, 0)) or 0.0
        near, far = across.pixel(place - half), across.pixel(place + half)
        begin, end = along.pixel(start), along.pixel(start + size)
        corners = ((begin, near), (end, near), (end, far), (begin, far))
        corners = corners if lying else tuple((b, a) for a, b in corners)
        found += _filled(corners, trace.marker, index)
        if trace.text is not None and lying:
            side = 1 if size >= 0 else -1
            anchor = "start" if side > 0 else "end"
            found.append(
                Text(end + 4 * side, (near + far) / 2, lines_of(item_of(trace.text, index))[0][0], 12, _INK, anchor)
            )
    return found


def ring(trace: Any, centre: Point, radius: float) -> list[Item]:
    """Slices clockwise from the top, each with its label outside."""
    values = [max(as_number(value) or 0.0, 0.0) for value in (trace["values"] if trace["values"] is not None else ())]
    total = sum(values) or 1.0
    texts = trace.labels if trace.text is None else trace.text
    found: list[Item] = []
    begin = 0.0
    for index, value in enumerate(values):
        end = begin + value / total
        outer = [_on_circle(centre, radius, share) for share in np.linspace(begin, end, 48)]
        inner = [_on_circle(centre, radius * (trace.hole or 0), share) for share in np.linspace(end, begin, 48)]
        found += _filled((*outer, *inner), trace.marker, index, trace.marker.colors)
        x, y = _on_circle(centre, radius + 14, (begin + end) / 2)
        anchor = "start" if x > centre[0] else "end"
        lines = lines_of(item_of(texts, index, ""))
        offset = -8 * (len(lines) - 1)
        found += [Text(x, y + offset + 16 * row, text, 12, _INK, anchor) for row, (text, _) in enumerate(lines)]
        begin = end
    return found


def violin(trace: Any, x: Axis, y: Axis) -> list[Item]:
    """The density of draws beside a row: a Gaussian kernel with Silverman's bandwidth, cut at the ends of the draws."""
    draws = np.asarray([value for each in trace.x if (value := x.number(each)) is not None])
    row = y.number(trace.y0)
    if len(draws) < 2 or draws.std() == 0 or row is None:
        return []
    spread = min(draws.std(ddof=1), (np.quantile(draws, 0.75) - np.quantile(draws, 0.25)) / 1.34 or math.inf)
    grid = np.linspace(draws.min(), draws.max(), _DENSITY_POINTS)
    distance = (grid[:, None] - draws) / (0.9 * spread * len(draws) ** -0.2)
    density = np.exp(-0.5 * distance**2).sum(axis=1)
    heights = trace.width / 2 * density / density.max()
    fill, stroke = ink(trace.fillcolor), ink(trace.line.color)
    found: list[Item] = []
    for side in _SIDES[trace.side or "both"]:
        points = [(x.pixel(value), y.pixel(row + side * height)) for value, height in zip(grid, heights, strict=True)]
        base = [(points[-1][0], y.pixel(row)), (points[0][0], y.pixel(row))]
        found.append(Shape((*points, *base), closed=True, fill=fill, stroke=stroke, width=1))
    return found


def heatmap(trace: Any, x: Axis, y: Axis) -> list[Item]:
    """A rectangle for each known value, in the colour that the scale gives it."""
    rows = [[as_number(value) for value in row] for row in trace.z]
    known = [value for row in rows for value in row if value is not None]
    if not known:
        return []
    low = min(known) if trace.zmin is None else trace.zmin
    high = max(known) if trace.zmax is None else trace.zmax
    columns = [x.number(value) for value in cells_along(trace, "x")]
    lines = [y.number(value) for value in cells_along(trace, "y")]
    wide, tall = (smallest_gap([place for place in places if place is not None]) for places in (columns, lines))
    gaps = ((trace.xgap or 0) / 2, (trace.ygap or 0) / 2)
    found: list[Item] = []
    for line, row in zip(lines, rows, strict=False):
        for column, value in zip(columns, row, strict=False):
            if value is None or column is None or line is None:
                continue
            share = (value - low) / (high - low) if high > low else 0.5
            left, right = sorted(x.pixel(column + side * wide / 2) for side in (-1, 1))
            top, bottom = sorted(y.pixel(line + side * tall / 2) for side in (-1, 1))
            left, right, top, bottom = left + gaps[0], right - gaps[0], top + gaps[1], bottom - gaps[1]
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            found.append(Shape(corners, closed=True, fill=_between(trace.colorscale, min(max(share, 0.0), 1.0))))
    return found


def cells_along(trace: Any, letter: str) -> Sequence[Any]:
    """Where the cells of a heatmap stand on an axis: at its values, else from 0."""
    own = trace[letter]
    if own is not None:
        return own
    return range(len(trace.z) if letter == "y" else max((len(row) for row in trace.z), default=0))


def _between(scale: Sequence[Sequence[Any]], share: float) -> Ink | None:
    """The colour at a share of a scale: from the last stop below it towards the next, in colour and opacity."""
    stops = [(float(at), ink(colour) or CLEAR) for at, colour in scale]
    after = next((index for index, (at, _) in enumerate(stops) if at >= share), len(stops) - 1)
    (start, first), (end, last) = stops[max(after - 1, 0)], stops[after]
    return blend(first, last, (share - start) / (end - start) if end > start else 1.0)


def area(corners: tuple[Point, ...], colour: str | None, *, hatched: bool = False) -> list[Item]:
    """A plain or hatched area."""
    return _hatched(corners, ink(colour)) if hatched else [Shape(corners, closed=True, fill=ink(colour))]


def _layer(trace: Any, points: Sequence[Point | None], floor: Sequence[float]) -> list[Item]:
    known = [(point, level) for point, level in zip(points, floor, strict=False) if point]
    corners = (*(point for point, _ in known), *((x, level) for (x, _), level in reversed(known)))
    if trace.fillpattern.shape:
        return _hatched(corners, ink(trace.line.color))
    return [Shape(corners, closed=True, fill=ink(trace.fillcolor))]


def _filled(corners: tuple[Point, ...], style: Any, index: int, colours: Any = None) -> list[Item]:
    """An area in the colour and pattern of its mark."""
    colour = ink(item_of(style.color if colours is None else colours, index))
    colour = None if colour and colour.opacity == 0 else colour
    edge, width = ink(item_of(style.line.color, index)), item_of(style.line.width, index, 0) or 0
    stroke = edge if width else None
    if colour and item_of(style.pattern.shape, index):
        return _hatched(corners, colour)
    return [Shape(corners, closed=True, fill=colour, stroke=stroke, width=width)]


def _hatched(corners: tuple[Point, ...], colour: Ink | None) -> list[Item]:
    if colour is None:
        return []
    pale = Ink(colour.colour, 0.14)
    lines = [Shape(line, stroke=colour, width=1.2) for line in hatching(corners)]
    return [Shape(corners, closed=True, fill=pale, stroke=colour, width=0.8), *lines]


def _stepped(points: tuple[Point, ...], shape: str | None) -> tuple[Point, ...]:
    """The corners of a line in steps: "hv" turns at the next point, "vh" at the last, "hvh" and "vhv" half-way."""
    if shape not in ("hv", "vh", "hvh", "vhv"):
        return points
    found = list(points[:1])
    for (x0, y0), (x1, y1) in pairwise(points):
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        turns = {
            "hv": [(x1, y0)],
            "vh": [(x0, y1)],
            "hvh": [(middle_x, y0), (middle_x, y1)],
            "vhv": [(x0, middle_y), (x1, middle_y)],
        }
        found += [*turns[shape], (x1, y1)]
    return tuple(found)


def _pieces(points: Iterable[Point | None]) -> list[tuple[Point, ...]]:
    """A line broken where a point is missing."""
    pieces: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    return [tuple(piece) for piece in pieces if piece]


def _on_circle(centre: Point, radius: float, share: float) -> Point:
    angle = 2 * math.pi * share
    return centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)


def _regular(corners: int, turn: float = 0.0) -> list[Point]:
    angles = [turn + 2 * math.pi * index / corners for index in range(corners)]
    return [(math.sin(angle), math.cos(angle)) for angle in angles]


def _star() -> list[Point]:
    spikes, notches = _regular(5), _regular(5, math.pi / 5)
    return [point for spike, (a, b) in zip(spikes, notches, strict=True) for point in (spike, (0.45 * a, 0.45 * b))]


def _cross() -> list[Point]:
    arm, thick = 1.0, 0.38
    quarter = [(thick, arm), (thick, thick), (arm, thick)]
    return [
        *quarter,
        *((a, -b) for a, b in reversed(quarter)),
        *((-a, -b) for a, b in quarter),
        *((-a, b) for a, b in reversed(quarter)),
    ]


_OUTLINES: dict[str, Callable[[], list[Point]]] = {
    "square": lambda: [(0.9 * a, 0.9 * b) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))],
    "diamond": lambda: [(0, 1.25), (1.25, 0), (0, -1.25), (-1.25, 0)],
    "triangle-up": lambda: [(1.15 * a, 1.15 * b) for a, b in _regular(3)],
    "triangle-down": lambda: [(1.15 * a, -1.15 * b) for a, b in _regular(3)],
    "pentagon": lambda: _regular(5),
    "hexagon": lambda: _regular(6),
    "star": lambda: [(1.3 * a, 1.3 * b) for a, b in _star()],
    "cross": _cross,
}


def _outline(symbol: str) -> list[Point]:
    """The corners of a symbol around zero, y upwards; a hexagon for one that is not known here."""
    return _OUTLINES.get(symbol, _OUTLINES["hexagon"])()
