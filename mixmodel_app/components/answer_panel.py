"""Can this data answer it? What a fit will learn of each channel, said before there is one."""

from dataclasses import dataclass

import reflex as rx

from mixmodel_app.components.layout import card
from mixmodel_app.components.status_badge import Look, look_badge
from mixmodel_app.components.values import FromState, Text

_LOOKS = {
    "can be learned": Look("Can be learned", "circle-check", "green"),
    "partly": Look("Partly", "circle-dot", "amber"),
    "will rest on assumptions": Look("Will rest on assumptions", "circle-help", "gray"),
}


@dataclass
class AnswerRow:
    """One channel: `verdict` is the value of `domain.answerability.Verdict`."""

    channel: str
    verdict: str
    reason: str


def answer_panel(summary: Text, rows: FromState) -> rx.Component:
    """One sentence for all, then a line for each channel (a Var of `AnswerRow`)."""
    items = rx.foreach(rows, _row)
    return card(
        rx.el.p(summary, class_name="mm-takeaway"),
        rx.el.ul(items, class_name="mm-answers", aria_label="What can be learned about each channel"),
    )


def _row(row: FromState) -> rx.Component:
    badges = [(value, look_badge(look)) for value, look in _LOOKS.items()]
    return rx.el.li(
        rx.el.strong(row.channel),
        rx.match(row.verdict, *badges, rx.el.span(row.verdict)),
        rx.el.p(row.reason),
    )
