"""/api/auth: accounts and tokens for programs. Browsers use `api.session`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Address, Caller, limited_address
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.accounts import TokenPair
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/auth", tags=["Accounts"])

UserAgent = Annotated[str, Header(alias="User-Agent")]


class RegisterBody(BaseModel):
    email: str = Field(max_length=320)
    password: str = Field(max_length=1024, description="At least 8 characters with an upper-case letter and a digit.")
    full_name: str = Field(max_length=1024)
    workspace_name: str | None = Field(None, max_length=1024)
    invite_token: str | None = Field(None, max_length=1024)


class LoginBody(BaseModel):
    email: str = Field(max_length=1024)
    password: str = Field(max_length=1024)


class RefreshBody(BaseModel):
    refresh_token: str = Field(max_length=4096)


class LogoutBody(BaseModel):
    refresh_token: str | None = Field(None, max_length=4096)
    all: bool = False


class User(BaseModel):
    id: str
    email: str
    full_name: str
    role: str
    workspace_id: str
    created_at: str


class Tokens(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"
    expires_in: int
    user: User


def _tokens(pair: TokenPair) -> Tokens:
    return Tokens(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token or "",
        expires_in=pair.expires_in,
        user=User(**pair.user),
    )


@router.post("/register", status_code=201, dependencies=[Depends(limited_address(Limit.REGISTER))])
def register(body: RegisterBody, user_agent: UserAgent = "") -> Tokens:
    """Make an account with a workspace of its own, and sign in."""
    return _tokens(
        accounts.register(body.email, body.password, body.full_name, body.workspace_name, body.invite_token, user_agent)
    )


@router.post("/login", dependencies=[Depends(limited_address(Limit.LOGIN))])
def login(body: LoginBody, user_agent: UserAgent = "") -> Tokens:
    """Sign in with email and password."""
    return _tokens(accounts.login(body.email, body.password, user_agent))


@router.post("/refresh")
def refresh(body: RefreshBody, address: Address) -> Tokens:
    """Trade a refresh token for new tokens. Each works once; a second use ends the sign-in."""
    limits.hit(Limit.REFRESH, str(accounts.holder_of(body.refresh_token) or address))
    return _tokens(accounts.refresh(body.refresh_token))


@router.post("/logout", status_code=204)
def logout(
    principal: Caller, body: LogoutBody | None = None, everywhere: Annotated[bool, Query(alias="all")] = False
) -> None:
    """End this sign-in, or with `all` every sign-in of the account."""
    accounts.logout(principal, body.refresh_token if body else None, everywhere=everywhere or bool(body and body.all))


@router.get("/me")
def me(principal: Caller) -> dict[str, Any]:
    """The signed-in person."""
    return accounts.me(principal)
