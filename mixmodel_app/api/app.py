"""The FastAPI application. Reflex mounts its pages and socket beneath it."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse

from mixmodel_app import __version__
from mixmodel_app.api import admin, auth, datasets, docs, health, models, previews, problems, session, workspace
from mixmodel_app.config import settings

DESCRIPTION = """Bayesian marketing mix modelling: upload spend and sales, fit a model, read what each channel returned.

Money is in the units of the file. Ranges are 94 % highest-density intervals. Errors are `application/problem+json`.
"""


def create_api() -> FastAPI:
    """All routes, with errors as problems."""
    app = FastAPI(
        title="MixModel",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=docs.OPENAPI,
    )
    problems.install(app)
    for module in (auth, session, workspace, datasets, models, previews, health, docs):
        app.include_router(module.router)
    app.mount(f"{docs.PATH}/assets", docs.assets())
    app.add_route(admin.PREFIX, lambda _: RedirectResponse(f"{admin.PREFIX}/"), include_in_schema=False)
    app.mount(admin.PREFIX, admin.dashboard())
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings().web.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After", "Link"],
    )
    return app
