"""A scene as inline SVG. Text, grid and grounds take colours that the page names, so that both themes are right."""

from html import escape

from mixmodel_app.charts import theme
from mixmodel_app.exports.drawing.scene import Dot, Ink, Item, Scene, Shape, Text

_ROLES = {theme.TEXT: "muted", theme.INK: "ink", theme.GRID: "grid", theme.PANEL: "ground"}


def svg(scene: Scene, label: str, name: str = "drawing") -> str:
    """The drawing, as wide as its place, with a class name; `label` is read out instead of it."""
    size = f"{scene.width:g} {scene.height:g}"
    body = "".join(_element(item) for item in scene.items)
    return f'<svg class="{name}" viewBox="0 0 {size}" role="img" aria-label="{escape(label)}">{body}</svg>'


def _element(item: Item) -> str:
    if isinstance(item, Text):
        look = f' font-size="{item.size:g}"' + (' font-weight="600"' if item.bold else "")
        look += "" if item.anchor == "start" else f' text-anchor="{item.anchor}"'
        # The middle of the letters, not of the line: about a third of the size below it.
        y = item.y + 0.35 * item.size
        return f'<text x="{item.x:.1f}" y="{y:.1f}"{look}{_paint("fill", item.ink)}>{escape(item.text)}</text>'
    edge = f' stroke-width="{item.width:g}"' if item.stroke else ""
    paint = _paint("fill", item.fill) + (_paint("stroke", item.stroke) if item.stroke else "") + edge
    if isinstance(item, Dot):
        return f'<circle cx="{item.centre[0]:.1f}" cy="{item.centre[1]:.1f}" r="{item.radius:g}"{paint}/>'
    return f'<path d="{_path(item)}"{paint}{_dashes(item)}/>'


def _path(shape: Shape) -> str:
    points = "L".join(f"{x:.1f} {y:.1f}" for x, y in shape.points)
    return f"M{points}{'Z' if shape.closed else ''}"


def _dashes(shape: Shape) -> str:
    return f' stroke-dasharray="{" ".join(f"{part:g}" for part in shape.dash)}"' if shape.dash else ""


def _paint(what: str, colour: Ink | None) -> str:
    if colour is None:
        return f' {what}="none"'
    role = _ROLES.get(colour.colour)
    value = f' style="{what}:var(--{role})"' if role else f' {what}="{colour.colour}"'
    opacity = f' {what}-opacity="{colour.opacity:g}"' if colour.opacity < 1 else ""
    return value + opacity
