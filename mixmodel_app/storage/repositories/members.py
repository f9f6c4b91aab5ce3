"""The people of a workspace."""

from uuid import UUID

from sqlmodel import Session, col

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.storage.models import User
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, user_id: UUID, *, lock: bool = False) -> User:
    return get_scoped(session, User, principal, user_id, lock=lock)


def every(session: Session, principal: Principal) -> list[User]:
    """Everyone in the workspace, those who came first before the others."""
    return list(session.exec(scoped(User, principal).order_by(col(User.created_at), col(User.id))).all())


def other_admins(session: Session, principal: Principal, user_id: UUID) -> int:
    """How many admins the workspace has beside one person."""
    query = scoped(User, principal).where(User.role == Role.ADMIN.value, User.id != user_id)
    return len(session.exec(query).all())
