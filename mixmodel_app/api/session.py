"""/api/session: sign-in, sign-out and renewal for browsers, by native forms and HttpOnly cookies.

Each answer is a redirect and so a full page load: a socket reads its cookies once, when it connects.
"""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Header, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers

from mixmodel_app.api.dependencies import Address
from mixmodel_app.config import settings
from mixmodel_app.domain.errors import MixModelError, NotAllowed, NotAuthenticated
from mixmodel_app.services import accounts, limits, tokens
from mixmodel_app.services.accounts import TokenPair
from mixmodel_app.services.cookies import ACCESS_COOKIE, REFRESH_COOKIE, read_cookies
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/session", include_in_schema=False)

Field = Annotated[str, Form(max_length=1024)]
UserAgent = Annotated[str, Header(alias="User-Agent")]


@router.post("/login")
def login(
    request: Request,
    address: Address,
    email: Field = "",
    password: Field = "",
    next: Field = "/",
    user_agent: UserAgent = "",
) -> Response:
    """Sign in and go where the person wanted to go; back to the form with a reason otherwise."""
    try:
        check_origin(request)
        limits.hit(Limit.LOGIN, address)
        pair = accounts.login(email, password, user_agent)
    except MixModelError as error:
        return _back("/login", error, next, email=email)
    return _signed_in(pair, safe_path(next))


@router.post("/register")
def register(
    request: Request,
    address: Address,
    email: Field = "",
    password: Field = "",
    full_name: Field = "",
    workspace_name: Field = "",
    next: Field = "/",
    user_agent: UserAgent = "",
) -> Response:
    """Make an account and enter."""
    try:
        check_origin(request)
        limits.hit(Limit.REGISTER, address)
        pair = accounts.register(email, password, full_name, workspace_name or None, user_agent=user_agent)
    except MixModelError as error:
        return _back("/register", error, next, email=email, full_name=full_name, workspace_name=workspace_name)
    return _signed_in(pair, safe_path(next))


@router.post("/logout")
def logout(request: Request) -> Response:
    """End the sign-in of this browser and forget its cookies."""
    check_origin(request)
    response = RedirectResponse("/login", status_code=303)
    try:
        accounts.logout(accounts.principal_from_cookies(request.headers.get("cookie", "")))
    except NotAuthenticated:
        _end_by_refresh_cookie(request)
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=settings().is_production)
    return response


@router.post("/renew")
def renew(request: Request) -> Response:
    """New cookies for a browser whose access has run out: 204, or 401 when it must sign in again."""
    check_origin(request)
    cookies = read_cookies(request.headers.get("cookie", ""))
    pair = accounts.renew(cookies.get(REFRESH_COOKIE, ""))
    response = Response(status_code=204)
    set_cookies(response, pair)
    return response


def check_origin(request: Request) -> None:
    """Refuse a form that another site posted. Browsers send `Origin` with every POST; programs need not.

    Raises:
        NotAllowed: the origin is neither this host nor a configured one.
    """
    if not is_own_origin(request.headers):
        raise NotAllowed("The request came from another site.", hint="Open MixModel itself and try again.")


def is_own_origin(headers: Headers) -> bool:
    """Whether a request comes from our own pages or from a program, which sends no `Origin`."""
    origin = headers.get("origin")
    own = origin is None or origin in settings().web.cors_origins
    return own or urlsplit(origin or "").netloc == headers.get("host")


def set_cookies(response: Response, pair: TokenPair) -> None:
    """Hand a sign-in to the browser. Both cookies live as long as the refresh token: what counts is inside them."""
    age = int(tokens.lifetime("refresh").total_seconds())
    values = {ACCESS_COOKIE: pair.access_token, REFRESH_COOKIE: pair.refresh_token}
    for name, value in values.items():
        if value is not None:
            response.set_cookie(
                name, value, max_age=age, path="/", httponly=True, samesite="lax", secure=settings().is_production
            )


def safe_path(target: str) -> str:
    """A path of this site, so that nobody can be sent elsewhere after signing in; "/" for anything else."""
    parts = urlsplit(target)
    own = (
        target.startswith("/")
        and not target.startswith(("//", "/\\", "/api/"))
        and not parts.scheme
        and not parts.netloc
    )
    return target if own and target.isprintable() and "\\" not in target else "/"


def _signed_in(pair: TokenPair, target: str) -> Response:
    response = RedirectResponse(target, status_code=303)
    set_cookies(response, pair)
    return response


def _back(form: str, error: MixModelError, target: str, **kept: str) -> Response:
    """The form again, with the reason and what was typed (never the password)."""
    query = {"error": error.code, "next": safe_path(target), **{key: value for key, value in kept.items() if value}}
    if error.errors:
        query["field"] = error.errors[0].field
        query["problem"] = error.errors[0].message
    return RedirectResponse(f"{form}?{urlencode(query)}", status_code=303)


def _end_by_refresh_cookie(request: Request) -> None:
    """Sign out a browser whose access had run out: its refresh token still names the sign-in."""
    cookie = read_cookies(request.headers.get("cookie", "")).get(REFRESH_COOKIE)
    if cookie:
        accounts.end_session_of(cookie)
