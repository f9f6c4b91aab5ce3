"""/admin/rq: RQ's own dashboard, for admins only."""

import asyncio
import os

from a2wsgi import WSGIMiddleware
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mixmodel_app.api.session import is_own_origin
from mixmodel_app.config import settings
from mixmodel_app.domain.account import Role
from mixmodel_app.domain.errors import MixModelError, NotAuthenticated
from mixmodel_app.services import accounts

PREFIX = "/admin/rq"


class AdminOnly:
    """Let through admins that are signed in with cookies, and changes only from our own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        try:
            principal = await asyncio.to_thread(accounts.principal_from_cookies, headers.get("cookie", ""))
            principal.require(Role.ADMIN)
        except NotAuthenticated:
            await RedirectResponse(f"/login?next={PREFIX}", status_code=303)(scope, receive, send)
            return
        except MixModelError as error:
            await PlainTextResponse(error.sentence(), error.status)(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD") and not is_own_origin(headers):
            await PlainTextResponse("The request came from another site.", 403)(scope, receive, send)
            return
        path = scope["path"]
        inner = path if path.startswith(PREFIX) else PREFIX + path
        await self.app({**scope, "root_path": "", "path": inner}, receive, send)


def dashboard() -> ASGIApp:
    """rq-dashboard behind `AdminOnly`. It reads its settings from the environment when it is imported."""
    os.environ.update(
        RQ_DASHBOARD_URL_PREFIX=PREFIX,
        RQ_DASHBOARD_REDIS_URL=settings().redis.url,
        RQ_DASHBOARD_JSON_SERIALIZER="true",
    )
    from rq_dashboard.app import create_app

    return AdminOnly(WSGIMiddleware(create_app()))  # pyright: ignore[reportArgumentType]
