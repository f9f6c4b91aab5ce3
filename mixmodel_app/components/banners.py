"""Messages above the page: errors, the lost connection, and the mark that makes the browser renew its session."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from mixmodel_app.components.buttons import icon_button
from mixmodel_app.components.icons import icon
from mixmodel_app.state.session import SessionState


def error_banner() -> rx.Component:
    """The last error of any handler. It is rendered from state: under the security policy a toast would never show."""
    banner = rx.el.div(
        icon("circle-alert", size=18),
        rx.el.div(
            rx.el.p(SessionState.error_title, class_name="mm-notice-title"),
            rx.el.p(SessionState.error_message, " ", SessionState.error_hint),
            class_name="mm-notice-body",
        ),
        icon_button("x", "Dismiss", on_click=SessionState.dismiss_error),
        class_name="mm-notice mm-notice-error",
    )
    shown = (SessionState.error_message != "") & ~SessionState.load_failed
    return rx.el.div(rx.cond(shown, banner, rx.fragment()), aria_live="assertive", class_name="mm-live")


def connection_banner() -> rx.Component:
    """Shown while the socket is down; Reflex reconnects by itself and the page keeps what was typed."""
    banner = rx.el.div(
        icon("wifi-off", size=18),
        rx.el.p("Connection lost. Reconnecting – what you have typed stays here.", class_name="mm-notice-body"),
        class_name="mm-notice mm-notice-warning mm-connection",
    )
    return rx.el.div(rx.cond(has_connection_errors, banner, rx.fragment()), aria_live="polite", class_name="mm-live")


def session_marker() -> rx.Component:
    """Invisible; assets/session.js renews the session when it reads `expired`."""
    return rx.el.div(id="mm-session", hidden=True, custom_attrs={"data-state": SessionState.session})
