"""Connect an account that exists with the sign-in provider, by its password: the provider's word is not enough."""

import asyncio

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, next_field, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import field, native_form, password_input, text_input
from mixmodel_app.components.states import notice
from mixmodel_app.config import settings
from mixmodel_app.domain.errors import SignInInterrupted
from mixmodel_app.pages._page import page
from mixmodel_app.services.cookies import PROOF_COOKIE, read_cookies
from mixmodel_app.services.identities import Proof
from mixmodel_app.state.handlers import unguarded
from mixmodel_app.state.session import SessionState


class ConnectState(SessionState):
    """What waits to be connected.

    Attributes:
        waiting: "", "open" or "over".
        account: the email of the account here.
        known_as: the email that the provider knows the person by, "" when it tells none.
    """

    waiting: str = ""
    account: str = ""
    known_as: str = ""
    provider_name: str = ""

    @unguarded(because="It shows what the signed cookie of this very browser says.")
    async def look(self) -> None:
        """Read the cookie."""
        self.waiting = self.account = self.known_as = ""
        self.provider_name = settings().oidc.name
        carried = read_cookies(self.router.headers.cookie).get(PROOF_COOKIE, "")
        try:
            proof = await asyncio.to_thread(Proof.read, carried)
        except SignInInterrupted:
            self.waiting = "over"
            return
        self.account, self.known_as, self.waiting = proof.account, proof.email, "open"


@page("/connect", title="Connect your account", requires=None, on_load=ConnectState.look)
def connect() -> rx.Component:
    """The account, its password, and its code where it has a second factor."""
    title = "Connect your account"
    return rx.cond(
        ConnectState.waiting == "open",
        account_card(title, *_form()),
        rx.cond(ConnectState.waiting == "over", account_card(title, *_over()), account_card(title)),
    )


def _form() -> tuple[rx.Component, ...]:
    code = text_input("code", auto_complete="one-time-code", hint=True, max_length=64, spell_check=False)
    known_as = rx.cond(ConnectState.known_as, " as " + ConnectState.known_as, "")
    return (
        account_errors(wrong_credentials="The password is wrong. Check it, then try again."),
        rx.el.p(
            "There is a MixModel account ",
            rx.el.strong(ConnectState.account),
            ". Enter its password once, and from then on you sign in with ",
            ConnectState.provider_name,
            known_as,
            ".",
            class_name="mm-quiet",
        ),
        native_form(
            field("Password", password_input("password", new=False), name="password"),
            field("Code", code, name="code", hint="Only if your account has a second factor.", optional=True),
            next_field(),
            submit("Connect"),
            action="/api/session/connect",
            class_name="mm-form",
            data_session_form="enter",
        ),
        rx.el.p(text_link("No password, or forgotten? Ask for a new one", "/forgot"), class_name="mm-form-foot"),
    )


def _over() -> tuple[rx.Component, ...]:
    return (
        notice("This took too long, or it is done already. Start again.", tone="warning"),
        rx.el.p(text_link("Go to MixModel", "/"), class_name="mm-form-foot"),
    )
