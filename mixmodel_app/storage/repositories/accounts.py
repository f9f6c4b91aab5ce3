"""People and their sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from mixmodel_app.storage.models import Identity, LoginSession, PasswordReset, SecondFactor, User, Workspace


def user_by_email(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(User.email == email)).first()


def user_by_id(session: Session, user_id: UUID, *, lock: bool = False) -> User | None:
    return session.get(User, user_id, with_for_update=lock)


def note_seen(session: Session, user_id: UUID, at: datetime) -> None:
    """When a person was here last."""
    session.exec(update(User).where(col(User.id) == user_id).values(last_seen_at=at))


def workspace(session: Session, workspace_id: UUID, *, lock: bool = False) -> Workspace:
    query = select(Workspace).where(Workspace.id == workspace_id)
    return session.exec(query.with_for_update() if lock else query).one()


def locked_workspace(session: Session, workspace_id: UUID) -> Workspace:
    """The workspace, held until the transaction ends: changes to its people happen one after the other."""
    query = select(Workspace).where(Workspace.id == workspace_id)
    return session.exec(query.with_for_update(key_share=True)).one()


def login_session(session: Session, session_id: UUID, *, lock: bool = False) -> LoginSession | None:
    query = select(LoginSession).where(LoginSession.id == session_id)
    return session.exec(query.with_for_update() if lock else query).first()


def signed_in(session: Session, session_id: UUID) -> tuple[LoginSession, User, Workspace] | None:
    """A sign-in with its person and their workspace."""
    query = (
        select(LoginSession, User, Workspace)
        .join(User, col(User.id) == LoginSession.user_id)
        .join(Workspace, col(Workspace.id) == User.workspace_id)
    )
    found = session.exec(query.where(LoginSession.id == session_id)).first()
    return None if found is None else (found[0], found[1], found[2])


def living_sessions(session: Session, user_id: UUID, at: datetime) -> list[LoginSession]:
    """The sign-ins of one person that count at this moment, the last used first."""
    query = select(LoginSession).where(
        LoginSession.user_id == user_id, col(LoginSession.revoked_at).is_(None), col(LoginSession.expires_at) > at
    )
    return list(session.exec(query.order_by(col(LoginSession.last_used_at).desc())).all())


def revoke_all(session: Session, user_id: UUID, at: datetime, *, but: UUID | None = None) -> None:
    """End every sign-in of one person, `but` one."""
    living = update(LoginSession).where(col(LoginSession.user_id) == user_id, col(LoginSession.revoked_at).is_(None))
    session.exec((living.where(col(LoginSession.id) != but) if but else living).values(revoked_at=at))


def second_factor(session: Session, user_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    query = select(SecondFactor).where(SecondFactor.user_id == user_id)
    return session.exec(query.with_for_update() if lock else query).first()


def user_by_identity(session: Session, issuer: str, subject: str) -> User | None:
    """Whose identity this is."""
    query = select(User).join(Identity, col(Identity.user_id) == User.id)
    return session.exec(query.where(Identity.issuer == issuer, Identity.subject == subject)).first()


def identity_of(session: Session, user_id: UUID, issuer: str) -> Identity | None:
    """Whom a provider knows a person as."""
    return session.exec(select(Identity).where(Identity.user_id == user_id, Identity.issuer == issuer)).first()


def drop_identities(session: Session, user_id: UUID, *, but_email: str) -> None:
    """Let a person's identities sign in no more, but those that the provider vouches to be of this email."""
    mine = delete(Identity).where(col(Identity.user_id) == user_id)
    session.exec(mine.where(col(Identity.email) != but_email))


def password_reset(session: Session, reset_id: UUID) -> PasswordReset | None:
    """One link for a new password, locked: it works once."""
    return session.exec(select(PasswordReset).where(PasswordReset.id == reset_id).with_for_update()).first()


def drop_resets(session: Session, user_id: UUID) -> None:
    """Let the links of one person work no more."""
    session.exec(delete(PasswordReset).where(col(PasswordReset.user_id) == user_id))
