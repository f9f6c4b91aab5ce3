"""Invitations of a workspace, and the one that somebody holds the token of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.storage.models import Invitation
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, invitation_id: UUID, *, lock: bool = False) -> Invitation:
    return get_scoped(session, Invitation, principal, invitation_id, lock=lock)


def waiting(session: Session, principal: Principal, at: datetime) -> list[Invitation]:
    """Those that can still be accepted, the newest first."""
    query = scoped(Invitation, principal).where(
        col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None), col(Invitation.expires_at) > at
    )
    return list(session.exec(query.order_by(col(Invitation.id).desc())).all())


def open_by_token(session: Session, token_hash: str, at: datetime, *, lock: bool = False) -> Invitation | None:
    """The invitation of a token, if it can still be accepted. Locked, it cannot be accepted twice."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash,
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) > at,
    )
    return session.exec(query.with_for_update() if lock else query).first()


def revoke_those_of(session: Session, principal: Principal, user_id: UUID, at: datetime) -> None:
    """End what one person has invited to this workspace and nobody has accepted."""
    session.exec(
        update(Invitation)
        .where(
            col(Invitation.workspace_id) == principal.workspace_id,
            col(Invitation.invited_by) == user_id,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(revoked_at=at)
    )
