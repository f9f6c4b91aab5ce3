"""Bounds of the WebSocket: how many an address may open, how large and how many messages a client may send."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.api.dependencies import client_address
from mixmodel_app.api.problems import problem_response, refusal
from mixmodel_app.config import SOCKET_MESSAGE_BYTES
from mixmodel_app.domain.errors import RateLimited

_TOO_LARGE = 1009
_RETRY_S = 60
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SocketBounds:
    """`patience_s` in seconds, `message` in bytes, `rate` in messages per second after the first `burst`."""

    patience_s: float
    per_address: int
    message: int = SOCKET_MESSAGE_BYTES
    rate: float = 40
    burst: int = 400


class SocketGuard:
    """Refuses a socket too many, ends one that sends too much at once, and slows one that sends too often."""

    def __init__(self, app: ASGIApp, bounds: SocketBounds) -> None:
        self.app = app
        self.bounds = bounds
        self.open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        address = client_address(HTTPConnection(scope))
        if self.open[address] >= self.bounds.per_address:
            _log.warning("socket refused", address=address, open=self.open[address])
            await problem_response(scope, RateLimited(_RETRY_S))(scope, receive, send)
            return
        self.open[address] += 1
        try:
            await self.app(scope, self._bounded(receive, send), self._patient(scope, receive, send))
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]

    def _bounded(self, receive: Receive, send: Send) -> Receive:
        bucket = _Bucket(self.bounds.rate, self.bounds.burst)

        async def bounded() -> Message:
            # What is not received stays with the client: the pause is the brake.
            await asyncio.sleep(bucket.pause())
            message = await receive()
            if message["type"] == "websocket.receive" and _size(message) > self.bounds.message:
                _log.warning("socket message too large", bytes=_size(message))
                await send({"type": "websocket.close", "code": _TOO_LARGE})
                return {"type": "websocket.disconnect", "code": _TOO_LARGE}
            return message

        return bounded

    def _patient(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Give up on a client that stopped reading; say no to a handshake in the words of every other refusal."""
        accepted = False

        async def patient(message: Message) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] != "websocket.close"
            if accepted:
                await asyncio.wait_for(send(message), self.bounds.patience_s)
            else:
                await refusal(scope, HTTPException(403))(scope, receive, send)

        return patient


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill at `rate` per second up to `size`; an empty bucket means waiting for the next one."""

    rate: float
    size: float
    tokens: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.tokens = self.size

    def pause(self) -> float:
        """Take one token; seconds to wait until it is there."""
        now = time.monotonic()
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate) - 1
        self.at = now
        return max(0.0, -self.tokens / self.rate)


def _size(message: Message) -> int:
    return len(message.get("bytes") or b"") or len((message.get("text") or "").encode())
