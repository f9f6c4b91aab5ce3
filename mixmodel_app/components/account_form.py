"""What the sign-in and sign-up pages share."""

from typing import Any

import reflex as rx

from mixmodel_app.components.forms import form_error
from mixmodel_app.components.icons import icon
from mixmodel_app.state.session import SessionState

_ERRORS = {
    "wrong_credentials": "Email and password do not match. Check both, then try again.",
    "not_authenticated": "Your session has ended. Sign in again.",
    "email_taken": "This email already has an account. Sign in instead.",
    "invitation_expired": "This invitation has expired. Ask for a new one.",
    "invalid_input": "Some entries are not valid. The password needs 8 characters, an upper-case letter and a digit.",
    "rate_limited": "Too many attempts. Wait a minute, then try again.",
    "unavailable": "MixModel cannot reach its database. Try again in a minute.",
}
_OTHER = "That did not work. Try again."


def account_card(title: str, *children: Any) -> rx.Component:
    """A narrow card with the page's title."""
    return rx.el.div(rx.el.h1(title), *children, class_name="mm-card mm-account")


def account_errors() -> rx.Component:
    """The reason why the form came back, from `?error=<code>`."""
    code, problem = query("error"), query("problem")
    sentence = rx.cond(code, rx.match(code, *_ERRORS.items(), _OTHER), "").to(str)
    checked = f"Please check: {query('field')} {problem}."
    return rx.cond(problem, form_error(checked), form_error(sentence))


def next_field() -> rx.Component:
    """Where to go after signing in; the server takes only addresses of its own site."""
    return rx.el.input(type="hidden", name="next", value=query("next"))


def submit(label: str) -> rx.Component:
    """The form's button, as wide as the form."""
    return rx.button(label, icon("arrow-right", size=16), type="submit", size="3", width="100%")


def query(name: str) -> rx.Var[str]:
    """A query parameter of the page's address, "" when absent."""
    parameters = SessionState.router.url.query_parameters
    return rx.cond(parameters[name], parameters[name], "").to(str)
