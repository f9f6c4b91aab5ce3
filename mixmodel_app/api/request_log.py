"""One log line per request that does something: what was asked, how it ended, how long it took."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger(__name__)

_LOGGED = ("/api/", "/admin/", "/_upload")


class RequestLog:
    """Logs calls of the API, uploads and the admin's dashboard, and whatever failed. Query strings stay out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            if scope["path"].startswith(_LOGGED) or status >= 400 or status == 0:
                self._write(scope, status, time.perf_counter() - started)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        about = {"status": status, "duration_ms": round(seconds * 1000, 1)}
        if workspace_id := scope.get("state", {}).get("workspace_id"):
            about["workspace_id"] = workspace_id
        level = _log.warning if status >= 500 or status == 0 else _log.info
        level(f"{scope['method']} {scope['path']}", **about)
