"""Errors as RFC 9457 `application/problem+json`, all with the same keys."""

import re
from functools import cache
from typing import Any

import redis
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from mixmodel_app.domain.errors import FieldError, MixModelError, RateLimited, ScopeTooNarrow

_log = structlog.get_logger(__name__)

_TITLES = {
    400: ("bad_request", "The request could not be read"),
    401: ("not_authenticated", "Sign in first"),
    403: ("not_allowed", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "This path does not take that method"),
    408: ("too_slow", "The request came too slowly"),
    413: ("too_large", "The request is too large"),
    414: ("address_too_long", "The address is too long"),
    415: ("unsupported_media_type", "This kind of content is not supported"),
    431: ("headers_too_large", "The headers of the request are too large"),
    500: ("internal_error", "Something went wrong on our side"),
}


MEDIA_TYPE = "application/problem+json"

_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457); `errors` says which fields, with status 422.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "code", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}
"""The body of every error, for OpenAPI."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem: what is wrong with the request, and how to do better.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What every route may answer beside what it is for."""


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem, and describe it in OpenAPI."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        schema = describe()
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = SCHEMA
        return schema

    setattr(app, "openapi", openapi)  # noqa: B010 (FastAPI's way to extend its schema)
    app.add_exception_handler(MixModelError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for outage in (OperationalError, redis.ConnectionError, redis.TimeoutError):
        app.add_exception_handler(outage, _away)
    app.add_exception_handler(Exception, _unexpected)


def add_last_route(app: FastAPI) -> None:
    """Answer what no route of `/api` takes, before the pages are asked: 405 with every method of the path, or 404."""

    @cache
    def paths() -> list[tuple[re.Pattern[str], str]]:
        """Every path of the contract, and its methods as the `Allow` header has them."""
        described = app.openapi()["paths"].items()
        return [(_pattern(path), ", ".join(sorted(taken)).upper()) for path, taken in described]

    async def unknown(request: Request) -> None:
        allowed = next((taken for path, taken in paths() if path.fullmatch(request.url.path)), None)
        raise HTTPException(404) if allowed is None else HTTPException(405, headers={"Allow": allowed})

    app.add_api_route("/api/{rest:path}", unknown, methods=_METHODS, include_in_schema=False)


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _pattern(path: str) -> re.Pattern[str]:
    """Of "/api/models/{run_id}", for the paths that it stands for."""
    parts = re.split(r"\{\w+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def problem(
    scope: Scope,
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = {
        "type": f"/api/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id(scope),
    }
    if status == 422:
        body["errors"] = [{"field": error.field, "message": error.message} for error in errors]
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def problem_response(scope: Scope, error: MixModelError) -> JSONResponse:
    """The answer to an expected error."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if isinstance(error, ScopeTooNarrow):
        headers["WWW-Authenticate"] = f'Bearer error="{error.code}"'  # RFC 6750, section 3.1
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    return problem(scope, error.status, error.code, error.title, error.sentence(), error.errors, headers)


def request_id(scope: Scope) -> str:
    """The id that `SecurityHeaders` gave the request."""
    return scope.get("state", {}).get("request_id", "")


async def _expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MixModelError)
    return problem_response(request.scope, error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = tuple(FieldError(_field(item["loc"]), _sentence(item["msg"])) for item in error.errors())
    detail = "; ".join(f"{e.field}: {e.message}" for e in errors)
    return problem(request.scope, 422, "invalid_input", "The request is not valid", detail, errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return refusal(request.scope, error)


def refusal(scope: Scope, error: HTTPException) -> JSONResponse:
    """The answer to a request that the server itself, not a service, turns down."""
    code, title = _TITLES.get(error.status_code, ("error", "The request failed"))
    headers = dict(error.headers) if error.headers else None
    return problem(scope, error.status_code, code, title, f"{title}.", headers=headers)


async def _away(request: Request, error: Exception) -> JSONResponse:
    _log.warning("store is away", path=request.url.path, error=repr(error))
    store = "database" if isinstance(error, OperationalError) else "queue"
    detail = f"The {store} does not answer right now. Try again in a few seconds; nothing that was stored is lost."
    title = "Not reachable right now"
    return problem(request.scope, 503, "unavailable", title, detail, headers={"Retry-After": "5"})


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("unhandled error", path=request.url.path, exc_info=error)
    detail = f"Something went wrong on our side. Give your administrator the request id {request_id(request.scope)}."
    return problem(request.scope, 500, "internal_error", "Something went wrong on our side", detail)


def _field(loc: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in loc if part not in ("body", "query", "path")]
    return ".".join(parts) or "body"


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:]
