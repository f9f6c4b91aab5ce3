"""Bounds of every HTTP request, held before anything reads it: address, headers, body, and the client's pace."""

import asyncio
import time
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.api.problems import refusal
from mixmodel_app.api.upload_guard import takes_uploads


@dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes in bytes, `patience_s` in seconds, `pace` in bytes per second.

    Attributes:
        patience_s: how long a client may send or read nothing at all.
        pace: the least average speed of a body, so that a byte every few seconds does not hold a request for hours.
        body: for everything but uploads, which `UploadGuard` bounds.
    """

    patience_s: float
    pace: int = 8 * 1024
    address: int = 8 * 1024
    headers: int = 16 * 1024
    header_count: int = 64
    body: int = 1024 * 1024


class RequestGuard:
    """Answers 408, 413, 414 or 431 and hangs up; a client that does not read its answer is cut."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app = app
        self.bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send, self.bounds.patience_s)
        try:
            self._check_head(scope)
            await self.app(scope, self._bounded(scope, receive), answer.send)
        except HTTPException as error:
            if answer.begun:
                raise
            await refusal(scope, error)(scope, receive, answer.send)

    def _check_head(self, scope: Scope) -> None:
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > self.bounds.address:
            raise _refused(414)
        sizes = [len(name) + len(value) + 4 for name, value in scope["headers"]]
        if sum(sizes) > self.bounds.headers or len(sizes) > self.bounds.header_count:
            raise _refused(431)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or (int(length) > self.bounds.body and not takes_uploads(scope)):
            raise _refused(413)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Count what really arrives, and how fast. After the body the application may wait for the end at leisure."""
        limit = None if takes_uploads(scope) else self.bounds.body
        started, seen, complete = time.monotonic(), 0, False

        async def bounded() -> Message:
            nonlocal seen, complete
            if complete:
                return await receive()
            left = started + self.bounds.patience_s + seen / self.bounds.pace - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), min(left, self.bounds.patience_s))
            except TimeoutError:
                raise _refused(408) from None
            seen += len(message.get("body", b""))
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            if limit is not None and seen > limit:
                raise _refused(413)
            return message

        return bounded


class _Answer:
    """The way out: notes whether an answer has begun, gives up on a client that stopped reading, and puts the bare
    texts of the frameworks inside ("Internal Server Error") into the words of every other error.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, patience_s: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._patience_s = patience_s
        self._replaced = False
        self.begun = False

    async def send(self, message: Message) -> None:
        self.begun = True
        if self._replaced:
            return
        if message["type"] == "http.response.start" and _is_bare(message):
            self._replaced = True
            await refusal(self._scope, HTTPException(message["status"]))(self._scope, self._receive, self._patiently)
            return
        await self._patiently(message)

    async def _patiently(self, message: Message) -> None:
        await asyncio.wait_for(self._send(message), self._patience_s)


def _is_bare(message: Message) -> bool:
    return message["status"] >= 400 and Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")


def _refused(status: int) -> HTTPException:
    """The rest of the body is not read, so the connection cannot be used again."""
    return HTTPException(status, headers={"Connection": "close"})
