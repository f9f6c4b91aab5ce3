"""/auth/oidc: sign-in by the OpenID Connect provider, and connecting an account with it.

Links lead there, not forms: the policy `form-action 'self'` also holds for what a form is redirected to. What the way
back must fit travels in a signed cookie of this browser and counts once, so nobody can be signed in by an address that
another browser was given.
"""

import secrets
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from mixmodel_app.api.dependencies import From, hashes
from mixmodel_app.api.session import ask_for_code, back, check_origin, safe_path, signed_in
from mixmodel_app.config import settings
from mixmodel_app.domain.account import Client
from mixmodel_app.domain.errors import (
    EmailTaken,
    IdentityTaken,
    MixModelError,
    NotAuthenticated,
    NotFound,
    ProviderRefused,
    SignInInterrupted,
)
from mixmodel_app.services import accounts, identities, limits, provider, second_factor, tokens
from mixmodel_app.services.cookies import FLOW_COOKIE, PROOF_COOKIE, read_cookies
from mixmodel_app.services.identities import Proof
from mixmodel_app.services.invitations import PATH as JOIN
from mixmodel_app.services.limits import Limit
from mixmodel_app.storage import once

router = APIRouter(include_in_schema=False)

Said = Annotated[str | None, Query(max_length=4096)]
Field = Annotated[str, Form(max_length=1024)]
CONNECT = "/connect"
_FLOW_S = 10 * 60
_FLOW_PATH = "/auth/oidc"
_LONGEST_NEXT = 1024


@router.get("/auth/oidc/start")
def start(request: Request, client: From, next: str = "/", connect: bool = False) -> Response:
    """Lead the browser to the provider; with `connect`, to connect the account that is signed in."""
    _require_provider()
    target = safe_path(next if len(next) <= _LONGEST_NEXT else "/")
    try:
        limits.hit(Limit.PROVIDER, client.address)
        user_id = str(accounts.principal_from_cookies(_cookies(request), client.address).user_id) if connect else ""
        flow = provider.Flow(*(secrets.token_urlsafe(32) for _ in range(3)))
        response = RedirectResponse(provider.authorization_url(flow), status_code=303)
    except MixModelError as error:
        return back("/account" if connect else "/login", error, **_about(connect, target))
    carried = {"state": flow.state, "nonce": flow.nonce, "verifier": flow.verifier, "next": target, "user": user_id}
    _set(response, FLOW_COOKIE, tokens.note("flow", carried, _FLOW_S), _FLOW_PATH, _FLOW_S)
    return response


@router.get(provider.CALLBACK)
def callback(
    request: Request, client: From, state: Said = None, code: Said = None, error: Said = None, iss: Said = None
) -> Response:
    """The way back: sign in whom the provider knows, with a new account where there is none."""
    _require_provider()
    flow: dict[str, Any] = {}
    try:
        limits.hit(Limit.PROVIDER, client.address)
        flow = _flow(request, state)
        known = _identify(flow, code, error, iss)
        response = _connecting(known, flow) if flow["user"] else _arriving(known, flow["next"], client)
    except MixModelError as problem:
        target = flow.get("next", "/")
        invited = _invite_token(target)
        if invited and not flow["user"]:
            response = back(JOIN, problem, token=invited)
        else:
            response = back("/account" if flow.get("user") else "/login", problem, **_about(flow.get("user"), target))
    response.delete_cookie(FLOW_COOKIE, path=_FLOW_PATH, httponly=True, samesite="lax")
    return response


@router.post("/api/session/connect")
@hashes
def connect(request: Request, client: From, password: Field = "", code: Field = "", next: Field = "/") -> Response:
    """Connect the account that waits for it, by its password, and enter it."""
    _require_provider()
    try:
        check_origin(request)
        limits.hit(Limit.LOGIN, client.address)
        proof = Proof.read(read_cookies(_cookies(request)).get(PROOF_COOKIE, ""))
        user = identities.connect(proof, password, code, client)
        response = (
            RedirectResponse(safe_path(next), status_code=303)
            if _is_signed_in(request, client, user.id)
            else signed_in(accounts.enter(user, client, settings().oidc.name), safe_path(next))
        )
    except (SignInInterrupted, IdentityTaken) as error:
        return back("/login", error, next=safe_path(next))
    except MixModelError as error:
        return back(CONNECT, error, next=safe_path(next))
    response.delete_cookie(PROOF_COOKIE, path="/", httponly=True, samesite="lax")
    return response


def _require_provider() -> None:
    if not settings().oidc.is_on:
        raise NotFound("There is no sign-in provider here.")


def _flow(request: Request, state: str | None) -> dict[str, Any]:
    """What this browser set out with, which counts once.

    Raises:
        SignInInterrupted: it did not set out, too long ago, for something else, or is back already.
    """
    try:
        flow = tokens.read_note(read_cookies(_cookies(request)).get(FLOW_COOKIE, ""), "flow")
    except NotAuthenticated:
        raise _interrupted() from None
    if not secrets.compare_digest(flow["state"].encode(), (state or "").encode()):
        raise _interrupted()
    if not once.first_time(f"oidc:{flow['state']}", _FLOW_S):
        raise _interrupted()
    return flow


def _identify(flow: dict[str, Any], code: str | None, error: str | None, issuer: str | None) -> provider.Known:
    if error is not None or not code:
        # What the provider says more could be anybody's text in an address.
        raise ProviderRefused(f"{settings().oidc.name} did not sign you in.", hint="Try again.")
    return provider.identify(provider.Flow(flow["state"], flow["nonce"], flow["verifier"]), code, issuer)


def _arriving(known: provider.Known, target: str, client: Client) -> Response:
    """Enter, by way of the second factor where the account has one."""
    invite_token = _invite_token(target)
    try:
        user, is_new = identities.arrive(known, invite_token, client)
    except EmailTaken:
        return _ask_for_password(identities.proof_for(known), target)
    if second_factor.is_on(user.id):
        return ask_for_code(user.id, target, settings().oidc.name)
    return signed_in(accounts.enter(user, client, settings().oidc.name), "/" if is_new and invite_token else target)


def _connecting(known: provider.Known, flow: dict[str, Any]) -> Response:
    return _ask_for_password(identities.proof_for(known, UUID(flow["user"])), "/account?done=connected")


def _ask_for_password(proof: Proof, target: str) -> Response:
    response = RedirectResponse(f"{CONNECT}?{urlencode({'next': target})}", status_code=303)
    _set(response, PROOF_COOKIE, proof.token(), "/", identities.PROOF_S)
    return response


def _invite_token(target: str) -> str | None:
    """The invitation that somebody is on the way to accept."""
    parts = urlsplit(target)
    return next(iter(parse_qs(parts.query).get("token", [])), None) if parts.path == JOIN else None


def _is_signed_in(request: Request, client: Client, user_id: UUID) -> bool:
    try:
        return accounts.principal_from_cookies(_cookies(request), client.address).user_id == user_id
    except NotAuthenticated:
        return False


def _about(connecting: object, target: str) -> dict[str, str]:
    """What the page that is come back to needs beside the reason."""
    return {"about": "provider"} if connecting else {"next": target}


def _set(response: Response, name: str, value: str, path: str, age_s: int) -> None:
    response.set_cookie(
        name, value, max_age=age_s, path=path, httponly=True, samesite="lax", secure=settings().is_production
    )


def _cookies(request: Request) -> str:
    return request.headers.get("cookie", "")


def _interrupted() -> SignInInterrupted:
    return SignInInterrupted("The sign-in was interrupted or took too long.", hint="Start again.")
