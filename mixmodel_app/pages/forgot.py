"""Ask for a link to a new password."""

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_done, account_errors, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, text_input
from mixmodel_app.pages._page import page

ASKED = (
    "If there is an account with this email, a link is on its way. "
    "Where MixModel sends no mail, ask your administrator for one."
)


@page("/forgot", title="Forgot password", requires=None)
def forgot() -> rx.Component:
    """The email; the answer does not say whether it has an account."""
    return account_card(
        "Choose a new password",
        account_errors(),
        account_done("asked", ASKED),
        native_form(
            field("Email", _email(), name="email", hint="We send you a link that works once, for one hour."),
            submit("Send the link"),
            action="/api/session/forgot",
            class_name="mm-form",
        ),
        rx.el.p(text_link("Back to sign in", "/login"), class_name="mm-form-foot"),
    )


def _email() -> rx.Component:
    return text_input(
        "email", type="email", auto_complete="username", required=True, hint=True, default_value=query("email")
    )
