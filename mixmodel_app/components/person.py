"""Who is signed in: name, role, theme and sign-out."""

import reflex as rx
from reflex.style import LiteralColorMode, color_mode, set_color_mode

from mixmodel_app.components.buttons import link_button
from mixmodel_app.components.forms import native_form
from mixmodel_app.components.icons import icon
from mixmodel_app.state.session import SessionState

_MODES: tuple[tuple[LiteralColorMode, str, str], ...] = (
    ("light", "Light", "sun"),
    ("dark", "Dark", "moon"),
    ("system", "System", "monitor"),
)


def person_menu(*, compact: bool = False) -> rx.Component:
    """The button with the person's name and the panel behind it; `compact` shows the initial only."""
    name = rx.el.span(SessionState.full_name, class_name="mm-person-name")
    return rx.popover.root(
        rx.popover.trigger(
            rx.el.button(
                _initial(),
                *([] if compact else [name, icon("chevrons-up-down", size=16)]),
                type="button",
                class_name="mm-person",
                aria_label="Account and theme",
            )
        ),
        rx.popover.content(_panel(), class_name="mm-person-panel", side="top", align="start"),
    )


def theme_choice() -> rx.Component:
    """Light, dark or as the system says; kept in the browser by Reflex and applied before the first paint."""
    return rx.el.div(
        *(_mode(value, label, picture) for value, label, picture in _MODES),
        role="group",
        aria_label="Theme",
        class_name="mm-theme",
    )


def _mode(value: LiteralColorMode, label: str, picture: str) -> rx.Component:
    return rx.el.button(
        icon(picture, size=16),
        type="button",
        title=label,
        aria_label=f"{label} theme",
        aria_pressed=rx.cond(color_mode == value, "true", "false"),
        on_click=set_color_mode(value),
    )


def _initial() -> rx.Component:
    return rx.el.span(SessionState.initial, class_name="mm-initial", aria_hidden="true")


def _panel() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.text(SessionState.full_name, weight="medium"),
            rx.text(SessionState.email, size="2", color_scheme="gray"),
            rx.text("Role: ", SessionState.role, size="2", color_scheme="gray"),
        ),
        theme_choice(),
        link_button("Account", "/account", icon_name="user-round"),
        native_form(
            rx.button(icon("log-out", size=16), "Sign out", type="submit", variant="surface", color_scheme="gray"),
            action="/api/session/logout",
            class_name="mm-signout",
            data_session_form="leave",
        ),
        class_name="mm-person-body",
    )
