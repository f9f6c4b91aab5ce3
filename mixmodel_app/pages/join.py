"""Accept an invitation: with a new account, or with the one that is signed in."""

import asyncio

import reflex as rx

from mixmodel_app.components.account_form import account_card, account_errors, query, submit
from mixmodel_app.components.buttons import text_link
from mixmodel_app.components.forms import PASSWORD_RULE, field, native_form, password_input, text_input
from mixmodel_app.components.states import notice
from mixmodel_app.domain.errors import MixModelError, NotAuthenticated
from mixmodel_app.pages._page import page
from mixmodel_app.pages._provider import ProviderState, by_password, by_provider
from mixmodel_app.services import accounts, invitations, limits
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import unguarded
from mixmodel_app.state.session import SessionState


class JoinState(SessionState):
    """What the link in the address offers, and to whom.

    Attributes:
        offer: "", "open" or "over".
        invited: the email that it is for, "" when anyone may use it.
        signed_in_as: the email of the person behind the cookies, "" without one.
    """

    offer: str = ""
    workspace: str = ""
    offered_role: str = ""
    invited: str = ""
    signed_in_as: str = ""

    @unguarded(because="Whoever has the token of an invitation may read what it says; it is limited by address.")
    async def look(self) -> None:
        """Read the invitation."""
        self.signed_in_as = await self._who()
        self.offer = self.workspace = self.offered_role = self.invited = ""
        try:
            await asyncio.to_thread(limits.hit, Limit.OPEN_SHARE, self._address())
            found = await asyncio.to_thread(invitations.look, self._query_param("token"))
        except MixModelError:
            self.offer = "over"
            return
        self.workspace, self.offered_role, self.invited = found.workspace, found.role.value, found.email
        self.offer = "open"

    async def _who(self) -> str:
        """The email of whoever holds the cookies, to whom this tab is tied from now on; "" for nobody."""
        try:
            cookie = self.router.headers.cookie
            principal = await asyncio.to_thread(accounts.principal_from_cookies, cookie, self._address())
        except NotAuthenticated:
            await self._forget()
            return ""
        await self._bind(principal)
        return principal.email


@page("/join", title="Join a workspace", requires=None, on_load=[JoinState.look, ProviderState.look_for_provider])
def join() -> rx.Component:
    """The invitation, or that it is over."""
    waiting = account_card("Join a workspace")
    return rx.cond(JoinState.offer == "open", _open(), rx.cond(JoinState.offer == "over", _over(), waiting))


def _open() -> rx.Component:
    return account_card(
        "Join " + JoinState.workspace,
        rx.el.p("You are invited as ", JoinState.offered_role, ".", class_name="mm-quiet"),
        rx.cond(JoinState.signed_in_as, _with_account(), _with_new_account()),
    )


def _with_account() -> rx.Component:
    return rx.fragment(
        account_errors(
            "join",
            conflict="You cannot join: you are in this workspace already, or yours has data or people that need you.",
            not_allowed="This invitation is for another email address.",
        ),
        rx.el.p(
            "You are signed in as ",
            rx.el.strong(JoinState.signed_in_as),
            ". Joining moves your account out of the workspace it is in now.",
            class_name="mm-quiet",
        ),
        native_form(
            _token(), submit("Join"), action="/api/session/join", class_name="mm-form", data_session_form="enter"
        ),
    )


def _with_new_account() -> rx.Component:
    sign_in = "/login?next=" + _encoded(query("token"))
    return rx.fragment(
        account_errors(not_allowed="This invitation is for another email address."),
        by_password(_new_account_form()),
        by_provider("/join?token=" + query("token")),
        by_password(rx.el.p("Have an account? ", text_link("Sign in to join", sign_in), class_name="mm-form-foot")),
    )


def _new_account_form() -> rx.Component:
    email = rx.cond(JoinState.invited, JoinState.invited, query("email"))
    return native_form(
        field(
            "Your name",
            text_input("full_name", auto_complete="name", required=True, default_value=query("full_name")),
            name="full_name",
        ),
        field(
            "Email",
            text_input(
                "email",
                type="email",
                auto_complete="username",
                required=True,
                default_value=email,
                read_only=JoinState.invited != "",
                key=JoinState.invited,
            ),
            name="email",
        ),
        field("Password", password_input("password", new=True, hint=True), name="password", hint=PASSWORD_RULE),
        rx.el.input(type="hidden", name="invite_token", value=query("token")),
        submit("Create account and join"),
        action="/api/session/register",
        class_name="mm-form",
        data_session_form="enter",
    )


def _over() -> rx.Component:
    return account_card(
        "This invitation is over",
        notice("It was used, has expired or was revoked. Ask the person who sent it for a new one.", tone="warning"),
        rx.el.p(text_link("Go to MixModel", "/"), class_name="mm-form-foot"),
    )


def _token() -> rx.Component:
    return rx.el.input(type="hidden", name="token", value=query("token"))


def _encoded(token: rx.Var[str]) -> rx.Var[str]:
    """This page as a parameter of an address; tokens consist of letters, digits, "-" and "_"."""
    return rx.Var.create("%2Fjoin%3Ftoken%3D").to(str) + token
