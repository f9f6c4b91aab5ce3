"""A text to take away: shown as it is, with a button that copies it (assets/copy.js)."""

import reflex as rx

from mixmodel_app.components.buttons import secondary_button
from mixmodel_app.components.values import Text


def copy_text(text: Text, *, name: str, label: str) -> rx.Component:
    """The text in a frame of its own, which scrolls.

    Args:
        name: of the element, unique on the page.
        label: of the button, like "Copy the configuration".
    """
    button = secondary_button(label, icon_name="copy", custom_attrs={"data-copy": name})
    status = rx.el.span(id=f"{name}-status", role="status", class_name="mm-hint")
    frame = rx.el.pre(text, id=name, tab_index=0, aria_label=label, role="region", class_name="mm-copy")
    return rx.el.div(rx.el.div(button, status, class_name="mm-row"), frame, class_name="mm-stack")
