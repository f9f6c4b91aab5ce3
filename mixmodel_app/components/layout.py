"""Headers, sections, cards and grids: the spacing of the design language, so that pages never write a pixel."""

from typing import Any, Literal

import reflex as rx

from mixmodel_app.components.values import FromState, Text


def page_header(title: Text, subtitle: Text | None = None, *actions: rx.Component, badge: Any = None) -> rx.Component:
    """The page's one `h1`, a sentence under it, a badge beside it and its actions on the right."""
    return rx.el.header(
        rx.el.div(
            rx.el.div(rx.el.h1(title), *([badge] if badge is not None else []), class_name="mm-title-row"),
            *([rx.el.p(subtitle)] if subtitle is not None else []),
        ),
        *([rx.el.div(*actions, class_name="mm-actions")] if actions else []),
        class_name="mm-page-header",
    )


def stack(*children: Any, **props: Any) -> rx.Component:
    """Children one under the other, 16 px apart: the outermost element of a page's content."""
    return rx.el.div(*children, class_name="mm-stack", **props)


def section(title: Text, *children: Any, note: Text | None = None, action: Any = None) -> rx.Component:
    """A part of a page with an `h2`, 40 px below the one before."""
    return rx.el.section(
        rx.el.div(
            rx.el.div(rx.el.h2(title), *([rx.el.p(note)] if note is not None else [])),
            *([action] if action is not None else []),
            class_name="mm-section-head",
        ),
        *children,
        class_name="mm-section",
    )


def card(*children: Any, title: Text | None = None, action: Any = None, **props: Any) -> rx.Component:
    """A bordered surface, with an optional `h3` and an action on its right."""
    head = []
    if title is not None or action is not None:
        parts = [rx.el.h3(title)] if title is not None else [rx.el.span()]
        head = [rx.el.div(*parts, *([action] if action is not None else []), class_name="mm-card-head")]
    return rx.el.div(*head, *children, **{"class_name": "mm-card", **props})


def fold(title: Text, *children: Any, note: Text, open: bool | rx.Var[bool] = False) -> rx.Component:
    """A card that is closed at first; its title and note stay. A Var for `open` opens it from state.

    Args:
        note: what is inside, in a few words.
    """
    head = rx.el.summary(rx.el.strong(title), rx.el.span(note, class_name="mm-hint"))
    return rx.el.details(head, rx.el.div(*children, class_name="mm-stack"), class_name="mm-card mm-fold", open=open)


def grid(*children: Any, columns: Literal[2, 3, 4] = 3) -> rx.Component:
    """Equal columns that become one below 768 px."""
    return rx.el.div(*children, class_name=f"mm-grid mm-grid-{columns}")


def row(*children: Any, **props: Any) -> rx.Component:
    """Children side by side, 12 px apart, wrapping."""
    return rx.el.div(*children, **{"class_name": "mm-row", **props})


def numbered(texts: FromState) -> rx.Component:
    """A Var of sentences as a numbered list with room between them: moves to make, in the order to make them."""
    items = rx.foreach(texts, lambda text: rx.el.li(rx.el.span(text)))
    return rx.el.ol(items, class_name="mm-numbered")


def fact_list(pairs: FromState) -> rx.Component:
    """A Var of `[label, value]` lists as a description list in two columns."""
    return rx.el.dl(
        rx.foreach(pairs, lambda pair: rx.el.div(rx.el.dt(pair[0]), rx.el.dd(pair[1]))),
        class_name="mm-facts",
    )


def prose(*paragraphs: Text) -> rx.Component:
    """Reading text at 16/24, at most 68 characters wide."""
    return rx.el.div(*(rx.el.p(paragraph) for paragraph in paragraphs), class_name="mm-prose")
