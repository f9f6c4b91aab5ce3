"""The layers around the application, innermost first: API, page addresses, uploads, sessions, bounds, log, headers."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from mixmodel_app.api.app import create_api
from mixmodel_app.api.headers import SecurityHeaders, content_security_policy, script_hashes
from mixmodel_app.api.metering import RequestMeter
from mixmodel_app.api.paths import PrettyPaths
from mixmodel_app.api.renewal import SessionRenewal
from mixmodel_app.api.request_guard import Bounds, RequestGuard
from mixmodel_app.api.request_log import RequestLog
from mixmodel_app.api.socket_guard import SocketBounds, SocketGuard
from mixmodel_app.api.upload_guard import UploadGuard
from mixmodel_app.config import settings
from mixmodel_app.logging import configure_logging, init_sentry


def layers(guarded: Sequence[str], web_root: Path) -> list[FastAPI | Callable[[ASGIApp], ASGIApp]]:
    """What `rx.App(api_transformer=…)` takes: Reflex is mounted inside the API, then each layer wraps the one before.

    Args:
        guarded: routes of pages that need a session.
        web_root: directory of the built frontend.
    """
    configure_logging(settings(), "web")
    init_sentry(settings(), "web")
    policy = content_security_policy(script_hashes(web_root))
    web = settings().web
    return [
        create_api(),
        partial(PrettyPaths, web_root=web_root),
        UploadGuard,
        partial(SessionRenewal, guarded=guarded),
        partial(RequestGuard, bounds=Bounds(patience_s=web.slow_client_s)),
        partial(SocketGuard, bounds=SocketBounds(web.slow_client_s, web.sockets_per_address)),
        RequestLog,
        RequestMeter,
        partial(SecurityHeaders, policy=policy, https_only=settings().is_production),
    ]
