"""Ranges of several channels on one scale, as plain elements: light enough to move five times a second."""

import dataclasses
from typing import Any, Literal

import reflex as rx

from mixmodel_app.components.values import FromState, Text


@dataclasses.dataclass
class RangeRow:
    """One range. Places are CSS percentages of the scale; `known` is False while there is nothing to draw yet."""

    name: str = ""
    colour: str = ""
    known: bool = False
    left: str = "0%"
    width: str = "0%"
    middle: str = "0%"
    median: str = ""
    spread: str = ""


@dataclasses.dataclass
class Tick:
    """One number below the scale."""

    place: str = "0%"
    text: str = ""


@dataclasses.dataclass
class RangeBars:
    """What state holds of a picture of ranges; made by `pages._range_rows`.

    `one` is the place of break-even, "" where there is none; `range_name` says which ranges they are.
    """

    rows: list[RangeRow] = dataclasses.field(default_factory=list)
    ticks: list[Tick] = dataclasses.field(default_factory=list)
    one: str = "50%"
    range_name: str = ""


_NOWHERE = "-100%"
"""A place outside of every bar, which hides the line at break-even."""


def range_bars(bars: FromState, *, caption: Text, look: Literal["provisional", "prior"]) -> rx.Component:
    """A table of ranges with a bar beside each text, a scale below and a line at break-even.

    The texts say everything that the bars show, so the bars are hidden from screen readers.

    Args:
        bars: a `RangeBars`.
        caption: what the numbers are; read out, not shown.
        look: hatched for what is provisional, outlined for what is thought before seeing data.
    """
    head = rx.el.div(
        rx.el.span("Channel", role="columnheader"),
        rx.el.span("Return per 1 spent: median and ", bars.range_name, role="columnheader"),
        role="row",
        class_name="mm-visually-hidden",
    )
    table = rx.el.div(
        rx.el.div(head, role="rowgroup"),
        rx.el.div(rx.foreach(bars.rows, _row), role="rowgroup", class_name="mm-range-rows"),
        role="table",
        aria_label=caption,
    )
    return rx.el.div(
        rx.cond(bars.one, _mark(), rx.fragment()),
        table,
        _scale(bars),
        class_name="mm-ranges",
        custom_attrs={"data-look": look, **_at({"one": rx.cond(bars.one, bars.one, _NOWHERE)})},
    )


def _row(row: Any) -> rx.Component:
    places = {"left": row.left, "width": row.width, "middle": row.middle, "colour": row.colour}
    texts = rx.el.span(
        rx.el.span(row.median, class_name="mm-range-median"),
        " ",
        rx.el.span(row.spread, class_name="mm-range-word"),
        class_name="mm-range-text",
    )
    return rx.el.div(
        rx.el.span(row.name, role="rowheader", class_name="mm-range-name"),
        rx.el.div(rx.cond(row.known, _bar(), _track()), texts, role="cell", class_name="mm-range-cell"),
        role="row",
        class_name="mm-range-row",
        custom_attrs=_at(places),
    )


def _bar() -> rx.Component:
    return _track(rx.el.span(class_name="mm-range-bar"), rx.el.span(class_name="mm-range-dot"))


def _track(*marks: rx.Component) -> rx.Component:
    return rx.el.span(*marks, class_name="mm-range-track", aria_hidden="true")


def _mark() -> rx.Component:
    """The word above the line at break-even."""
    word = rx.el.span("break-even", class_name="mm-range-one")
    return _beside(rx.el.span(word, class_name="mm-range-track"), class_name="mm-range-head")


def _scale(bars: FromState) -> rx.Component:
    ticks = rx.foreach(
        bars.ticks,
        lambda tick: rx.el.span(tick.text, class_name="mm-range-tick", custom_attrs=_at({"left": tick.place})),
    )
    return _beside(rx.el.span(ticks, class_name="mm-range-track"), class_name="mm-range-foot")


def _beside(track: rx.Component, *, class_name: str) -> rx.Component:
    """Something in the column of the bars, above or below them."""
    cell = rx.el.div(track, class_name="mm-range-cell")
    return rx.el.div(rx.el.span(), cell, aria_hidden="true", class_name=class_name)


def _at(places: dict[str, Any]) -> dict[str, Any]:
    """Custom properties on the element itself: Reflex's `style` would make a new class for every position."""
    return {"style": rx.Var.create({f"--{name}": value for name, value in places.items()})}
