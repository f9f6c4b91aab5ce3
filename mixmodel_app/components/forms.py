"""Forms: labels, hints and errors tied to their control, and forms that the browser posts by itself."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from mixmodel_app.components.icons import icon
from mixmodel_app.components.values import FromState, Text

PASSWORD_RULE = "At least 8 characters, with an upper-case letter and a digit."


class NativeForm(BaseHTML):
    """A form that the browser submits. Reflex's own forms always prevent that, and cookies need a full page load."""

    tag = "form"

    action: rx.Var[str]

    method: rx.Var[str]


def native_form(*children: Any, action: str, **props: Any) -> rx.Component:
    """A form posted to `action`, a route of the API that answers with a redirect.

    `data_session_form="enter"` or `"leave"` makes assets/session.js drop this tab's state first.
    """
    attributes = {name: props.pop(name) for name in list(props) if name.startswith("data_")}
    return NativeForm.create(
        *children,
        action=action,
        method="post",
        custom_attrs={name.replace("_", "-"): value for name, value in attributes.items()},
        **props,
    )


def field(
    label: Text,
    control: rx.Component,
    *,
    name: str,
    hint: Text | None = None,
    error: Text | None = None,
    optional: bool = False,
) -> rx.Component:
    """A control with its label above, a hint, and its error below, tied together for screen readers.

    Args:
        control: from `text_input`, `select_input`, … with the same `name`; ids come from it.
        error: a message; "" or a Var that is "" shows nothing.
        optional: says so beside the label. Fields are required otherwise.
    """
    note = [rx.el.span("Optional", class_name="mm-optional")] if optional else []
    return rx.el.div(
        rx.el.label(label, *note, html_for=_id(name), class_name="mm-label"),
        control,
        *([rx.el.p(hint, id=f"{_id(name)}-hint", class_name="mm-hint")] if hint is not None else []),
        *([_field_error(name, error)] if error is not None else []),
        class_name="mm-field",
    )


def text_input(name: str, *, error: Text | None = None, hint: bool = False, **props: Any) -> rx.Component:
    """A text field of 40 px. Give `type`, `auto_complete`, `default_value`, `required` … as on the HTML element.

    A text of state goes into `default_value`, with `on_blur` or `on_change` to report what was typed: bound by `value`
    a field shows each letter only once the server has answered, and loses those typed meanwhile. Where something else
    than typing replaces the text, put a Var that changes with it into `key`.

    Args:
        error: the same as in `field`, so that the control is announced as invalid.
        hint: whether `field` shows a hint.
    """
    return rx.el.input(**{"type": "text", "class_name": "mm-input", **_ties(name, error, hint), **props})


def password_input(name: str, *, new: bool, error: Text | None = None, hint: bool = False) -> rx.Component:
    """A password field that password managers fill (`new=False`) or offer to make (`new=True`)."""
    return text_input(
        name,
        error=error,
        hint=hint,
        type="password",
        auto_complete="new-password" if new else "current-password",
        required=True,
        **({"min_length": 8} if new else {}),
    )


def select_input(
    name: str, options: Any, *, error: Text | None = None, hint: bool = False, **props: Any
) -> rx.Component:
    """A native select: keyboard, touch and screen readers work as people know them.

    Args:
        options: `(value, label)` pairs, or a Var of `[value, label]` lists.
    """
    if isinstance(options, rx.Var):
        choices = rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0]))
    else:
        choices = rx.fragment(*(rx.el.option(label, value=value) for value, label in options))
    return rx.el.select(choices, **{"class_name": "mm-input mm-select", **_ties(name, error, hint), **props})


def form_error(message: Text) -> rx.Component:
    """The summary at the top of a form; read out when it appears, nothing while `message` is ""."""
    text = rx.el.p(message, class_name="mm-notice-body")
    box = rx.el.div(icon("circle-alert"), text, role="alert", class_name="mm-notice mm-notice-error")
    return rx.cond(message, box, rx.fragment())


def error_list(messages: FromState) -> rx.Component:
    """The same for a Var of several sentences; nothing while there is none."""
    items = rx.el.ul(rx.foreach(messages, lambda text: rx.el.li(text)), class_name="mm-error-list")
    body = rx.el.div(rx.el.p("Please check", class_name="mm-notice-title"), items, class_name="mm-notice-body")
    box = rx.el.div(icon("circle-alert"), body, role="alert", class_name="mm-notice mm-notice-error")
    return rx.cond(messages.length() > 0, box, rx.fragment())


def _field_error(name: str, error: Text) -> rx.Component:
    return rx.cond(error, rx.el.p(error, id=f"{_id(name)}-error", class_name="mm-field-error"), rx.fragment())


def _ties(name: str, error: Text | None, hint: bool) -> dict[str, Any]:
    described = [f"{_id(name)}-hint"] if hint else []
    if error is not None:
        described.append(f"{_id(name)}-error")
    ties: dict[str, Any] = {"id": _id(name), "name": name}
    if described:
        ties["aria_describedby"] = " ".join(described)
    if error is not None:
        ties["aria_invalid"] = rx.cond(error, "true", "false")
    return ties


def _id(name: str) -> str:
    return f"field-{name}"
