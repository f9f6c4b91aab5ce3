"""Addresses of pages: served without a redirect, and matched against the routes that need a session."""

import re
from collections.abc import Iterable
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

_NOT_PAGES = ("/404", "/__spa-fallback")


class PrettyPaths:
    """Serves `/login` from `login.html`. The static server would answer with a redirect to `/login/`."""

    def __init__(self, app: ASGIApp, web_root: Path) -> None:
        self.app = app
        self.pages = frozenset(_addresses(web_root))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self.pages:
            path = f"{scope['path']}.html"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


def route_pattern(routes: Iterable[str]) -> re.Pattern[str]:
    """Fully matches the paths of these routes, like "/runs/[run_id]", with or without a slash at the end."""
    return re.compile("|".join(_pattern(route) for route in routes) or r"(?!)")


def _addresses(web_root: Path) -> Iterable[str]:
    """What people type for each built page. `/` has its own file, and the fallback pages have no address."""
    for file in web_root.rglob("*.html"):
        address = f"/{file.relative_to(web_root).with_suffix('').as_posix()}"
        if not address.endswith("/index") and address not in _NOT_PAGES:
            yield address


def _pattern(route: str) -> str:
    parts = (r"[^/]+" if part.startswith("[") else re.escape(part) for part in route.strip("/").split("/"))
    return "/" if route == "/" else f"/{'/'.join(parts)}/?"
