"""Links to runs: of a workspace, and by the token that somebody without one has."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.storage.models import Share
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, share_id: UUID, *, lock: bool = False) -> Share:
    return get_scoped(session, Share, principal, share_id, lock=lock)


def of_run(session: Session, principal: Principal, run_id: UUID) -> list[Share]:
    """Every link to a run, the newest first."""
    query = scoped(Share, principal).where(Share.run_id == run_id)
    return list(session.exec(query.order_by(col(Share.id).desc())).all())


def open_by_token(session: Session, token_hash: str, at: datetime) -> Share | None:
    """The link of a token, if it has neither expired nor been revoked."""
    query = select(Share).where(
        Share.token_hash == token_hash, col(Share.revoked_at).is_(None), col(Share.expires_at) > at
    )
    return session.exec(query).first()
