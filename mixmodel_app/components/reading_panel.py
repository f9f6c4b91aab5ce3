"""How a file was read: what it leaves open is asked, and what was assumed can be changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import secondary_button
from mixmodel_app.components.forms import field as form_field
from mixmodel_app.components.forms import select_input
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import fold, grid
from mixmodel_app.components.values import FromState, Text


@dataclass
class AnswerButton:
    """One answer: the option it sets, its value as `read_again` takes it, and its words."""

    option: str
    value: str
    label: str


@dataclass
class QuestionData:
    """What the file itself does not decide, with an example from it."""

    text: str
    answers: list[AnswerButton] = field(default_factory=list)


def questions(asked: FromState, *, on_answer: Callable[[Any, Any], Any]) -> rx.Component:
    """Every open question with a button for each answer (a Var of `QuestionData`)."""
    return rx.foreach(asked, lambda question: _question(question, on_answer))


def reading_fold(
    notes: FromState,
    *,
    sheets: FromState,
    options: dict[str, FromState],
    on_change: Callable[[Any, Any], Any],
    note: Text,
) -> rx.Component:
    """What was assumed, and the four decisions that a person can take.

    Args:
        notes: sentences.
        sheets: titles of the sheets of a workbook; the choice of one shows when there are several.
        options: the values of "sheet", "decimal", "day_first" and "reshape" as texts, "" where the reader decides.
    """

    def choice(label: str, option: str, choices: Any) -> rx.Component:
        select = select_input(option, choices, value=options[option], on_change=lambda value: on_change(option, value))
        return form_field(label, select, name=option)

    sheet = rx.el.select(
        rx.foreach(sheets, lambda title: rx.el.option(title, value=title)),
        value=options["sheet"],
        on_change=lambda value: on_change("sheet", value),
        class_name="mm-input mm-select",
        id="field-sheet",
    )
    return fold(
        "How the file was read",
        rx.el.ul(rx.foreach(notes, lambda text: rx.el.li(text)), class_name="mm-sentences"),
        grid(
            rx.cond(sheets.length() > 1, form_field("Sheet", sheet, name="sheet"), rx.fragment()),
            choice(
                "Decimal sign", "decimal", (("", "As the file shows"), (".", "Point: 1,234.5"), (",", "Comma: 1.234,5"))
            ),
            choice(
                "Order of dates",
                "day_first",
                (("", "As the file shows"), ("true", "Day first: 31/12"), ("false", "Month first: 12/31")),
            ),
            choice(
                "Shape",
                "reshape",
                (("", "One row for each period"), ("false", "As it stands in the file")),
            ),
        ),
        note=note,
    )


def _question(question: FromState, on_answer: Callable[[Any, Any], Any]) -> rx.Component:
    def answer(button: FromState) -> rx.Component:
        return secondary_button(button.label, on_click=on_answer(button.option, button.value))

    return rx.el.div(
        icon("circle-help", size=18),
        rx.el.div(
            rx.el.p(question.text, class_name="mm-notice-title"),
            rx.el.div(rx.foreach(question.answers, answer), class_name="mm-row"),
            class_name="mm-notice-body",
        ),
        class_name="mm-notice mm-notice-warning mm-question",
    )
