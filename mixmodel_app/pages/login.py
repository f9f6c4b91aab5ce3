"""Sign in. A native form: cookies reach the socket only with a full page load."""

import reflex as rx

from mixmodel_app.components.account_form import (
    account_card,
    account_done,
    account_errors,
    next_field,
    query,
    submit,
)
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, password_input, text_input
from mixmodel_app.pages._page import page
from mixmodel_app.pages._provider import ProviderState, by_password, by_provider


@page("/login", title="Sign in", requires=None, on_load=ProviderState.look_for_provider)
def login() -> rx.Component:
    """Email and password, or the sign-in provider."""
    return account_card(
        "Sign in",
        account_errors(),
        account_done("deleted", "The workspace and everything in it is deleted."),
        account_done("reset", "Your new password is set. Sign in with it."),
        by_password(_form()),
        by_provider(query("next")),
        by_password(
            rx.el.p(text_link("Forgot your password?", "/forgot"), class_name="mm-form-foot"),
            rx.el.p("New here? ", text_link("Create an account", "/register"), class_name="mm-form-foot"),
        ),
    )


def _form() -> rx.Component:
    return native_form(
        field("Email", _email(), name="email"),
        field("Password", password_input("password", new=False), name="password"),
        next_field(),
        submit("Sign in"),
        action="/api/session/login",
        class_name="mm-form",
        data_session_form="enter",
    )


def _email() -> rx.Component:
    return text_input(
        "email", type="email", auto_complete="username", required=True, default_value=query("email"), auto_focus=True
    )
