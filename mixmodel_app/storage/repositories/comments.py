"""Comments on runs."""

from uuid import UUID

from sqlmodel import Session, col

from mixmodel_app.domain.account import Principal
from mixmodel_app.storage.models import Comment
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, comment_id: UUID) -> Comment:
    return get_scoped(session, Comment, principal, comment_id, lock=True)


def of_run(session: Session, principal: Principal, run_id: UUID) -> list[Comment]:
    """All comments on a run, the oldest first."""
    query = scoped(Comment, principal).where(Comment.run_id == run_id)
    return list(session.exec(query.order_by(col(Comment.id))).all())
