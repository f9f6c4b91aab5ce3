"""The people of a workspace: roles, removal, leaving, and joining with an account that exists.

A workspace always has an admin. Whoever changes its people first takes hold of its row, so that two admins who step
down or remove each other at the same moment do so one after the other, and the second is refused.
"""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.services import accounts, audit_log, invitations
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.models import User, Workspace, now
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import invitations as invitations_repository
from mixmodel_app.storage.repositories import members as repository
from mixmodel_app.storage.repositories import personal_tokens as personal_tokens_repository


def every(principal: Principal) -> list[dict[str, Any]]:
    """Everyone in the workspace; when they were seen last is for admins."""
    with transaction(principal) as session:
        found = repository.every(session, principal)
    return [_to_json(user, seen=principal.role is Role.ADMIN) for user in found]


def set_role(principal: Principal, member_id: UUID, role: Role) -> dict[str, Any]:
    """Give someone another role.

    Raises:
        Conflict: it would leave the workspace without an admin.
    """
    with transaction(principal) as session:
        hold_as_admin(session, principal)
        user = repository.get(session, principal, member_id, lock=True)
        if user.role != role.value:
            if user.role == Role.ADMIN.value:
                _check_other_admin(session, principal, user)
                invitations_repository.revoke_those_of(session, principal, user.id, now())
            audit_log.record(session, principal, Action.ROLE_CHANGED, f"{user.email}: {user.role} → {role}")
            user.role = role.value
            session.add(user)
    return _to_json(user, seen=True)


def remove(principal: Principal, member_id: UUID) -> None:
    """Take someone out of the workspace. Their sessions end; their account goes on in an empty workspace of its own.

    Raises:
        Conflict: it would leave the workspace without an admin.
    """
    if member_id == principal.user_id:
        leave(principal)
        return
    with system_transaction() as session:
        hold_as_admin(session, principal)
        user = repository.get(session, principal, member_id, lock=True)
        _check_other_admin(session, principal, user)
        audit_log.record(session, principal, Action.MEMBER_REMOVED, user.email)
        _move_out(session, principal, user)
        accounts_repository.revoke_all(session, user.id, now())
        accounts_repository.drop_resets(session, user.id)


def leave(principal: Principal) -> None:
    """Leave the workspace for an empty one of one's own.

    Raises:
        Conflict: one is its last admin, or the only person in it.
    """
    with system_transaction() as session:
        accounts_repository.locked_workspace(session, principal.workspace_id)
        user = _self(session, principal)
        if len(repository.every(session, principal)) == 1:
            raise Conflict("You are the only one in this workspace.", hint="Delete it instead.")
        _check_other_admin(session, principal, user)
        audit_log.record(session, principal, Action.LEFT)
        _move_out(session, principal, user)


def join(principal: Principal, token: str) -> dict[str, Any]:
    """Accept an invitation with an account that exists: the person moves to the other workspace.

    The workspace that they leave goes when nobody and nothing is left in it.

    Raises:
        InvitationExpired: the invitation is over.
        NotAllowed: it is for somebody else.
        Conflict: they are in that workspace already, or cannot leave the one they are in.
    """
    with system_transaction() as session:
        invitation = invitations.take(session, token, principal.email)
        if invitation.workspace_id == principal.workspace_id:
            raise Conflict("You are in this workspace already.")
        left = accounts_repository.locked_workspace(session, principal.workspace_id)
        user = _self(session, principal)
        alone = _check_may_go(session, principal, user)
        if not alone:
            audit_log.record(session, principal, Action.LEFT)
        invitations_repository.revoke_those_of(session, principal, user.id, now())
        personal_tokens_repository.drop_all(session, user.id)
        user.workspace_id, user.role = invitation.workspace_id, invitation.role
        session.add(user)
        session.flush()
        if alone:
            session.delete(left)
        joined = accounts_repository.workspace(session, invitation.workspace_id)
        audit_log.record_of(session, user, principal.client, Action.JOINED, f"as {user.role}")
    return {"id": str(joined.id), "name": joined.name, "role": user.role}


def hold_as_admin(session: Session, principal: Principal) -> Workspace:
    """Take hold of the workspace, and look whether the person is still its admin: the request may have waited.

    Raises:
        NotAllowed: the role is too low.
    """
    principal.require(Role.ADMIN)
    workspace = accounts_repository.locked_workspace(session, principal.workspace_id)
    accounts.principal_of_user(_self(session, principal)).require(Role.ADMIN)
    return workspace


def _self(session: Session, principal: Principal) -> User:
    """The person's own row, held; `NotFound` when they were moved elsewhere meanwhile."""
    return repository.get(session, principal, principal.user_id, lock=True)


def _check_other_admin(session: Session, principal: Principal, user: User) -> None:
    if user.role == Role.ADMIN.value and repository.other_admins(session, principal, user.id) == 0:
        raise Conflict("This is the last admin of the workspace.", hint="Make someone else an admin first.")


def _check_may_go(session: Session, principal: Principal, user: User) -> bool:
    """Whether the person is alone in the workspace; raises `Conflict` when they cannot leave it."""
    if len(repository.every(session, principal)) > 1:
        _check_other_admin(session, principal, user)
        return False
    if datasets_repository.count(session, principal):
        raise Conflict(
            "The workspace you are in has data and would be left without anyone.",
            hint="Delete it first, or accept the invitation with another email.",
        )
    return True


def _move_out(session: Session, principal: Principal, user: User) -> None:
    """Into an empty workspace of their own. Their invitations and personal tokens for this one end."""
    invitations_repository.revoke_those_of(session, principal, user.id, now())
    personal_tokens_repository.drop_all(session, user.id)
    own = Workspace(name=f"{user.full_name}'s workspace"[:255])
    session.add(own)
    session.flush()
    user.workspace_id, user.role = own.id, Role.ADMIN.value
    session.add(user)


def _to_json(user: User, *, seen: bool) -> dict[str, Any]:
    last = {"last_seen_at": user.last_seen_at.isoformat() if user.last_seen_at else None} if seen else {}
    return accounts.user_json(user) | last
