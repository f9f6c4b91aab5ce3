"""Sign in. A native form: cookies reach the socket only with a full page load."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, next_field, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, password_input, text_input
from mixmodel_app.pages._page import page


@page("/login", title="Sign in", requires=None)
def login() -> rx.Component:
    """Email and password."""
    return account_card(
        "Sign in",
        account_errors(),
        native_form(
            field("Email", _email(), name="email"),
            field("Password", password_input("password", new=False), name="password"),
            next_field(),
            submit("Sign in"),
            action="/api/session/login",
            class_name="mm-form",
            data_session_form="enter",
        ),
        rx.el.p("New here? ", text_link("Create an account", "/register"), class_name="mm-form-foot"),
    )


def _email() -> rx.Component:
    return text_input(
        "email", type="email", auto_complete="username", required=True, default_value=query("email"), auto_focus=True
    )
