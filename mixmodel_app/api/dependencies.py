"""What routes ask for: the caller, their address, and their share of the limits.

A route says with the type of its principal what a personal token needs for it: a `Caller` has signed in, and no token
stands for them; a `Reader` may come with any token, a `Writer` with one whose scope is `write`.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from mixmodel_app.domain import permissions
from mixmodel_app.domain.account import Client, Principal, TokenScope
from mixmodel_app.domain.errors import NotAuthenticated
from mixmodel_app.domain.period import PeriodChoice
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.addresses import address_of
from mixmodel_app.services.bearer import principal_from_bearer
from mixmodel_app.services.limits import Limit
from mixmodel_app.services.results import Reading
from mixmodel_app.wording import numbers

_bearer = HTTPBearer(auto_error=False, description="An access or a personal token.")

SAFE_METHODS = ("GET", "HEAD")


def client_address(request: HTTPConnection) -> str:
    """The caller's address, behind configured proxies too."""
    peer = request.client.host if request.client else "unknown"
    return address_of(peer, ",".join(request.headers.getlist("x-forwarded-for")))


def client_of(request: Request) -> Client:
    """Address and user agent of whoever is not signed in yet."""
    return Client(client_address(request), request.headers.get("user-agent", ""))


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def presented(request: Request, credentials: Credentials) -> Principal:
    """Who calls: by bearer token, or for reading also by the browser's cookies (downloads are plain links).

    Cookies never authorise a change, so a foreign page cannot make a browser change anything. What a personal token
    may do is not looked at here: routes ask for a `Caller`, `Reader` or `Writer`.
    """
    address = client_address(request)
    if credentials is not None:
        principal = await asyncio.to_thread(principal_from_bearer, credentials.credentials, address)
    elif request.method in SAFE_METHODS:
        principal = await asyncio.to_thread(accounts.principal_from_cookies, _cookies(request), address)
    else:
        raise NotAuthenticated("This needs an access token.", hint="Send `Authorization: Bearer <access token>`.")
    admit(request, principal)
    return principal


def _cookies(request: Request) -> str:
    return request.headers.get("cookie", "")


def admit(request: Request, principal: Principal) -> None:
    """Hold a person against the row of this route in the table of permissions.

    Its log lines then name the workspace, and numbers are written as that prefers.
    """
    permissions.check_route(request.method, request.scope["route"].path, principal)
    numbers.use(principal.preferences)
    request.state.workspace_id = str(principal.workspace_id)
    structlog.contextvars.bind_contextvars(workspace_id=str(principal.workspace_id))


Presented = Annotated[Principal, Depends(presented)]


async def caller(principal: Presented) -> Principal:
    """Who calls, signed in: what no personal token may do, and whatever was not opened to them."""
    principal.require_person()
    return principal


async def reader(principal: Presented) -> Principal:
    """Who calls, also with a personal token."""
    principal.require_scope(TokenScope.READ)
    return principal


async def writer(principal: Presented) -> Principal:
    """Who calls, also with a personal token of the scope `write`."""
    principal.require_scope(TokenScope.WRITE)
    return principal


_hashing = CapacityLimiter(8)


def hashes[**P, R](route: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """For a route that makes or checks a password: it gets one of a few threads kept for these.

    They spend their time waiting for `services.passwords`. In the threads that serve every other route, a crowd of
    sign-ins would keep everybody waiting.
    """

    @functools.wraps(route)
    async def elsewhere(*args: P.args, **kwargs: P.kwargs) -> R:
        return await to_thread.run_sync(functools.partial(route, *args, **kwargs), limiter=_hashing)

    return elsewhere


Caller = Annotated[Principal, Depends(caller)]
Reader = Annotated[Principal, Depends(reader)]
Writer = Annotated[Principal, Depends(writer)]
Address = Annotated[str, Depends(client_address)]
From = Annotated[Client, Depends(client_of)]


def limited(limit: Limit) -> Callable[[Principal], None]:
    """A dependency that counts one request of the caller against `limit`."""

    def count(principal: Presented) -> None:
        limits.hit(limit, principal)

    return count


def limited_address(limit: Limit) -> Callable[[str], None]:
    """The same by address, where there is no account yet."""

    def count(address: Address) -> None:
        limits.hit(limit, address)

    return count


def asked_period(
    period: Annotated[str, Query(description="all, last_year, last_quarter, or custom with dates")] = "",
    start: Annotated[str, Query(alias="from", description="ISO date")] = "",
    end: Annotated[str, Query(alias="to", description="ISO date")] = "",
) -> PeriodChoice:
    """The periods of the data that a reader wants to see."""
    return PeriodChoice.read(period, start, end)


AskedPeriod = Annotated[PeriodChoice, Depends(asked_period)]


def asked_reading(
    period: AskedPeriod,
    margin: Annotated[float, Query(gt=0, le=100, description="per cent left of the outcome; moves break-even")] = 100,
    worth: Annotated[
        float | None, Query(gt=0, description="money that one of an outcome that is a count is worth")
    ] = None,
    target: Annotated[float | None, Query(gt=0, description="the return on the next 1 that headroom goes to")] = None,
) -> Reading:
    """The period, and the economics that break-even and headroom follow from."""
    return Reading(period, margin / 100, worth, target)


AskedReading = Annotated[Reading, Depends(asked_reading)]
