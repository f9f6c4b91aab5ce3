"""Create an account with a workspace of one's own; who was invited comes by /join."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, next_field, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import PASSWORD_RULE, field, native_form, password_input, text_input
from mixmodel_app.pages._page import page
from mixmodel_app.pages._provider import ProviderState, by_password, by_provider


@page("/register", title="Create an account", requires=None, on_load=ProviderState.look_for_provider)
def register() -> rx.Component:
    """Name, email, password and a name for the workspace."""
    return account_card(
        "Create an account",
        account_errors(),
        by_password(_form()),
        by_provider(query("next")),
        rx.el.p("Have an account? ", text_link("Sign in", "/login"), class_name="mm-form-foot"),
    )


def _form() -> rx.Component:
    return native_form(
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
            hint=PASSWORD_RULE,
        ),
        _workspace(),
        next_field(),
        submit("Create account"),
        action="/api/session/register",
        class_name="mm-form",
        data_session_form="enter",
    )


def _email() -> rx.Component:
    return text_input("email", type="email", auto_complete="username", required=True, default_value=query("email"))


def _workspace() -> rx.Component:
    control = text_input(
        "workspace_name", auto_complete="organization", hint=True, default_value=query("workspace_name")
    )
    return field("Workspace", control, name="workspace_name", hint="Usually your company or brand.", optional=True)
