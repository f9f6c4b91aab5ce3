"""Who is asking. `SessionState` is the parent of every page's state; see `state.handlers` for how it is used."""

import asyncio
import logging
import secrets
from typing import Any
from urllib.parse import quote

import reflex as rx
import structlog

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import MixModelError, NotAuthenticated
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.addresses import address_of
from mixmodel_app.services.cookies import REFRESH_COOKIE, read_cookies
from mixmodel_app.services.limits import Limit
from mixmodel_app.state import tracing
from mixmodel_app.state.handlers import loader, unguarded
from mixmodel_app.state.reconnect import RETURNS
from mixmodel_app.wording import numbers

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
    _holder: str = ""
    _connection: str = ""
    _back_at: str = ""

    @loader()
    async def arrive(self, principal: Principal) -> None:
        """Load nothing: the `on_load` of pages that only need someone signed in."""

    @unguarded(because="It only takes away the message that this tab already shows.")
    async def dismiss_error(self) -> None:
        """Take the message away."""
        self._clear_error()

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None:
        """The person behind the socket's cookie, or None when there is none. Numbers look as their workspace prefers.

        Raises:
            NotAllowed: the role does not cover `requires`.
            RateLimited: the rule `limit` is used up.
        """
        header = self.router.headers.cookie
        try:
            principal = await asyncio.to_thread(accounts.principal_from_cookies, header, self._address())
        except NotAuthenticated:
            await self._forget()
            self.session = "expired" if REFRESH_COOKIE in read_cookies(header) else ""
            return None
        await self._bind(principal)
        structlog.contextvars.bind_contextvars(workspace_id=str(principal.workspace_id))
        self._note_return()
        numbers.use(principal.preferences)
        principal.require(requires)
        if limit is not None:
            await asyncio.to_thread(limits.hit, limit, principal)
        return principal

    async def _bind(self, principal: Principal) -> None:
        """Tie this browser tab's state to one person in one workspace; what others left there is wiped first."""
        holder = f"{principal.user_id} in {principal.workspace_id}"
        if self._holder not in ("", holder):
            await self._forget()
        self._holder = holder
        self.session = "active"
        self.full_name, self.initial = principal.full_name, principal.full_name[:1].upper()
        self.email, self.role = principal.email, principal.role.value

    async def _forget(self) -> None:
        """Reset the state of every page: whoever holds the tab's token would receive it otherwise."""
        if self._holder == "":
            return
        for state_class in _with_descendants(SessionState):
            (await self.get_state(state_class)).reset()

    def _refusal(self) -> Any:
        """The event for someone who is not signed in. A session that only ran out is renewed by the browser."""
        if self.session == "expired":
            return None
        return rx.redirect(f"/login?next={quote(self._place(), safe='/')}")

    def _address(self) -> str:
        """Where the socket comes from."""
        headers = self.router.headers.raw_headers
        return address_of(headers.get("asgi-scope-client", ""), headers.get("x-forwarded-for", ""))

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

    def _note_return(self) -> None:
        """Once for each connection, before a loader settles: was its page on screen already? Leaving it ends that."""
        here = self._asked()
        if self._connection != self.router.session.session_id:
            self._connection = self.router.session.session_id
            was_here = RETURNS in self.router.headers.raw_headers and here == (self.ready_route, self.ready_path)
            self._back_at = here[1] if was_here else ""
        elif self._back_at != here[1]:
            self._back_at = ""

    def _returns(self) -> bool:
        """Whether this page was on screen before and only its connection is new: what is typed in it has to stay."""
        return bool(self._back_at)

    def _asked(self) -> tuple[str, str]:
        """Route and path of the page that is asked for."""
        route = self.router.route_id
        return "/" if route == _START else route, self.router.url.path

    def _settle(self) -> None:
        """The page that was asked for has its content, or its error."""
        self.ready_route, self.ready_path = self._asked()
        self.load_failed = bool(self.error_message)

    def _clear_error(self) -> None:
        self.error_title = self.error_message = self.error_hint = ""
        self.field_errors = {}

    def _report(self, error: Exception) -> None:
        """Put an error into words on the page; one that nobody foresaw also goes to the log under a reference."""
        tracing.reported(error)
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
