"""Headers of every response: the content security policy, its relatives, caching, and the request id.

Pages carry small inline scripts that the frontend build generates. The policy names each by its hash, computed from
the served files at start, so nothing else can run: no `unsafe-inline`, no `unsafe-eval`.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable
from pathlib import Path

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_BUILT = "/assets/"
_YEAR_S = 31_536_000

FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "1; mode=block",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "server": "MixModel",  # else the web server names itself
}
"""The same on every response."""


def script_hashes(web_root: Path) -> tuple[str, ...]:
    """CSP sources of all inline scripts in the HTML files below `web_root`, sorted; none when nothing is built yet."""
    found = {
        _source(script) for file in web_root.rglob("*.html") for script in _INLINE_SCRIPT.findall(_text(file)) if script
    }
    return tuple(sorted(found))


def content_security_policy(scripts: Iterable[str], connect: Iterable[str] = ()) -> str:
    """The policy of pages.

    Args:
        scripts: sources beside `'self'`, from `script_hashes`.
        connect: origins that pages may report to (Sentry), beside their own.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *connect)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def cache_control(path: str, content_type: str) -> str | None:
    """How long a static answer may be kept: a year for files with a hash in their name, else ask each time."""
    if path.startswith(_BUILT):
        return f"public, max-age={_YEAR_S}, immutable"
    if path.startswith("/fonts/"):
        return "public, max-age=604800"
    return "no-cache" if content_type.startswith(("text/html", "text/javascript", "application/javascript")) else None


class SecurityHeaders:
    """Puts the security headers, the caching rule and the request id on every response, refusals of a socket included.

    Granian sends no headers with a handshake that succeeds; the proxy adds them there (deploy/nginx.conf).
    """

    def __init__(self, app: ASGIApp, policy: str, *, https_only: bool) -> None:
        self.app = app
        self.headers = {**FIXED, "content-security-policy": policy}
        if https_only:
            self.headers["strict-transport-security"] = f"max-age={_YEAR_S}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                self._complete(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, send_with_headers)

    def _complete(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = request_id
        rule = cache_control(path, headers.get("content-type", ""))
        if rule is not None:
            headers.setdefault("cache-control", rule)


def _request_id(given: str | None) -> str:
    """The caller's id when it is harmless in a log, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _text(file: Path) -> str:
    """The file exactly as the browser hashes it: line ends untouched."""
    return file.read_bytes().decode()
