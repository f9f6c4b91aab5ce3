"""What routes ask for: the caller, their address, and their share of the limits."""

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from mixmodel_app.config import settings
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import NotAuthenticated
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.limits import Limit

_bearer = HTTPBearer(auto_error=False, description="The access token of register, login or refresh.")

SAFE_METHODS = ("GET", "HEAD")


def client_address(request: Request) -> str:
    """The caller's address; `X-Forwarded-For` counts only when the peer is a configured proxy."""
    peer = request.client.host if request.client else "unknown"
    if not _is_trusted(peer):
        return peer
    for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        address = hop.strip()
        if address and not _is_trusted(address):
            return address
    return peer


def _is_trusted(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in settings().web.trusted_proxies)


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def caller(request: Request, credentials: Credentials) -> Principal:
    """Who calls: by bearer token, or for reading also by the browser's cookies (downloads are plain links).

    Cookies never authorise a change, so a foreign page cannot make a browser change anything.
    """
    if credentials is not None:
        principal = await asyncio.to_thread(accounts.principal_from_access, credentials.credentials)
    elif request.method in SAFE_METHODS:
        principal = await asyncio.to_thread(accounts.principal_from_cookies, request.headers.get("cookie", ""))
    else:
        raise NotAuthenticated("This needs an access token.", hint="Send `Authorization: Bearer <access token>`.")
    remember(request, principal)
    return principal


def remember(request: Request, principal: Principal) -> None:
    """Let this request's log lines name the workspace."""
    request.state.workspace_id = str(principal.workspace_id)
    structlog.contextvars.bind_contextvars(workspace_id=str(principal.workspace_id))


Caller = Annotated[Principal, Depends(caller)]
Address = Annotated[str, Depends(client_address)]


def limited(limit: Limit) -> Callable[[Principal], None]:
    """A dependency that counts one request of the caller against `limit`."""

    def count(principal: Caller) -> None:
        limits.hit(limit, principal)

    return count


def limited_address(limit: Limit) -> Callable[[str], None]:
    """The same by address, where there is no account yet."""

    def count(address: Address) -> None:
        limits.hit(limit, address)

    return count
