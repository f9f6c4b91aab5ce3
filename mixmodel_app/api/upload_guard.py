"""Uploads are authorised and bounded before their body is read: Reflex's own upload route would take anyone's."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.api.dependencies import client_address
from mixmodel_app.api.problems import problem_response
from mixmodel_app.domain.account import Principal, Role, TokenScope
from mixmodel_app.domain.errors import FileTooLarge, MixModelError
from mixmodel_app.services import accounts
from mixmodel_app.services.bearer import principal_from_bearer
from mixmodel_app.services.datasets import MAX_UPLOAD_BYTES

API_PATH = "/api/datasets/upload"
PAGE_PATH = "/_upload"
_ENVELOPE = 64 * 1024
"""Bytes that multipart boundaries and headers may add to the file."""


class UploadGuard:
    """Refuses uploads without a session, of viewers, and of more than 50 MB."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not takes_uploads(scope):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            address = client_address(HTTPConnection(scope))
            principal = await asyncio.to_thread(_caller, headers, address, by_cookie=_path(scope) == PAGE_PATH)
            principal.require_scope(TokenScope.WRITE)
            principal.require(Role.MEMBER)
            if int(headers.get("content-length", "0")) > MAX_UPLOAD_BYTES + _ENVELOPE:
                raise too_large()
            await self.app(scope, _bounded(receive), send)
        except (MixModelError, ValueError) as error:
            known = error if isinstance(error, MixModelError) else too_large()
            await problem_response(scope, known)(scope, receive, send)


def takes_uploads(scope: Scope) -> bool:
    """Whether this is a request that may carry a file; every other body is small."""
    return scope["type"] == "http" and scope["method"] == "POST" and _path(scope) in (API_PATH, PAGE_PATH)


def _path(scope: Scope) -> str:
    return scope.get("path", "").rstrip("/")


def too_large() -> FileTooLarge:
    return FileTooLarge("The file is larger than 50 MB.", hint="Leave out columns that are not needed, or old rows.")


def _caller(headers: Headers, address: str, *, by_cookie: bool) -> Principal:
    if by_cookie:
        return accounts.principal_from_cookies(headers.get("cookie", ""), address)
    kind, _, token = headers.get("authorization", "").partition(" ")
    return principal_from_bearer(token.strip() if kind.lower() == "bearer" else "", address)


def _bounded(receive: Receive) -> Receive:
    """Count what really arrives: a chunked body announces no length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_UPLOAD_BYTES + _ENVELOPE:
            raise too_large()
        return message

    return counted
