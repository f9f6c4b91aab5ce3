"""The second step of a sign-in: the code of the authenticator."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, next_field, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, text_input
from mixmodel_app.pages._page import page


@page("/login/code", title="Code", requires=None)
def login_code() -> rx.Component:
    """One field; recovery codes go into the same."""
    control = text_input(
        "code",
        auto_complete="one-time-code",
        required=True,
        hint=True,
        auto_focus=True,
        max_length=64,
        spell_check=False,
    )
    return account_card(
        "Enter your code",
        account_errors(),
        native_form(
            field("Code", control, name="code", hint="From your authenticator app, or one of your recovery codes."),
            next_field(),
            submit("Sign in"),
            action="/api/session/code",
            class_name="mm-form",
            data_session_form="enter",
        ),
        rx.el.p(text_link("Back to the password", "/login"), class_name="mm-form-foot"),
    )
