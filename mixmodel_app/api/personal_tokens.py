"""/api/auth/tokens: personal tokens, made and revoked by whoever is signed in."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Caller, limited
from mixmodel_app.domain.account import TokenScope
from mixmodel_app.services import personal_tokens
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/auth/tokens", tags=["Accounts"])


class TokenBody(BaseModel):
    name: str = Field(max_length=1024, description="What it is for.")
    scope: TokenScope = Field(TokenScope.READ, description="`write` includes `read`; neither exceeds one's role.")
    days: int | None = Field(personal_tokens.DAYS, description="How long it works, from 1 to 365; null has no end.")


@router.get("")
def index(principal: Caller) -> list[dict[str, Any]]:
    """One's personal tokens, the newest first, without the tokens themselves."""
    return personal_tokens.every(principal)


@router.post("", status_code=201, dependencies=[Depends(limited(Limit.TOKEN))])
def create(principal: Caller, body: TokenBody) -> dict[str, Any]:
    """Make a personal token for scripts; `token` is told this once. It works in this workspace, with one's role."""
    return personal_tokens.create(principal, body.name, body.scope, body.days)


@router.delete("", status_code=204)
def revoke_all(principal: Caller) -> Response:
    """End all of one's personal tokens at once."""
    personal_tokens.revoke_all(principal)
    return Response(status_code=204)


@router.delete("/{token_id}", status_code=204)
def revoke(principal: Caller, token_id: UUID) -> Response:
    """End one at once."""
    personal_tokens.revoke(principal, token_id)
    return Response(status_code=204)
