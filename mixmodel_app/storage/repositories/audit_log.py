"""The audit log of a workspace."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.storage.models import AuditEvent
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import scoped


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events: those of one email, of one kind, from a moment on, before a moment. None does not limit."""

    actor: str | None = None
    action: Action | None = None
    start: datetime | None = None
    end: datetime | None = None


def page(
    session: Session, principal: Principal, wanted: AuditFilter, limit: int, cursor: str | None
) -> Page[AuditEvent]:
    """Events, the newest first."""
    query = scoped(AuditEvent, principal)
    if wanted.actor is not None:
        query = query.where(AuditEvent.actor == wanted.actor)
    if wanted.action is not None:
        query = query.where(AuditEvent.action == wanted.action.value)
    if wanted.start is not None:
        query = query.where(AuditEvent.created_at >= wanted.start)
    if wanted.end is not None:
        query = query.where(AuditEvent.created_at < wanted.end)
    return newest_first(session, query, AuditEvent, limit, cursor)


def actors(session: Session, principal: Principal) -> list[str]:
    """The emails of everyone who stands in the log, in order."""
    rows = scoped(AuditEvent, principal).subquery()
    return list(session.exec(select(rows.c.actor).distinct().order_by(rows.c.actor)).all())
