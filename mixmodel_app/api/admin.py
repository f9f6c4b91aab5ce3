"""/admin/rq: RQ's own dashboard. It shows and changes the jobs of everybody, so it is for operators only."""

import asyncio
import os

from a2wsgi import WSGIMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixmodel_app.api.session import is_own_origin
from mixmodel_app.config import settings
from mixmodel_app.domain.errors import MixModelError, NotAuthenticated
from mixmodel_app.services import accounts, installation

PREFIX = "/admin/rq"

# Its pages are built from inline scripts and templates. Nothing that a person types reaches them: jobs carry run ids.
POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
POLICY += "img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


class AdminOnly:
    """Let through operators that are signed in with cookies, and changes only by POST from our own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = await self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        path = scope["path"]
        inner = path if path.startswith(PREFIX) else PREFIX + path
        await self.app({**scope, "root_path": "", "path": inner}, receive, _with_policy(send))

    async def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        try:
            principal = await asyncio.to_thread(accounts.principal_from_cookies, headers.get("cookie", ""))
            installation.require_operator(principal)
        except NotAuthenticated:
            return RedirectResponse(f"/login?next={PREFIX}/", status_code=303)
        except MixModelError as error:
            return PlainTextResponse(error.sentence(), error.status)
        changes = scope["method"] not in ("GET", "HEAD")
        if changes and not is_own_origin(headers):
            return PlainTextResponse("The request came from another site.", 403)
        if not changes and "/requeue/" in scope["path"]:  # the one change that it would also make by GET
            return PlainTextResponse("Use the button of the dashboard.", 405)
        return None


def dashboard() -> ASGIApp:
    """rq-dashboard behind `AdminOnly`. It reads its settings from the environment when it is imported."""
    os.environ.update(
        RQ_DASHBOARD_URL_PREFIX=PREFIX,
        RQ_DASHBOARD_REDIS_URL=settings().redis.url,
        RQ_DASHBOARD_JSON_SERIALIZER="true",
    )
    from rq_dashboard.app import create_app

    return AdminOnly(WSGIMiddleware(create_app()))  # pyright: ignore[reportArgumentType]


def _with_policy(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["content-security-policy"] = POLICY
        await send(message)

    return wrapped
