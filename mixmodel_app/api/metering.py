"""Counts and times every answer by its route, and the sockets that are open."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.metrics import REQUEST_SECONDS, REQUESTS, SOCKETS, open_in

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FOLDERS = ("/assets", "/fonts", "/admin/rq", "/api/docs", "/_upload")
_STATE = "route"


class NoteRoute:
    """Innermost: tells `RequestMeter` which route took the request, as it was declared, without its ids."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(scope)
            await send(message)

        await self.app(scope, receive, noting if scope["type"] == "http" else send)


class RequestMeter:
    """Outermost of both; the time is that to the first byte, since a stream lasts as long as someone looks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with open_in(SOCKETS):
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        started = time.perf_counter()
        answered = False

        async def timing(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                _count(scope, str(message["status"]), time.perf_counter() - started)
            await send(message)

        try:
            await self.app(scope, receive, timing)
        finally:
            if not answered:
                _count(scope, "none", time.perf_counter() - started)


def _note(scope: Scope) -> None:
    path = getattr(scope.get("route"), "path", "")
    if path:
        scope.setdefault("state", {})[_STATE] = path


def _count(scope: Scope, status: str, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = _route(scope, status)
    REQUESTS.labels(method, route, status).inc()
    REQUEST_SECONDS.labels(method, route).observe(seconds)


def _route(scope: Scope, status: str) -> str:
    """The route's declared path; for what the API does not know, the folder, "page" or "unknown": few words in all."""
    noted = scope["state"].get(_STATE, "")
    if noted and noted != "/api/{rest:path}":
        return noted
    path = scope["path"]
    folder = next((folder for folder in _FOLDERS if path == folder or path.startswith(f"{folder}/")), "")
    if folder:
        return folder
    return "unknown" if status == "404" or noted else "page"
