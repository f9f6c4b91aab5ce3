"""One's own account: name, password, where one is signed in, and what acts for one."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.account_form import account_done, account_errors
from mixmodel_app.components.buttons import danger_button, primary_button, quiet_button, secondary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import PASSWORD_RULE, field, native_form, password_input, text_input
from mixmodel_app.components.layout import card, fold, page_header, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal
from mixmodel_app.pages._identity import IdentityState, first_password, identity_section
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._personal_tokens import TokensState, tokens_section
from mixmodel_app.pages._second_factor import SecondFactorState, second_factor_section
from mixmodel_app.services import accounts, sessions
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers


@dataclass
class SessionRow:
    """One sign-in."""

    id: str
    device: str
    address: str
    used: str
    since: str
    is_current: bool


class AccountState(SessionState):
    """The name as it is being edited, and the living sign-ins."""

    kept_name: str = ""
    name_saved: bool = False
    sessions: list[SessionRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    _typed_name: str = ""

    @loader()
    async def load(self, principal: Principal) -> None:
        """What is kept now. A page that only reconnects keeps what was typed."""
        if not self._returns():
            self.kept_name = self._typed_name = principal.full_name
            self.name_saved = False
        await self._show_sessions(principal)

    @handler()
    async def type_name(self, principal: Principal, name: str) -> None:
        """The name as it is typed."""
        self._typed_name, self.name_saved = name, False

    @handler()
    async def save_name(self, principal: Principal) -> None:
        """Keep it."""
        self.name_saved = False
        kept = (await asyncio.to_thread(accounts.rename, principal, self._typed_name))["full_name"]
        self.kept_name = self.full_name = kept
        self.name_saved = True

    @handler()
    async def end_session(self, principal: Principal, session_id: str) -> None:
        """End one sign-in."""
        await asyncio.to_thread(sessions.end, principal, as_id(session_id))
        await self._show_sessions(principal)

    @handler()
    async def end_other_sessions(self, principal: Principal) -> None:
        """End every sign-in but this one."""
        await asyncio.to_thread(sessions.end_others, principal)
        await self._show_sessions(principal)

    async def _show_sessions(self, principal: Principal) -> None:
        self.sessions = [_row(raw) for raw in await asyncio.to_thread(sessions.living, principal)]


@page(
    "/account",
    title="Account",
    on_load=[
        AccountState.load,
        IdentityState.load_identity,
        SecondFactorState.load_second_factor,
        TokensState.load_tokens,
    ],
)
def account() -> rx.Component:
    """Everything that is one's own."""
    return stack(
        page_header("Account", AccountState.email),
        _name(),
        identity_section(),
        _password(),
        second_factor_section(),
        _sessions(),
        tokens_section(),
        _leave(),
    )


def _name() -> rx.Component:
    control = text_input(
        "full_name",
        default_value=AccountState.kept_name,
        on_blur=AccountState.type_name,
        auto_complete="name",
        max_length=255,
        key=AccountState.kept_name,
    )
    return card(
        stack(
            field("Your name", control, name="full_name"),
            row(primary_button("Save", icon_name="check", on_click=AccountState.save_name)),
            rx.cond(AccountState.name_saved, notice("Saved.", tone="success"), rx.fragment()),
        )
    )


def _password() -> rx.Component:
    form = native_form(
        field("Current password", password_input("current_password", new=False), name="current_password"),
        field(
            "New password", password_input("new_password", new=True, hint=True), name="new_password", hint=PASSWORD_RULE
        ),
        secondary_button("Change password", icon_name="key-round", type="submit"),
        action="/api/session/password",
        class_name="mm-form mm-form-narrow",
    )
    return section(
        "Password",
        account_errors("password", wrong_credentials="The current password is wrong."),
        account_done("password", "Your password is changed. Everywhere else you have been signed out."),
        rx.cond(IdentityState.has_password, card(form), first_password()),
        note="Changing it signs you out everywhere else.",
    )


def _sessions() -> rx.Component:
    everywhere = confirm(
        secondary_button("Sign out everywhere else", icon_name="log-out"),
        title="Sign out everywhere else?",
        text="Every other browser and program has to sign in again. Personal tokens are revoked below.",
        action="Sign out",
        on_confirm=AccountState.end_other_sessions,
    )
    columns = (
        Column("device", "Device"),
        Column("address", "Address"),
        Column("used", "Last used", numeric=True),
        Column("since", "Since", numeric=True),
        Column("id", "Actions", render=_end),
    )
    return section(
        "Where you are signed in",
        data_table(columns, AccountState.sessions, caption="Sessions"),
        rx.cond(AccountState.sessions.length() > 1, row(everywhere), rx.fragment()),
        note="End what you do not recognise, then change your password.",
    )


def _leave() -> rx.Component:
    form = native_form(
        danger_button("Leave the workspace", icon_name="door-open", type="submit"),
        action="/api/session/leave",
        class_name="mm-form mm-form-narrow",
        data_session_form="enter",
    )
    reasons = "You are its last admin or the only one in it. Make someone else an admin first, or delete it."
    inside = stack(
        rx.el.p(
            "You go on in an empty workspace of your own. What you made here stays here, and you come back only by a "
            "new invitation.",
            class_name="mm-quiet",
        ),
        form,
    )
    return section(
        "Workspace",
        account_errors("leave", conflict=reasons),
        fold("Leave this workspace", inside, note="Your account stays"),
    )


def _end(session: rx.Var[SessionRow]) -> rx.Component:
    end = quiet_button("End", icon_name="log-out", on_click=AccountState.end_session(session.id))
    return rx.cond(session.is_current, rx.el.span("This one", class_name="mm-hint"), end)


def _row(raw: dict[str, Any]) -> SessionRow:
    return SessionRow(
        id=raw["id"],
        device=raw["device"],
        address=raw["address"] or numbers.MISSING,
        used="Now" if raw["is_current"] else numbers.moment(raw["last_used_at"]),
        since=numbers.moment(raw["created_at"]),
        is_current=raw["is_current"],
    )
