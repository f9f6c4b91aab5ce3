"""Create an account, with a workspace of one's own or by invitation."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, next_field, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, password_input, text_input
from mixmodel_app.pages._page import page


@page("/register", title="Create an account", requires=None)
def register() -> rx.Component:
    """Name, email, password and, without an invitation, a name for the workspace."""
    return account_card(
        "Create an account",
        account_errors(),
        native_form(
            field(
                "Your name",
                text_input("full_name", auto_complete="name", required=True, default_value=query("full_name")),
                name="full_name",
            ),
            field("Work email", _email(), name="email"),
            field(
                "Password",
                password_input("password", new=True, hint=True),
                name="password",
                hint="At least 8 characters, with an upper-case letter and a digit.",
            ),
            _workspace(),
            rx.el.input(type="hidden", name="invite_token", value=query("invite")),
            next_field(),
            submit("Create account"),
            action="/api/session/register",
            class_name="mm-form",
            data_session_form="enter",
        ),
        rx.el.p("Have an account? ", text_link("Sign in", "/login"), class_name="mm-form-foot"),
    )


def _email() -> rx.Component:
    return text_input("email", type="email", auto_complete="username", required=True, default_value=query("email"))


def _workspace() -> rx.Component:
    """Someone who was invited joins a workspace that has a name."""
    control = text_input(
        "workspace_name", auto_complete="organization", hint=True, default_value=query("workspace_name")
    )
    own = field("Workspace", control, name="workspace_name", hint="Usually your company or brand.", optional=True)
    return rx.cond(query("invite"), rx.fragment(), own)
