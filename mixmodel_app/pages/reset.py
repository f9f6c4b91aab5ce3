"""Set a new password by a one-time link."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import PASSWORD_RULE, field, native_form, password_input
from mixmodel_app.pages._page import page


@page("/reset", title="New password", requires=None)
def reset() -> rx.Component:
    """The new password; its link stands in the address."""
    return account_card(
        "Choose a new password",
        account_errors(),
        native_form(
            field(
                "New password",
                password_input("password", new=True, hint=True),
                name="password",
                hint=PASSWORD_RULE,
            ),
            rx.el.input(type="hidden", name="token", value=query("token")),
            submit("Set the password"),
            action="/api/session/reset",
            class_name="mm-form",
            data_session_form="leave",
        ),
        rx.el.p("Link too old? ", text_link("Ask for a new one", "/forgot"), class_name="mm-form-foot"),
    )
