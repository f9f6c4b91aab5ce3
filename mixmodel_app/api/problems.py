"""Errors as RFC 9457 `application/problem+json`, all with the same keys."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from mixmodel_app.domain.errors import FieldError, MixModelError, RateLimited

_log = structlog.get_logger(__name__)

_TITLES = {
    400: ("bad_request", "The request could not be read"),
    401: ("not_authenticated", "Sign in first"),
    403: ("not_allowed", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "This path does not take that method"),
    413: ("too_large", "The request is too large"),
    415: ("unsupported_media_type", "This kind of content is not supported"),
}


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""
    app.add_exception_handler(MixModelError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


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
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def problem_response(scope: Scope, error: MixModelError) -> JSONResponse:
    """The answer to an expected error."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
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
    code, title = _TITLES.get(error.status_code, ("error", "The request failed"))
    headers = dict(error.headers) if error.headers else None
    return problem(request.scope, error.status_code, code, title, f"{title}.", headers=headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("unhandled error", path=request.url.path, exc_info=error)
    detail = f"Something went wrong on our side. Give your administrator the request id {request_id(request.scope)}."
    return problem(request.scope, 500, "internal_error", "Something went wrong on our side", detail)


def _field(loc: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in loc if part not in ("body", "query", "path")]
    return ".".join(parts) or "body"


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:]
