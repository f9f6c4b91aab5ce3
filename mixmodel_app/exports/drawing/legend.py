"""The legend of a figure: what each series looks like, and its name."""

from typing import Any

from mixmodel_app.charts import theme
from mixmodel_app.exports.drawing import marks
from mixmodel_app.exports.drawing.scene import Ink, Item, Shape, Text, ink, text_width
from mixmodel_app.exports.drawing.text import lines_of

_SIZE = 12.0
_TEXT = Ink(theme.TEXT)


def entries(figure: Any) -> list[Any]:
    """The series that the legend names."""
    if not figure.layout.showlegend:
        return []
    return [trace for trace in figure.data if trace.name and trace.showlegend is not False and trace.type != "pie"]


def is_below(figure: Any) -> bool:
    """Whether the legend stands under the axes."""
    y = figure.layout.legend.y
    return y is not None and y < 0


def in_rows(named: list[Any], width: float) -> list[list[tuple[float, Any]]]:
    """Entries with their left edges, as many to a row as there is room for; no row without entries."""
    if not named:
        return []
    rows: list[list[tuple[float, Any]]] = [[]]
    at = 8.0
    for trace in named:
        needed = 34 + text_width(lines_of(trace.name)[0][0], _SIZE)
        if rows[-1] and at + needed > width:
            rows.append([])
            at = 8.0
        rows[-1].append((at, trace))
        at += needed + 10
    return rows


def draw(figure: Any, named: list[Any], right: float, height: float) -> list[Item]:
    """The legend above or below the plot; `right` and `height` are the pixels where it has to end."""
    rows = in_rows(named, right)
    top = height - 20 * len(rows) + 8 if is_below(figure) else 14.0
    found: list[Item] = []
    for row, line in enumerate(rows):
        y = top + 20 * row
        for x, trace in line:
            found += _swatch(trace, x, y)
            found.append(Text(x + 30, y, lines_of(trace.name)[0][0], _SIZE, _TEXT))
    return found


def _swatch(trace: Any, x: float, y: float) -> list[Item]:
    """What a series looks like, in small."""
    corners = ((x, y - 6), (x + 24, y - 6), (x + 24, y + 6), (x, y + 6))
    if trace.type == "scatter" and trace.stackgroup:
        return marks.area(corners, trace.line.color, hatched=bool(trace.fillpattern.shape))
    if trace.type == "bar":
        return marks.area(corners, marks.item_of(trace.marker.color, 0))
    if "markers" in (trace.mode or ""):
        return [marks.marker((x + 12, y), trace.marker)]
    dash = marks.dash_of(trace.line.dash)
    return [Shape(((x, y), (x + 24, y)), stroke=ink(trace.line.color), width=trace.line.width or 2, dash=dash)]
