"""What stands where content is missing, late or refused."""

from typing import Any, Literal

import reflex as rx

from mixmodel_app.components.icons import icon
from mixmodel_app.components.values import Text

_TONES = {"info": "info", "success": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}


def empty_state(
    title: Text, text: Text, *actions: rx.Component, icon_name: str = "inbox", level: Literal[1, 2] = 2
) -> rx.Component:
    """An empty list or a first run: what belongs here, and the one thing to do about it.

    Args:
        level: 1 when it is the whole page, whose heading is then its `h1`.
    """
    return rx.el.div(
        rx.el.div(icon(icon_name, size=24), class_name="mm-empty-icon"),
        rx.el.h1(title) if level == 1 else rx.el.h2(title),
        rx.el.p(text),
        rx.el.div(*actions, class_name="mm-actions"),
        class_name="mm-empty",
    )


def error_state(title: Text, message: Text, hint: Text = "", *actions: rx.Component) -> rx.Component:
    """In place of a page that could not load: what happened, and what to do."""
    return rx.el.div(
        rx.el.div(icon("circle-alert", size=24), class_name="mm-empty-icon mm-empty-icon-error"),
        rx.el.h1(title),
        rx.el.p(message),
        rx.cond(hint, rx.el.p(hint), rx.fragment()),
        rx.el.div(*actions, class_name="mm-actions") if actions else rx.fragment(),
        role="alert",
        class_name="mm-empty",
    )


def notice(message: Any, *, tone: str = "info", title: Text | None = None, action: Any = None) -> rx.Component:
    """A message inside a page, as text with an icon and a colour. `tone`: info, success, warning or error."""
    return rx.el.div(
        icon(_TONES[tone], size=18),
        rx.el.div(
            *([rx.el.p(title, class_name="mm-notice-title")] if title is not None else []),
            rx.el.p(message),
            class_name="mm-notice-body",
        ),
        *([action] if action is not None else []),
        class_name=f"mm-notice mm-notice-{tone}",
    )


def skeleton(*, height: int, width: str = "100%") -> rx.Component:
    """A grey box of the final size in pixels, so that nothing jumps when the content comes."""
    return rx.el.div(class_name="mm-skeleton", style={"height": f"{height}px", "width": width}, aria_hidden="true")


def page_skeleton() -> rx.Component:
    """The default stand-in of a page: a header, a row of numbers and a card."""
    return _skeleton_page(
        rx.el.div(*(skeleton(height=137) for _ in range(3)), class_name="mm-grid mm-grid-3"),
        skeleton(height=320),
    )


def list_skeleton() -> rx.Component:
    """The stand-in of a page that is one table."""
    return _skeleton_page(skeleton(height=286))


def wizard_skeleton() -> rx.Component:
    """The stand-in of a page with steps and rows to work through."""
    return _skeleton_page(skeleton(height=24, width="280px"), *(skeleton(height=88) for _ in range(6)))


def results_skeleton() -> rx.Component:
    """The stand-in of results: tabs, a headline, numbers above a chart."""
    numbers = rx.el.div(*(skeleton(height=151) for _ in range(4)), class_name="mm-answer-numbers")
    return _skeleton_page(
        skeleton(height=41),
        skeleton(height=52),
        rx.el.div(numbers, skeleton(height=540), class_name="mm-answer"),
    )


def _skeleton_page(*parts: rx.Component) -> rx.Component:
    head = rx.el.div(skeleton(height=30, width="40%"), skeleton(height=24, width="60%"), class_name="mm-skeleton-head")
    return rx.el.div(
        rx.el.span("Loading", class_name="mm-visually-hidden", role="status"), head, *parts, class_name="mm-stack"
    )
