"""Who is asking. `SessionState` is the parent of every page's state; see `state.handlers` for how it is used."""

import asyncio
import logging
import secrets
from typing import Any
from urllib.parse import quote

import reflex as rx

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import MixModelError, NotAuthenticated
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.cookies import REFRESH_COOKIE, read_cookies
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import loader, unguarded

logger = logging.getLogger(__name__)

_START = "/index"
"""Reflex's own name of the route "/"."""


class SessionState(rx.State):
    """The person on screen, the page that has arrived and the last error. Helpers start with `_`: only then are they
    not events that a socket client can call.

    Attributes:
        error_title, error_message, error_hint: the last error in words; all "" when there is none.
        field_errors: message by field path, from `InvalidInput`.
        session: "" at first, then "active", or "expired" when the browser has to renew (see assets/session.js).
        ready_route, ready_path: the page whose content is there; the shell shows a skeleton elsewhere.
        load_failed: whether the error stands in place of the page.
    """

    full_name: str = ""
    initial: str = ""
    email: str = ""
    role: str = ""
    session: str = ""
    error_title: str = ""
    error_message: str = ""
    error_hint: str = ""
    field_errors: dict[str, str] = {}  # noqa: RUF012 (Reflex copies the default for every person)
    ready_route: str = ""
    ready_path: str = ""
    load_failed: bool = False
    _user_id: str = ""

    @loader()
    async def arrive(self, principal: Principal) -> None:
        """Load nothing: the `on_load` of pages that only need someone signed in."""

    @unguarded(because="It only takes away the message that this tab already shows.")
    async def dismiss_error(self) -> None:
        """Take the message away."""
        self._clear_error()

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None:
        """The person behind the socket's cookie, or None when there is none.

        Raises:
            NotAllowed: the role does not cover `requires`.
            RateLimited: the rule `limit` is used up.
        """
        header = self.router.headers.cookie
        try:
            principal = await asyncio.to_thread(accounts.principal_from_cookies, header)
        except NotAuthenticated:
            await self._forget()
            self.session = "expired" if REFRESH_COOKIE in read_cookies(header) else ""
            return None
        await self._bind(principal)
        principal.require(requires)
        if limit is not None:
            await asyncio.to_thread(limits.hit, limit, principal)
        return principal

    async def _bind(self, principal: Principal) -> None:
        """Tie this browser tab's state to one person; another person's leftovers are wiped first."""
        if self._user_id not in ("", str(principal.user_id)):
            await self._forget()
        self._user_id = str(principal.user_id)
        self.session = "active"
        self.full_name, self.initial = principal.full_name, principal.full_name[:1].upper()
        self.email, self.role = principal.email, principal.role.value

    async def _forget(self) -> None:
        """Reset the state of every page: whoever holds the tab's token would receive it otherwise."""
        if self._user_id == "":
            return
        for state_class in _with_descendants(SessionState):
            (await self.get_state(state_class)).reset()

    def _refusal(self) -> Any:
        """The event for someone who is not signed in. A session that only ran out is renewed by the browser."""
        if self.session == "expired":
            return None
        return rx.redirect(f"/login?next={quote(self._place(), safe='/')}")

    def _place(self) -> str:
        """Path and query of the page on screen."""
        url = self.router.url
        return f"{url.path}?{url.query}" if url.query else url.path

    def _route_param(self, name: str) -> str:
        """A dynamic part of the route, `run_id` of "/runs/[run_id]", as it was typed; "" when absent."""
        return str(self.router._page.params.get(name, ""))

    def _query_param(self, name: str) -> str:
        """A query parameter of the address, as it was typed; "" when absent."""
        return self.router.url.query_parameters.get(name, "")

    def _settle(self) -> None:
        """The page that was asked for has its content, or its error."""
        route = self.router.route_id
        self.ready_route, self.ready_path = "/" if route == _START else route, self.router.url.path
        self.load_failed = bool(self.error_message)

    def _clear_error(self) -> None:
        self.error_title = self.error_message = self.error_hint = ""
        self.field_errors = {}

    def _report(self, error: Exception) -> None:
        """Put an error into words on the page; one that nobody foresaw also goes to the log under a reference."""
        if isinstance(error, MixModelError):
            self.error_title, self.error_message, self.error_hint = error.title, error.message, error.hint
            self.field_errors = {field.field: field.message for field in error.errors}
            return
        reference = secrets.token_hex(4)
        logger.error("Event handler failed, reference %s", reference, exc_info=error)
        self.error_title = "Something went wrong on our side"
        self.error_message = f"Nothing was changed that you did not see change. The reference is {reference}."
        self.error_hint = "Try again; if it stays, tell your administrator the reference."


def _with_descendants(state_class: type[rx.State]) -> list[type[rx.State]]:
    """A state class and all below it, parents first."""
    below = [found for child in state_class.get_substates() for found in _with_descendants(child)]  # pyright: ignore[reportArgumentType]
    return [state_class, *below]
