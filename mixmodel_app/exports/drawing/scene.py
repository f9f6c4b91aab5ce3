"""The shapes that a chart is drawn with, in pixels from the top left corner, and their measures."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from PIL import ImageColor

from mixmodel_app.exports.drawing.known import CannotDraw

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[]·- "), set("mwMW%@—…")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_HAIR = 0.5  # px: a point on the edge is inside
_RGBA = re.compile(r"rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*([\d.]+)\s*)?\)")


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour as "#rrggbb" with an opacity from 0 to 1."""

    colour: str
    opacity: float = 1.0


CLEAR = Ink("#ffffff", 0.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """A line through points, or an area when `closed`; `fill` and `stroke` are left out when None."""

    points: tuple[Point, ...]
    closed: bool = False
    fill: Ink | None = None
    stroke: Ink | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle."""

    centre: Point
    radius: float
    fill: Ink | None = None
    stroke: Ink | None = None
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `y` is where its middle lies."""

    x: float
    y: float
    text: str
    size: float
    ink: Ink
    anchor: Anchor = "start"
    bold: bool = False


Item = Shape | Dot | Text


@dataclass(slots=True)
class Scene:
    """A drawing: its size and its shapes, the first below the others."""

    width: float
    height: float
    items: list[Item] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        self.items.extend(items)


def ink(colour: str | None) -> Ink | None:
    """A colour as Plotly takes it ("#rrggbb", "rgba(…)", a name) as ink; None when there is nothing to see.

    Raises:
        CannotDraw: it is written in another way.
    """
    if not colour:
        return None
    found = _RGBA.fullmatch(colour)
    if found is None:
        return Ink(colour) if _HEX.fullmatch(colour) else _named(colour)
    red, green, blue = (min(int(part), 255) for part in found.group(1, 2, 3))
    opacity = 1.0 if found.group(4) is None else float(found.group(4))
    return Ink(f"#{red:02x}{green:02x}{blue:02x}", opacity) if opacity else None


def _named(colour: str) -> Ink:
    try:
        red, green, blue = ImageColor.getrgb(colour)[:3]
    except ValueError:
        raise CannotDraw(f"the colour {colour!r}") from None
    return Ink(f"#{red:02x}{green:02x}{blue:02x}")


def blend(first: Ink, second: Ink, share: float) -> Ink | None:
    """A share of the way from one ink to another; None when there is nothing to see."""
    opacity = first.opacity + share * (second.opacity - first.opacity)
    if opacity <= 0:
        return None
    # Ink without opacity has no colour of its own: the other's stays.
    ends = [one.colour if one.opacity else other.colour for one, other in ((first, second), (second, first))]
    parts = zip(*([int(end[at : at + 2], 16) for at in (1, 3, 5)] for end in ends), strict=True)
    return Ink("#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in parts), round(opacity, 3))


def clipped(item: Item, box: tuple[float, float, float, float]) -> list[Item]:
    """What of an item lies inside a box (left, top, right, bottom): a dot is in or out, a line or an area is cut."""
    left, top, right, bottom = box
    if isinstance(item, Text):
        return [item]
    if isinstance(item, Dot):
        x, y = item.centre
        inside = left - _HAIR <= x <= right + _HAIR and top - _HAIR <= y <= bottom + _HAIR
        return [item] if inside else []
    if all(left <= x <= right and top <= y <= bottom for x, y in item.points):
        return [item]
    if item.closed:
        points = _cut_area(item.points, box)
        area: list[Item] = [replace(item, points=points, stroke=None)] if item.fill and len(points) > 2 else []
        outline = (*item.points, item.points[0]) if item.stroke else ()
        return area + [replace(item, points=part, closed=False, fill=None) for part in _cut_line(outline, box)]
    return [replace(item, points=part) for part in _cut_line(item.points, box)]


def _cut_area(points: tuple[Point, ...], box: tuple[float, float, float, float]) -> tuple[Point, ...]:
    """Cut at each edge of the box in turn (Sutherland and Hodgman, 1974)."""
    for axis, edge, sign in ((0, box[0], 1), (1, box[1], 1), (0, box[2], -1), (1, box[3], -1)):
        kept: list[Point] = []
        for a, b in zip((points[-1:] + points)[: len(points)], points, strict=True):
            before, after = sign * (a[axis] - edge), sign * (b[axis] - edge)
            if (before >= 0) != (after >= 0):
                kept.append(_part(a, b, before / (before - after)))
            if after >= 0:
                kept.append(b)
        points = tuple(kept)
        if not points:
            break
    return points


def _cut_line(points: tuple[Point, ...], box: tuple[float, float, float, float]) -> list[tuple[Point, ...]]:
    """The pieces of a line inside the box (each segment as Liang and Barsky, 1984)."""
    pieces: list[list[Point]] = []
    for a, b in pairwise(points):
        start, end = 0.0, 1.0
        for axis, low, high in ((0, box[0], box[2]), (1, box[1], box[3])):
            step = b[axis] - a[axis]
            if step == 0:
                start, end = (start, end) if low <= a[axis] <= high else (1.0, 0.0)
                continue
            near, far = sorted(((low - a[axis]) / step, (high - a[axis]) / step))
            start, end = max(start, near), min(end, far)
        if start > end:
            continue
        first, last = _part(a, b, start), _part(a, b, end)
        if pieces and start == 0 and pieces[-1][-1] == a:
            pieces[-1].append(last)
        else:
            pieces.append([first, last])
    return [tuple(piece) for piece in pieces]


def _part(a: Point, b: Point, share: float) -> Point:
    """A point between two; the ends exactly."""
    if share in (0, 1):
        return b if share else a
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def text_width(text: str, size: float) -> float:
    """About how wide a line is in a sans-serif face: enough to leave room for a label."""
    return size * sum(0.3 if sign in _NARROW else 0.86 if sign in _WIDE else 0.6 for sign in text)


def hatching(corners: tuple[Point, ...], gap: float = 6.0) -> list[tuple[Point, Point]]:
    """Diagonal lines inside an area: where lines x + y = const meet its outline, taken in pairs."""
    sums = [x + y for x, y in corners]
    edges = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    lines: list[tuple[Point, Point]] = []
    level = (min(sums) // gap + 1) * gap
    while level < max(sums):
        lines += _pairs(sorted(_crossing(a, b, level) for a, b in edges if (sum(a) < level) != (sum(b) < level)))
        level += gap
    return lines


def _crossing(a: Point, b: Point, level: float) -> Point:
    weight = (level - sum(a)) / (sum(b) - sum(a))
    return a[0] + weight * (b[0] - a[0]), a[1] + weight * (b[1] - a[1])


def _pairs(points: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points[::2], points[1::2], strict=False))
