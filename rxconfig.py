"""Reflex's own configuration; every value comes from `mixmodel_app.config`."""

from typing import Any

import reflex as rx

from mixmodel_app.config import settings

_settings = settings()

# The browser replaces a localhost API address by the host it was loaded from, so one build serves every domain.
_api_url = f"http://localhost:{_settings.web.port}"

_theme = rx.theme(
    accent_color="indigo",
    gray_color="slate",
    radius="medium",
    scaling="100%",
    panel_background="solid",
    has_background=True,
)

_state_store: dict[str, Any] = (
    {"redis_url": _settings.redis.url, "state_manager_mode": "redis"}
    if _settings.redis.url
    else {"state_manager_mode": "memory"}
)

config = rx.Config(
    app_name="mixmodel_app",
    api_url=_api_url,
    deploy_url=_settings.web.public_url,
    backend_port=_settings.web.port,
    frontend_port=_settings.web.port,
    cors_allowed_origins=_settings.web.cors_origins,
    trusted_proxy_hops=1 if _settings.web.trusted_proxies else 0,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[rx.plugins.RadixThemesPlugin(theme=_theme)],
    disable_plugins=[rx.plugins.SitemapPlugin],
    **_state_store,
)
