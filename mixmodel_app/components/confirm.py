"""Asking once before something is lost."""

from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import danger_button, secondary_button
from mixmodel_app.components.values import Text


def confirm(trigger: rx.Component, *, title: Text, text: Text, action: str, on_confirm: Any) -> rx.Component:
    """A dialog behind `trigger` that names what will happen; the safe answer has the focus.

    Args:
        action: the verb on the button, like "Delete run".
        on_confirm: the event of that button.
    """
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title),
            rx.alert_dialog.description(text),
            rx.el.div(
                rx.alert_dialog.cancel(secondary_button("Keep it")),
                rx.alert_dialog.action(danger_button(action, on_click=on_confirm)),
                class_name="mm-dialog-actions",
            ),
            class_name="mm-dialog",
        ),
    )
