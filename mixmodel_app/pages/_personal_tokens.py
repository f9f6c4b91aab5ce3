"""Personal tokens on the account page: made, shown once, listed and revoked."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import primary_button, quiet_button, secondary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.copy_text import copy_text
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import field, select_input, text_input
from mixmodel_app.components.layout import card, fold, grid, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal, TokenScope
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._input import as_id
from mixmodel_app.services import personal_tokens
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers

_SCOPES = ((TokenScope.READ.value, "Read"), (TokenScope.WRITE.value, "Read and write"))
_ENDLESS = "endless"
_SPANS = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (_ENDLESS, "Until you revoke it"))


@dataclass
class TokenRow:
    """One token, without its secret."""

    id: str
    name: str
    scope: str
    used: str
    address: str
    ends: str


class TokensState(SessionState):
    """The person's tokens, the form for another, and the one that was made last.

    Attributes:
        secret: that token; it is here only while it is on screen.
        draft: changes whenever the form has to be emptied.
    """

    tokens: list[TokenRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    secret: str = ""
    secret_name: str = ""
    draft: int = 0
    _name: str = ""
    _scope: str = TokenScope.READ.value
    _span: str = str(personal_tokens.DAYS)

    @loader()
    async def load_tokens(self, principal: Principal) -> None:
        """What there is; an earlier token is shown no more, unless the page has only come back to another web."""
        if not self._returns():
            self._clear()
        await self._show(principal)

    @handler()
    async def type_token_name(self, principal: Principal, name: str) -> None:
        """What the next token is for, as it is typed."""
        self._name = name

    @handler()
    async def choose_scope(self, principal: Principal, scope: str) -> None:
        """What the next token may do."""
        self._scope = _listed(scope, _SCOPES)

    @handler()
    async def choose_span(self, principal: Principal, span: str) -> None:
        """How long the next token works."""
        self._span = _listed(span, _SPANS)

    @handler(limit=Limit.TOKEN)
    async def make_token(self, principal: Principal) -> None:
        """Make a token and show it."""
        days = None if self._span == _ENDLESS else int(self._span)
        made = await asyncio.to_thread(personal_tokens.create, principal, self._name, TokenScope(self._scope), days)
        self._clear()
        self.secret, self.secret_name, self.draft = made["token"], made["name"], self.draft + 1
        await self._show(principal)

    @handler()
    async def hide_token(self, principal: Principal) -> None:
        """It has been copied."""
        self.secret = self.secret_name = ""

    @handler()
    async def revoke_token(self, principal: Principal, token_id: str) -> None:
        """End a token."""
        self.secret = self.secret_name = ""
        await asyncio.to_thread(personal_tokens.revoke, principal, as_id(token_id))
        await self._show(principal)

    @handler()
    async def revoke_all_tokens(self, principal: Principal) -> None:
        """End every token of the person."""
        self.secret = self.secret_name = ""
        await asyncio.to_thread(personal_tokens.revoke_all, principal)
        await self._show(principal)

    def _clear(self) -> None:
        self.secret = self.secret_name = self._name = ""
        self._scope, self._span = TokenScope.READ.value, str(personal_tokens.DAYS)

    async def _show(self, principal: Principal) -> None:
        self.tokens = [_row(raw) for raw in await asyncio.to_thread(personal_tokens.every, principal)]


def tokens_section() -> rx.Component:
    """The section of the account page."""
    none = rx.el.p("You have no tokens.", class_name="mm-hint")
    return section(
        "Personal tokens",
        rx.cond(TokensState.secret, _secret(), rx.fragment()),
        rx.cond(TokensState.tokens.length() > 0, _table(), none),
        rx.cond(TokensState.tokens.length() > 1, row(_revoke_all()), rx.fragment()),
        fold("Make a token", _form(), note="For a script"),
        note="Scripts act for you with one: in this workspace, with your role, never on accounts and people.",
    )


def _secret() -> rx.Component:
    said = rx.el.span("Copy the token ", rx.el.strong(TokensState.secret_name), " now: it is shown only this once.")
    return card(
        stack(
            rx.el.div(notice(said, tone="success"), role="status"),
            copy_text(TokensState.secret, name="personal-token", label="Copy the token"),
            row(secondary_button("Done", icon_name="check", on_click=TokensState.hide_token)),
        )
    )


def _table() -> rx.Component:
    columns = (
        Column("name", "Name"),
        Column("scope", "May"),
        Column("used", "Last used", render=_used),
        Column("ends", "Ends", numeric=True),
        Column("id", "Actions", render=_revoke),
    )
    return data_table(columns, TokensState.tokens, caption="Personal tokens")


def _used(token: rx.Var[TokenRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(token.used),
        rx.cond(token.address, rx.el.span(token.address, class_name="mm-hint"), rx.fragment()),
        class_name="mm-two",
    )


def _revoke(token: rx.Var[TokenRow]) -> rx.Component:
    return confirm(
        quiet_button("Revoke", icon_name="x", aria_label="Revoke " + token.name),
        title="Revoke this token?",
        text="Scripts that use it stop working at once.",
        action="Revoke token",
        on_confirm=TokensState.revoke_token(token.id),
    )


def _revoke_all() -> rx.Component:
    return confirm(
        secondary_button("Revoke all tokens", icon_name="key-round"),
        title="Revoke all tokens?",
        text="Every script that acts for you stops working at once.",
        action="Revoke all",
        on_confirm=TokensState.revoke_all_tokens,
    )


def _form() -> rx.Component:
    fresh = TokensState.draft.to_string()
    name = text_input(
        "token_name",
        hint=True,
        on_blur=TokensState.type_token_name,
        auto_complete="off",
        max_length=255,
        key="name-" + fresh,
    )
    scope = select_input(
        "token_scope",
        _SCOPES,
        default_value=TokenScope.READ.value,
        on_change=TokensState.choose_scope,
        key="scope-" + fresh,
    )
    span = select_input(
        "token_span",
        _SPANS,
        default_value=str(personal_tokens.DAYS),
        on_change=TokensState.choose_span,
        key="span-" + fresh,
    )
    return stack(
        field("Name", name, name="token_name", hint="What it is for: you will know it by this."),
        grid(
            field("It may", scope, name="token_scope"),
            field("It works for", span, name="token_span"),
            columns=2,
        ),
        row(primary_button("Make token", icon_name="key-round", on_click=TokensState.make_token)),
    )


def _listed(value: str, options: tuple[tuple[str, str], ...]) -> str:
    """A choice as the browser sends it."""
    if value not in dict(options):
        raise InvalidInput("This cannot be chosen.", hint="Choose one from the list.")
    return value


def _row(raw: dict[str, Any]) -> TokenRow:
    ends = numbers.date_text(raw["expires_at"]) if raw["expires_at"] else "Never"
    return TokenRow(
        id=raw["id"],
        name=raw["name"],
        scope=dict(_SCOPES)[raw["scope"]],
        used=numbers.moment(raw["last_used_at"]) if raw["last_used_at"] else "Never",
        address=raw["last_address"],
        ends=f"Expired {ends}" if raw["is_expired"] else ends,
    )
