"""/api/workspace/members, /invite and /invitations: the people of a workspace."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Caller, limited
from mixmodel_app.domain.account import Role
from mixmodel_app.services import invitations, members, recovery
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/workspace", tags=["Workspace"])


class RoleBody(BaseModel):
    role: Role


class InviteBody(BaseModel):
    role: Role = Role.MEMBER
    email: str | None = Field(None, max_length=320, description="Who may use it; without one, whoever has the link.")


@router.get("/members")
def people(principal: Caller) -> list[dict[str, Any]]:
    """Everyone in the workspace; admins also see when they were here last."""
    return members.every(principal)


@router.put("/members/{member_id}/role")
def set_role(principal: Caller, member_id: UUID, body: RoleBody) -> dict[str, Any]:
    """Give someone another role; admins only. The last admin stays one."""
    return members.set_role(principal, member_id, body.role)


@router.delete("/members/{member_id}", status_code=204)
def remove(principal: Caller, member_id: UUID) -> Response:
    """Take someone out of the workspace (admins), or leave it. Their sessions end; the last admin stays."""
    members.remove(principal, member_id)
    return Response(status_code=204)


@router.post("/members/{member_id}/reset-link", status_code=201, dependencies=[Depends(limited(Limit.INVITE))])
def reset_link(principal: Caller, member_id: UUID) -> dict[str, Any]:
    """A link by which a member chooses a new password, once, within one hour; admins only."""
    return recovery.link_for_member(principal, member_id)


@router.post("/invite", status_code=201, dependencies=[Depends(limited(Limit.INVITE))])
def invite(principal: Caller, body: InviteBody) -> dict[str, Any]:
    """Invite someone; admins only. The token is told this once."""
    return invitations.create(principal, body.role, body.email)


@router.get("/invitations")
def waiting(principal: Caller) -> list[dict[str, Any]]:
    """Invitations that nobody has accepted yet; admins only."""
    return invitations.waiting(principal)


@router.delete("/invitations/{invitation_id}", status_code=204)
def revoke(principal: Caller, invitation_id: UUID) -> Response:
    """End an invitation; admins only."""
    invitations.revoke(principal, invitation_id)
    return Response(status_code=204)


@router.post("/invite/{token}/accept", dependencies=[Depends(limited(Limit.INVITE))])
def accept(principal: Caller, token: str) -> dict[str, Any]:
    """Join by an invitation with the account that asks; it leaves the workspace it is in."""
    return members.join(principal, token)
