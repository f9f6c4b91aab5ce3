"""/api/auth: accounts and tokens for programs. Browsers use `api.session`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Caller, From, Reader, hashes, limited, limited_address
from mixmodel_app.services import accounts, limits, recovery, second_factor, sessions
from mixmodel_app.services.accounts import TokenPair
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/auth", tags=["Accounts"])

PASSWORD_RULE = "At least 8 characters with an upper-case letter and a digit."


class RegisterBody(BaseModel):
    email: str = Field(max_length=320)
    password: str = Field(max_length=1024, description=PASSWORD_RULE)
    full_name: str = Field(max_length=1024)
    workspace_name: str | None = Field(None, max_length=1024)
    invite_token: str | None = Field(None, max_length=1024)


class LoginBody(BaseModel):
    email: str = Field(max_length=1024)
    password: str = Field(max_length=1024)
    code: str | None = Field(None, max_length=64, description="Of the second factor, or a recovery code.")


class RefreshBody(BaseModel):
    refresh_token: str = Field(max_length=4096)


class LogoutBody(BaseModel):
    refresh_token: str | None = Field(None, max_length=4096)
    all: bool = False


class NameBody(BaseModel):
    full_name: str = Field(max_length=1024)


class PasswordBody(BaseModel):
    current_password: str = Field(max_length=1024)
    new_password: str = Field(max_length=1024, description=PASSWORD_RULE)


class ProofBody(BaseModel):
    password: str = Field(max_length=1024)


class CodeBody(BaseModel):
    code: str = Field(max_length=64)


class ProofAndCodeBody(ProofBody, CodeBody):
    pass


class ForgotBody(BaseModel):
    email: str = Field(max_length=1024)


class ResetBody(BaseModel):
    token: str = Field(max_length=4096, description="From the link, after `token=`.")
    password: str = Field(max_length=1024, description=PASSWORD_RULE)


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
@hashes
def register(body: RegisterBody, client: From) -> Tokens:
    """Make an account with a workspace of its own, and sign in."""
    return _tokens(
        accounts.register(body.email, body.password, body.full_name, body.workspace_name, body.invite_token, client)
    )


@router.post("/login", dependencies=[Depends(limited_address(Limit.LOGIN))])
@hashes
def login(body: LoginBody, client: From) -> Tokens:
    """Sign in with email and password, and with a `code` where the answer is 401 `second_factor_required`."""
    return _tokens(accounts.login(body.email, body.password, client, body.code))


@router.post("/refresh")
def refresh(body: RefreshBody, client: From) -> Tokens:
    """Trade a refresh token for new tokens. Each works once; a second use ends the sign-in."""
    limits.hit(Limit.REFRESH, str(accounts.holder_of(body.refresh_token) or client.address))
    return _tokens(accounts.refresh(body.refresh_token, client))


@router.post("/logout", status_code=204)
def logout(
    principal: Caller, body: LogoutBody | None = None, everywhere: Annotated[bool, Query(alias="all")] = False
) -> None:
    """End this sign-in, or with `all` every sign-in of the account."""
    accounts.logout(principal, body.refresh_token if body else None, everywhere=everywhere or bool(body and body.all))


@router.get("/me")
def me(principal: Reader) -> dict[str, Any]:
    """The signed-in person."""
    return accounts.me(principal)


@router.put("/me")
def rename(principal: Caller, body: NameBody) -> dict[str, Any]:
    """Change one's own name."""
    return accounts.rename(principal, body.full_name)


@router.get("/sessions")
def where_signed_in(principal: Caller) -> list[dict[str, Any]]:
    """Where one is signed in: device, address and last use, the sign-in of this call first."""
    return sessions.living(principal)


@router.delete("/sessions", status_code=204)
def end_other_sessions(principal: Caller) -> Response:
    """End every sign-in but that of this call."""
    sessions.end_others(principal)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(principal: Caller, session_id: UUID) -> Response:
    """End one sign-in."""
    sessions.end(principal, session_id)
    return Response(status_code=204)


@router.put("/password", status_code=204, dependencies=[Depends(limited(Limit.PASSWORD))])
@hashes
def change_password(principal: Caller, body: PasswordBody) -> Response:
    """Change one's password; every other sign-in ends."""
    recovery.change(principal, body.current_password, body.new_password)
    return Response(status_code=204)


@router.post(
    "/password/forgot",
    status_code=202,
    response_class=Response,
    dependencies=[Depends(limited_address(Limit.FORGOT))],
)
def forgot_password(body: ForgotBody, client: From) -> Response:
    """Ask for a link to a new password. The answer is the same whether or not there is such an account."""
    recovery.ask(body.email, client)
    return Response(status_code=202)


@router.post("/password/reset", status_code=204, dependencies=[Depends(limited_address(Limit.RESET))])
@hashes
def reset_password(body: ResetBody, client: From) -> Response:
    """Set a new password by such a link; every sign-in ends."""
    recovery.reset(body.token, body.password, client)
    return Response(status_code=204)


@router.get("/second-factor")
def second_factor_status(principal: Caller) -> dict[str, Any]:
    """Whether one's second factor is on, and how many recovery codes are left."""
    return second_factor.status(principal)


@router.post("/second-factor", status_code=201, dependencies=[Depends(limited(Limit.PASSWORD))])
@hashes
def begin_second_factor(principal: Caller, body: ProofBody) -> dict[str, str]:
    """Start setting up a second factor; the answer is for an authenticator. Confirm it with its first code."""
    setup = second_factor.begin(principal, body.password)
    return {"secret": setup.secret, "uri": setup.uri}


@router.post("/second-factor/confirm", dependencies=[Depends(limited(Limit.PASSWORD))])
def confirm_second_factor(principal: Caller, body: CodeBody) -> dict[str, list[str]]:
    """Switch it on; the recovery codes are told this once."""
    return {"recovery_codes": second_factor.confirm(principal, body.code)}


@router.post("/second-factor/off", status_code=204, dependencies=[Depends(limited(Limit.PASSWORD))])
@hashes
def second_factor_off(principal: Caller, body: ProofAndCodeBody) -> Response:
    """Switch it off, by password and code."""
    second_factor.switch_off(principal, body.password, body.code)
    return Response(status_code=204)
