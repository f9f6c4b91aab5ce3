"""A column of numbers as a line the size of a word."""

from collections.abc import Sequence

import reflex as rx

from mixmodel_app.components.values import FromState

WIDTH, HEIGHT = 96, 24
_EDGE = 2.0


def spark_path(points: Sequence[float | None]) -> str:
    """The `d` of an SVG path over points from 0 (bottom) to 1 (top); the line breaks where a point is None."""
    if not any(point is not None for point in points):
        return ""
    step = (WIDTH - 2 * _EDGE) / max(len(points) - 1, 1)
    parts: list[str] = []
    for place, point in enumerate(points):
        if point is None:
            continue
        broken = place == 0 or points[place - 1] is None
        x, y = _EDGE + place * step, HEIGHT - _EDGE - point * (HEIGHT - 2 * _EDGE)
        parts.append(f"{'M' if broken else 'L'}{x:.1f} {y:.1f}")
    return " ".join(parts)


def sparkline(path: FromState) -> rx.Component:
    """The picture of a `spark_path`; nothing for "". What it shows is decoration: samples stand beside it."""
    line = rx.el.svg(
        rx.el.path(d=path, fill="none", stroke="currentColor", stroke_width="1.5", stroke_linejoin="round"),
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        width=f"{WIDTH}",
        height=f"{HEIGHT}",
        aria_hidden="true",
        class_name="mm-spark",
    )
    return rx.cond(path, line, rx.fragment())
