"""The FastAPI application. Reflex mounts its pages and socket beneath it."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse

from mixmodel_app import __version__
from mixmodel_app.api import (
    admin,
    auth,
    comparisons,
    datasets,
    docs,
    fixes,
    health,
    members,
    metrics,
    models,
    oidc,
    personal_tokens,
    plans,
    previews,
    problems,
    reports,
    scenarios,
    session,
    sharing,
    workspace,
)
from mixmodel_app.api.metering import NoteRoute
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
        responses=problems.DOCUMENTED,
    )
    problems.install(app)
    parts = (
        auth,
        personal_tokens,
        session,
        oidc,
        workspace,
        members,
        datasets,
        fixes,
        models,
        reports,
        comparisons,
        sharing,
        plans,
        scenarios,
    )
    for module in (*parts, previews, health, metrics, docs):
        app.include_router(module.router)
    app.mount(f"{docs.PATH}/assets", docs.assets())
    app.add_route(admin.PREFIX, lambda _: RedirectResponse(f"{admin.PREFIX}/"), include_in_schema=False)
    app.mount(admin.PREFIX, admin.dashboard())
    problems.add_last_route(app)
    app.add_middleware(NoteRoute)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings().web.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-ID"],
        expose_headers=["ETag", "X-Request-ID", "Retry-After", "Link"],
    )
    return app
