"""The Reflex application: every page, wrapped by the API and the security layers. Nothing else lives here."""

import reflex as rx
from reflex.utils.prerequisites import get_web_dir

from mixmodel_app.api.asgi import layers
from mixmodel_app.pages._page import guarded_routes
from mixmodel_app.registry import import_all
from mixmodel_app.state.browser_errors import report_browser_error
from mixmodel_app.state.handlers import report_unhandled
from mixmodel_app.state.locks import finish_when_cancelled
from mixmodel_app.state.reconnect import welcome_back
from mixmodel_app.state.web_process import settle

import_all("mixmodel_app.pages")

app = rx.App(
    html_lang="en",
    stylesheets=[
        "theme.css",
        "shell.css",
        "components.css",
        "progress.css",
        "ranges.css",
        "data.css",
        "messages.css",
        "wizard.css",
        "pages.css",
        "team.css",
        "charts.css",
        "planner.css",
    ],
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href="/fonts/inter-latin.woff2",
            type="font/woff2",
            cross_origin="",
            custom_attrs={"as": "font"},
        ),
        rx.el.script(src="/session.js", defer=True),
        rx.el.script(src="/copy.js", defer=True),
        rx.el.script(src="/keys.js", defer=True),
        rx.el.script(src="/planner.js", defer=True),
        rx.el.script(src="/pictures.js", defer=True),
    ],
    toaster=None,
    app_wraps={},
    backend_exception_handler=report_unhandled,
    frontend_exception_handler=report_browser_error,
    api_transformer=layers(guarded_routes(), get_web_dir() / "build" / "client"),
)
finish_when_cancelled(app.state_manager)
if app.event_namespace is not None:
    welcome_back(app.event_namespace)
app.register_lifespan_task(settle)
