"""People and their sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from mixmodel_app.storage.models import LoginSession, User, Workspace


def user_by_email(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(User.email == email)).first()


def user_by_id(session: Session, user_id: UUID) -> User | None:
    return session.get(User, user_id)


def workspace(session: Session, workspace_id: UUID) -> Workspace:
    return session.exec(select(Workspace).where(Workspace.id == workspace_id)).one()


def login_session(session: Session, session_id: UUID, *, lock: bool = False) -> LoginSession | None:
    query = select(LoginSession).where(LoginSession.id == session_id)
    return session.exec(query.with_for_update() if lock else query).first()


def revoke_all(session: Session, user_id: UUID, at: datetime) -> None:
    """End every sign-in of one person."""
    session.exec(
        update(LoginSession)
        .where(col(LoginSession.user_id) == user_id, col(LoginSession.revoked_at).is_(None))
        .values(revoked_at=at)
    )
