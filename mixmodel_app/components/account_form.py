"""What the sign-in and sign-up pages share."""

from typing import Any

import reflex as rx

from mixmodel_app.components.forms import form_error
from mixmodel_app.components.icons import icon
from mixmodel_app.components.states import notice
from mixmodel_app.state.session import SessionState

_ERRORS = {
    "wrong_credentials": "Email and password do not match. Check both, then try again.",
    "not_authenticated": "Your session has ended. Sign in again.",
    "wrong_code": "The code is wrong or was used before. Wait for the next one.",
    "email_taken": "This email already has an account. Sign in instead.",
    "invitation_expired": "This invitation has expired. Ask for a new one.",
    "invalid_input": "Some entries are not valid. The password needs 8 characters, an upper-case letter and a digit.",
    "rate_limited": "Too many attempts. Wait a minute, then try again.",
    "too_many_failures": "Too many failed sign-ins from your address. Wait 15 minutes, or ask for a new password.",
    "link_ended": "This link was used, has expired or was replaced by a newer one. Ask for a new one.",
    "passwords_off": "Passwords are switched off here. Use the button of your sign-in provider.",
    "provider_refused": "The provider did not confirm the sign-in. Try again.",
    "provider_unavailable": "The sign-in provider does not answer as it should. Try again, or tell your administrator.",
    "sign_in_interrupted": "The sign-in was interrupted or took too long. Start again.",
    "email_not_verified": "The provider has not verified your email. Verify it there, then try again.",
    "email_not_allowed": "Your email is not among those that may sign in here. Ask your administrator.",
    "identity_taken": "This account is connected already. Disconnect it first, then try again.",
    "second_factor_required": "This account has a second factor. Enter its code too.",
    "not_allowed": "The request came from another site. Open MixModel itself and try again.",
    "unavailable": "MixModel cannot reach its database. Try again in a minute.",
}
_OTHER = "That did not work. Try again."


def account_card(title: str, *children: Any) -> rx.Component:
    """A narrow card with the page's title."""
    return rx.el.div(rx.el.h1(title), *children, class_name="mm-card mm-account")


def account_errors(about: str = "", **others: str) -> rx.Component:
    """The reason why the form came back, from `?error=<code>`.

    Args:
        about: which of a page's forms this is, from `?about=`.
        others: sentences that this form says in other words, by code.
    """
    here = query("about") == about
    code, problem = rx.cond(here, query("error"), ""), rx.cond(here, query("problem"), "")
    sentence = rx.cond(code, rx.match(code, *(_ERRORS | others).items(), _OTHER), "").to(str)
    checked = f"Please check: {query('field')} {problem}."
    return rx.cond(problem, form_error(checked), form_error(sentence))


def account_done(about: str, sentence: str) -> rx.Component:
    """What has been achieved, from `?done=<about>`."""
    said = rx.el.div(notice(sentence, tone="success"), role="status")
    return rx.cond(query("done") == about, said, rx.fragment())


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
