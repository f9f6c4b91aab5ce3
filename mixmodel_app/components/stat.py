"""Headline numbers: a label, a number, its range, a note."""

from typing import Any

import reflex as rx

from mixmodel_app.components.values import Text


def stat(
    label: Text, value: Text, range: Text | None = None, note: Text | None = None, *, words: bool = False
) -> rx.Component:
    """One number with what it means. The texts come formatted from `wording.numbers`.

    Args:
        range: like "€1.40–€2.90"; every estimate has one.
        note: like "94 % range" or "over 208 weeks".
        words: the value is words, like "9 in 10", and set smaller than a headline number.
    """
    value_class = "mm-stat-value mm-stat-words" if words else "mm-stat-value"
    return rx.el.dl(
        rx.el.dt(label),
        rx.el.dd(value, class_name=value_class),
        *([rx.el.dd(range_text(range), class_name="mm-stat-range")] if range is not None else []),
        *([rx.el.dd(note, class_name="mm-stat-note")] if note is not None else []),
        class_name="mm-card mm-stat",
    )


def range_text(text: Text, **props: Any) -> rx.Component:
    """A likely range, with the word that says so for people who cannot see its place."""
    return rx.el.span(rx.el.span("Likely range ", class_name="mm-range-word"), text, class_name="mm-range", **props)
