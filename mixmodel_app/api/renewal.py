"""The ASGI layer that keeps a browser signed in across pages.

A page is asked for with the cookies of the last visit. When the access token among them has run out, it is renewed
here, before the page and its socket see it; when that fails, the person goes to the sign-in page and comes back after.
"""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.api.dependencies import client_address
from mixmodel_app.api.paths import route_pattern
from mixmodel_app.api.session import set_cookies
from mixmodel_app.domain.account import Client
from mixmodel_app.domain.errors import NotAuthenticated
from mixmodel_app.services import accounts
from mixmodel_app.services.accounts import TokenPair
from mixmodel_app.services.cookies import ACCESS_COOKIE, REFRESH_COOKIE, read_cookies


class SessionRenewal:
    """Renew on navigation, and lead from a guarded page to the sign-in page when nobody is signed in.

    This is for calm only: what guards the data are the event handlers and the API.
    """

    def __init__(self, app: ASGIApp, guarded: Iterable[str]) -> None:
        self.app = app
        self.guarded = route_pattern(guarded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_navigation(scope):
            await self.app(scope, receive, send)
            return
        header = Headers(scope=scope).get("cookie", "")
        address = client_address(HTTPConnection(scope))
        pair = None
        try:
            await asyncio.to_thread(accounts.principal_from_cookies, header, address)
        except NotAuthenticated:
            pair = await asyncio.to_thread(_renewed, header, Client(address))
            if pair is None and self.guarded.fullmatch(scope["path"]):
                await RedirectResponse(_login_path(scope), status_code=303)(scope, receive, send)
                return
        if pair is None:
            await self.app(scope, receive, send)
            return
        await self.app(_with_cookies(scope, header, pair), receive, _setting(send, pair))


def _is_navigation(scope: Scope) -> bool:
    """A page, or a file behind a link: not the many assets, and not the calls of programs. The way to the sign-in
    provider is left alone: its answer sets other cookies."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith("/auth/"):
        return False
    headers = Headers(scope=scope)
    if "authorization" in headers:
        return False
    return headers.get("sec-fetch-mode") == "navigate" or "text/html" in headers.get("accept", "")


def _renewed(header: str, client: Client) -> TokenPair | None:
    cookie = read_cookies(header).get(REFRESH_COOKIE)
    if not cookie:
        return None
    try:
        return accounts.renew(cookie, client)
    except NotAuthenticated:
        return None


def _login_path(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    place = scope["path"] + (f"?{query}" if query else "")
    return "/login" if place == "/" else f"/login?next={quote(place, safe='/')}"


def _with_cookies(scope: Scope, header: str, pair: TokenPair) -> Scope:
    """The request as if it had come with the new cookies."""
    cookies = read_cookies(header) | {ACCESS_COOKIE: pair.access_token}
    if pair.refresh_token is not None:
        cookies[REFRESH_COOKIE] = pair.refresh_token
    changed = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    return {**scope, "headers": [*headers, (b"cookie", changed)]}


def _setting(send: Send, pair: TokenPair) -> Send:
    carrier = Response()
    set_cookies(carrier, pair)
    cookies = [value for name, value in carrier.raw_headers if name == b"set-cookie"]

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for value in cookies:
                headers.append("set-cookie", value.decode("latin-1"))
        await send(message)

    return wrapped
