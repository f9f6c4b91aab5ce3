"""What stands in place of content that could not be drawn. Reflex's own screen is off: it is not in our look."""

from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from mixmodel_app.components.buttons import plain_link
from mixmodel_app.components.icons import icon

RELOAD = "Reload the page"


def boundary(*children: Any) -> rx.Component:
    """Children, or a way on when drawing them fails in the browser; what is around them stays usable.

    The error is in the browser's console (React writes it there), and goes to `state.browser_errors` by Reflex's event.
    """
    return ErrorBoundary.create(*children, fallback_render=rx.Var.create(_fallback()))


def _fallback() -> rx.Component:
    """A link without a target is a reload that needs no script of ours and no server."""
    again = plain_link(icon("rotate-cw", size=16), RELOAD, href="")
    return rx.el.div(
        rx.el.div(icon("circle-alert", size=24), class_name="mm-empty-icon mm-empty-icon-error"),
        rx.el.h1("This page could not be drawn"),
        rx.el.p("Your data and runs are safe: only the display failed. Reload the page; the rest of MixModel works."),
        rx.el.div(
            rx.button(again, as_child=True, size="2"),
            rx.button(plain_link("Go to the start page", href="/"), as_child=True, size="2", **_SECONDARY),
            class_name="mm-actions",
        ),
        role="alert",
        class_name="mm-empty",
    )


_SECONDARY: dict[str, Any] = {"variant": "surface", "color_scheme": "gray", "high_contrast": True}
