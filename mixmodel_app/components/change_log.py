"""What was repaired in a dataset, by whom, with the way back."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import secondary_button
from mixmodel_app.components.layout import card
from mixmodel_app.components.values import FromState


@dataclass
class ChangeRow:
    """One repair: what was done, how much it changed, and who did it when."""

    sentence: str
    size: str
    by: str


def change_log(rows: FromState, *, on_undo: Any, may_undo: rx.Var[bool] | bool = True) -> rx.Component:
    """The log, oldest first (a Var of `ChangeRow`); nothing while it is empty."""
    undo = secondary_button("Undo the last", icon_name="undo-2", on_click=on_undo)
    items = rx.el.ol(rx.foreach(rows, _row), class_name="mm-changes")
    shown = card(items, title="Repairs", action=rx.cond(may_undo, undo, rx.fragment()))
    return rx.cond(rows.length() > 0, shown, rx.fragment())


def _row(row: FromState) -> rx.Component:
    return rx.el.li(row.sentence, rx.el.span(row.size, row.by, class_name="mm-hint"))
