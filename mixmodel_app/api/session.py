"""/api/session: sign-in, sign-out and renewal for browsers, by native forms and HttpOnly cookies.

Each answer is a redirect and so a full page load: a socket reads its cookies once, when it connects.
"""

from typing import Annotated
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers

from mixmodel_app.api.dependencies import From, hashes
from mixmodel_app.config import settings
from mixmodel_app.domain import permissions
from mixmodel_app.domain.account import Client, Principal
from mixmodel_app.domain.errors import MixModelError, NotAllowed, NotAuthenticated, RateLimited, WrongCode
from mixmodel_app.services import accounts, limits, members, recovery, second_factor, tokens, workspace_data
from mixmodel_app.services.accounts import TokenPair
from mixmodel_app.services.cookies import ACCESS_COOKIE, PENDING_COOKIE, REFRESH_COOKIE, read_cookies
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/session", include_in_schema=False)

Field = Annotated[str, Form(max_length=1024)]
Token = Annotated[str, Form(max_length=4096)]
_PENDING_PATH = "/api/session"


@router.post("/login")
@hashes
def login(request: Request, client: From, email: Field = "", password: Field = "", next: Field = "/") -> Response:
    """Sign in and go where the person wanted to go; back to the form with a reason otherwise."""
    try:
        check_origin(request)
        limits.hit(Limit.LOGIN, client.address)
        user = accounts.prove(email, password, client)
        if second_factor.is_on(user.id):
            return ask_for_code(user.id, safe_path(next))
        pair = accounts.enter(user, client)
    except MixModelError as error:
        return back("/login", error, next=safe_path(next), email=email)
    return signed_in(pair, safe_path(next))


@router.post("/code")
def second_step(request: Request, client: From, code: Field = "", next: Field = "/") -> Response:
    """The second step of a sign-in: the code that goes with the password of a moment ago."""
    try:
        check_origin(request)
        limits.hit(Limit.LOGIN, client.address)
        pending = read_cookies(request.headers.get("cookie", "")).get(PENDING_COOKIE, "")
        first = tokens.read(pending, "pending")
        pair = accounts.second_step(first.user_id, code, client, first.by)
    except (WrongCode, RateLimited, NotAllowed) as error:
        return back("/login/code", error, next=safe_path(next))
    except MixModelError as error:
        return back("/login", error, next=safe_path(next))
    response = signed_in(pair, safe_path(next))
    response.delete_cookie(PENDING_COOKIE, path=_PENDING_PATH, httponly=True, samesite="strict")
    return response


@router.post("/register")
@hashes
def register(
    request: Request,
    client: From,
    email: Field = "",
    password: Field = "",
    full_name: Field = "",
    workspace_name: Field = "",
    invite_token: Field = "",
    next: Field = "/",
) -> Response:
    """Make an account and enter; by an invitation, the workspace of others."""
    try:
        check_origin(request)
        limits.hit(Limit.REGISTER, client.address)
        pair = accounts.register(email, password, full_name, workspace_name or None, invite_token or None, client)
    except MixModelError as error:
        kept = {"email": email, "full_name": full_name, "workspace_name": workspace_name}
        if invite_token:
            return back("/join", error, token=invite_token, **kept)
        return back("/register", error, next=safe_path(next), **kept)
    return signed_in(pair, safe_path(next))


@router.post("/logout")
def logout(request: Request, client: From) -> Response:
    """End the sign-in of this browser and forget its cookies."""
    check_origin(request)
    response = RedirectResponse("/login", status_code=303)
    try:
        accounts.logout(_person(request, client))
    except NotAuthenticated:
        _end_by_refresh_cookie(request)
    forget_cookies(response)
    return response


@router.post("/renew")
def renew(request: Request, client: From) -> Response:
    """New cookies for a browser whose access has run out: 204, or 401 when it must sign in again."""
    check_origin(request)
    cookies = read_cookies(request.headers.get("cookie", ""))
    pair = accounts.renew(cookies.get(REFRESH_COOKIE, ""), client)
    response = Response(status_code=204)
    set_cookies(response, pair)
    return response


@router.post("/password")
@hashes
def password(request: Request, client: From, current_password: Field = "", new_password: Field = "") -> Response:
    """Change the password; every other sign-in ends."""
    try:
        principal = _writer(request, client, Limit.PASSWORD)
        recovery.change(principal, current_password, new_password)
    except MixModelError as error:
        return back("/account", error, about="password")
    return RedirectResponse("/account?done=password", status_code=303)


@router.post("/second-factor")
@hashes
def begin_second_factor(request: Request, client: From, password: Field = "") -> Response:
    """Start setting up a second factor; the account page shows it."""
    try:
        principal = _writer(request, client, Limit.PASSWORD)
        second_factor.begin(principal, password)
    except MixModelError as error:
        return back("/account", error, about="second")
    return RedirectResponse("/account", status_code=303)


@router.post("/second-factor/off")
@hashes
def second_factor_off(request: Request, client: From, password: Field = "", code: Field = "") -> Response:
    """Switch the second factor off, by password and code."""
    try:
        principal = _writer(request, client, Limit.PASSWORD)
        second_factor.switch_off(principal, password, code)
    except MixModelError as error:
        return back("/account", error, about="second")
    return RedirectResponse("/account?done=second-off", status_code=303)


@router.post("/join")
def join(request: Request, client: From, token: Token = "") -> Response:
    """Accept an invitation with the account that is signed in."""
    try:
        principal = _writer(request, client, Limit.INVITE)
        members.join(principal, token)
    except MixModelError as error:
        return back("/join", error, token=token, about="join")
    return RedirectResponse("/", status_code=303)


@router.post("/leave")
def leave(request: Request, client: From) -> Response:
    """Leave the workspace for an empty one of one's own."""
    try:
        check_origin(request)
        members.leave(_person(request, client))
    except MixModelError as error:
        return back("/account", error, about="leave")
    return RedirectResponse("/", status_code=303)


@router.post("/delete-workspace")
def delete_workspace(request: Request, client: From, name: Field = "") -> Response:
    """Delete the workspace, and with it the account of whoever asks."""
    try:
        check_origin(request)
        workspace_data.delete(_person(request, client), name)
    except MixModelError as error:
        return back("/settings/data", error, about="delete")
    response = RedirectResponse("/login?done=deleted", status_code=303)
    forget_cookies(response)
    return response


@router.post("/forgot")
def forgot(request: Request, client: From, email: Field = "") -> Response:
    """Ask for a link to a new password; what is said does not depend on whether there is such an account."""
    try:
        check_origin(request)
        limits.hit(Limit.FORGOT, client.address)
        recovery.ask(email, client)
    except MixModelError as error:
        return back("/forgot", error, email=email)
    return RedirectResponse("/forgot?done=asked", status_code=303)


@router.post("/reset")
@hashes
def reset(request: Request, client: From, token: Token = "", password: Field = "") -> Response:
    """Set a new password by a link, then on to the sign-in page."""
    try:
        check_origin(request)
        limits.hit(Limit.RESET, client.address)
        email = recovery.reset(token, password, client)
    except MixModelError as error:
        return back("/reset", error, token=token)
    return RedirectResponse(f"/login?{urlencode({'done': 'reset', 'email': email})}", status_code=303)


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


def forget_cookies(response: Response) -> None:
    """Let the browser forget its session."""
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=settings().is_production)


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


def ask_for_code(user_id: UUID, target: str, by: str = "") -> Response:
    """On to the second step. The cookie says that the first one (the password, or `by` a provider) was passed, to the
    forms of this router only."""
    response = RedirectResponse(f"/login/code?{urlencode({'next': target})}", status_code=303)
    response.set_cookie(
        PENDING_COOKIE,
        tokens.pending_token(user_id, by),
        max_age=tokens.PENDING_S,
        path=_PENDING_PATH,
        httponly=True,
        samesite="strict",
        secure=settings().is_production,
    )
    return response


def signed_in(pair: TokenPair, target: str) -> Response:
    """On to where the person wanted to go, with the cookies of their session."""
    response = RedirectResponse(target, status_code=303)
    set_cookies(response, pair)
    return response


def back(form: str, error: MixModelError, **kept: str) -> Response:
    """The form again, with the reason and what was typed (never a password)."""
    query = {"error": error.code, **{key: value for key, value in kept.items() if value}}
    if error.errors:
        query["field"] = error.errors[0].field
        query["problem"] = error.errors[0].message
    return RedirectResponse(f"{form}?{urlencode(query)}", status_code=303)


def _person(request: Request, client: Client) -> Principal:
    """Who is signed in, held against the row of this form in the table of permissions."""
    principal = accounts.principal_from_cookies(request.headers.get("cookie", ""), client.address)
    permissions.check_route(request.method, request.scope["route"].path, principal)
    return principal


def _writer(request: Request, client: Client, limit: Limit) -> Principal:
    """Who changes something: from a page of our own, and within their limit."""
    check_origin(request)
    principal = _person(request, client)
    limits.hit(limit, principal)
    return principal


def _end_by_refresh_cookie(request: Request) -> None:
    """Sign out a browser whose access had run out: its refresh token still names the sign-in."""
    cookie = read_cookies(request.headers.get("cookie", "")).get(REFRESH_COOKIE)
    if cookie:
        accounts.end_session_of(cookie)
