"""Personal tokens: by the hash of one, and those of one person."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from mixmodel_app.storage.models import PersonalToken


def living_by_hash(session: Session, token_hash: str, at: datetime) -> PersonalToken | None:
    """The token with this hash, if it has not expired."""
    ends = col(PersonalToken.expires_at)
    query = select(PersonalToken).where(PersonalToken.token_hash == token_hash, or_(ends.is_(None), ends > at))
    return session.exec(query).first()


def of_person(session: Session, user_id: UUID) -> list[PersonalToken]:
    """Every token of one person, expired ones too, the newest first."""
    query = select(PersonalToken).where(PersonalToken.user_id == user_id)
    return list(session.exec(query.order_by(col(PersonalToken.id).desc())).all())


def note_use(session: Session, token_id: UUID, at: datetime, address: str, step: timedelta) -> None:
    """Note a use, unless one within `step` stands there already. One that is revoked at this moment stays gone."""
    used = col(PersonalToken.last_used_at)
    stale = or_(used.is_(None), used <= at - step)
    query = update(PersonalToken).where(col(PersonalToken.id) == token_id, stale)
    session.exec(query.values(last_used_at=at, last_address=address))


def drop(session: Session, token: PersonalToken) -> None:
    session.exec(delete(PersonalToken).where(col(PersonalToken.id) == token.id))


def drop_all(session: Session, user_id: UUID) -> None:
    """Let every token of one person work no more."""
    session.exec(delete(PersonalToken).where(col(PersonalToken.user_id) == user_id))
