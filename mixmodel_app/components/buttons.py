"""Buttons and links with the sizes and variants that keep 32 px targets and AA contrast."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

from mixmodel_app.components.icons import icon
from mixmodel_app.components.values import Text


def primary_button(label: Text, *, icon_name: str | None = None, **props: Any) -> rx.Component:
    """The one main action of a page. `loading=` and `disabled=` take Vars; `type="submit"` inside forms."""
    return _button(label, icon_name, {"variant": "solid", **props})


def secondary_button(label: Text, *, icon_name: str | None = None, **props: Any) -> rx.Component:
    """Any other action."""
    return _button(label, icon_name, {"variant": "surface", "color_scheme": "gray", "high_contrast": True, **props})


def quiet_button(label: Text, *, icon_name: str | None = None, **props: Any) -> rx.Component:
    """An action without a frame, inside rows and cards."""
    return _button(label, icon_name, {"variant": "ghost", "color_scheme": "gray", "high_contrast": True, **props})


def danger_button(label: Text, *, icon_name: str | None = None, **props: Any) -> rx.Component:
    """Deletes or ends something; ask first with `confirm`."""
    return _button(label, icon_name, {"variant": "soft", "color_scheme": "red", "high_contrast": True, **props})


def icon_button(icon_name: str, label: Text, **props: Any) -> rx.Component:
    """A button that is only an icon; `label` is read out and shown on hover."""
    defaults = {
        "variant": "ghost",
        "color_scheme": "gray",
        "size": "2",
        "type": "button",
        "class_name": "mm-icon-button",
    }
    return rx.icon_button(icon(icon_name, size=18), aria_label=label, title=label, **{**defaults, **props})


def link_button(label: Text, href: Text, *, icon_name: str | None = None, primary: bool = False) -> rx.Component:
    """A link to a page of MixModel that looks like a button."""
    children = [icon(icon_name, size=16), label] if icon_name else [label]
    look = {} if primary else {"variant": "surface", "color_scheme": "gray", "high_contrast": True}
    return rx.button(ReactRouterLink.create(*children, to=href), as_child=True, size="2", **look)


def download_link(label: Text, href: Text, *, icon_name: str = "download") -> rx.Component:
    """A link to a file from the API, fetched by the browser with its session cookie."""
    anchor = plain_link(icon(icon_name, size=16), label, href=href, download=True)
    return rx.button(anchor, as_child=True, size="2", variant="surface", color_scheme="gray", high_contrast=True)


def quiet_link(anchor: rx.Component) -> rx.Component:
    """A `plain_link` that looks like a quiet button, beside others."""
    return rx.button(anchor, as_child=True, size="2", variant="ghost", color_scheme="gray", high_contrast=True)


def plain_link(*children: Any, href: Text, **props: Any) -> rx.Component:
    """A link that the browser follows by itself. `rx.el.a` and `rx.link` hand every address to the router, which knows
    only pages: a file of the API would be "not found", a `#part` would become another page."""
    return A.create(*children, href=href, **props)


def leaving_link(label: Text, href: Text, *, icon_name: str, **props: Any) -> rx.Component:
    """A link that looks like a button and leads out of MixModel; this tab's state is dropped on the way."""
    anchor = plain_link(icon(icon_name, size=16), label, href=href, custom_attrs={"data-session-link": "leave"})
    look = {"variant": "surface", "color_scheme": "gray", "high_contrast": True, "size": "2", **props}
    return rx.button(anchor, as_child=True, **look)


def text_link(label: Text, href: Text, **props: Any) -> rx.Component:
    """A link inside text or a table."""
    return rx.link(label, href=href, underline="hover", **props)


def _button(label: Text, icon_name: str | None, props: dict[str, Any]) -> rx.Component:
    children = [icon(icon_name, size=16), label] if icon_name else [label]
    return rx.button(*children, **{"size": "2", "type": "button", **props})
