"""How one signs in, on the account page: the provider, connected or not, and the way to a first password."""

import asyncio

import reflex as rx

from mixmodel_app.components.account_form import account_done, account_errors
from mixmodel_app.components.buttons import danger_button, leaving_link, secondary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.forms import native_form
from mixmodel_app.components.layout import card, row, section, stack
from mixmodel_app.domain.account import Principal
from mixmodel_app.pages._provider import START
from mixmodel_app.services import identities
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers


class IdentityState(SessionState):
    """Whether the provider knows the person.

    Attributes:
        provider: what people call it, "" when there is none.
        known_as: the email that it knows the person by.
        since: when they were connected, "" when they are not.
    """

    provider: str = ""
    known_as: str = ""
    since: str = ""
    has_password: bool = True
    can_disconnect: bool = False

    @loader()
    async def load_identity(self, principal: Principal) -> None:
        """Where the person stands."""
        await self._show(principal)

    @handler()
    async def disconnect(self, principal: Principal) -> None:
        """Sign in with it no more."""
        await asyncio.to_thread(identities.disconnect, principal)
        await self._show(principal)

    async def _show(self, principal: Principal) -> None:
        found = await asyncio.to_thread(identities.status, principal)
        connected = found["connected"]
        self.provider, self.has_password = found["provider"], found["has_password"]
        self.can_disconnect = found["can_disconnect"]
        self.known_as = connected["email"] if connected else ""
        self.since = numbers.moment(connected["since"]) if connected else ""


def identity_section() -> rx.Component:
    """The section of the account page; nothing where there is no provider."""
    found = section(
        "Sign-in provider",
        account_errors("provider"),
        account_done("connected", "Connected. From now on you can sign in with it."),
        card(rx.cond(IdentityState.since, _connected(), _not_connected())),
        note="Sign in with the account that your company gave you.",
    )
    return rx.cond(IdentityState.provider, found, rx.fragment())


def first_password() -> rx.Component:
    """In place of the form for a new password, where there is none yet."""
    form = native_form(
        rx.el.input(type="hidden", name="email", value=IdentityState.email),
        secondary_button("Ask for a link", icon_name="key-round", type="submit"),
        action="/api/session/forgot",
        class_name="mm-form mm-form-narrow",
    )
    said = "You have no password. A link lets you set one: it comes by mail or from an admin, and works once."
    return card(stack(rx.el.p(said, class_name="mm-quiet"), form))


def _connected() -> rx.Component:
    end = confirm(
        danger_button("Disconnect", icon_name="unlink"),
        title="Disconnect it?",
        text="You then sign in by your password only.",
        action="Disconnect",
        on_confirm=IdentityState.disconnect,
    )
    known_as = rx.cond(IdentityState.known_as, rx.fragment(" as ", rx.el.strong(IdentityState.known_as)), "")
    said = rx.el.p(IdentityState.provider, " knows you", known_as, ", since ", IdentityState.since, ".")
    only = rx.el.p("It is your only way to sign in, so it cannot be disconnected.", class_name="mm-quiet")
    return stack(said, rx.cond(IdentityState.can_disconnect, row(end), only))


def _not_connected() -> rx.Component:
    return stack(
        rx.el.p("Not connected. You will be asked for your password once.", class_name="mm-quiet"),
        row(
            leaving_link(
                "Connect " + IdentityState.provider,
                f"{START}?connect=true",
                icon_name="link",
            )
        ),
    )
