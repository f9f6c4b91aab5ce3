"""The audit log: written by the services, in the transaction of what they do; read by admins."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Client, Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.exports.audit_log import HEADER, csv_lines
from mixmodel_app.storage import models
from mixmodel_app.storage.db import reading, transaction
from mixmodel_app.storage.repositories import audit_log as repository
from mixmodel_app.storage.repositories.audit_log import AuditFilter
from mixmodel_app.storage.repositories.pages import MAX_LIMIT

MOST_SUBJECT = 512
INSTALLATION = "this installation"
"""The actor of what nobody does."""


def record(session: Session, principal: Principal, action: Action, subject: str = "") -> None:
    """Note what a person does. `subject` is what they do it to, in a few words; a token that did it is named."""
    if principal.token is not None:
        subject = f"{subject[: MOST_SUBJECT // 2]} (by the token {principal.token.name})".lstrip()
    session.add(
        models.AuditEvent(
            workspace_id=principal.workspace_id,
            actor_id=principal.user_id,
            actor=principal.email,
            action=action.value,
            subject=subject[:MOST_SUBJECT],
            address=principal.address[:64],
        )
    )


def record_of(session: Session, user: models.User | None, client: Client, action: Action, subject: str = "") -> None:
    """Note what happens at the door, where nobody is signed in; `user` is whose account it is about, None if nobody's.

    Nothing that was typed is kept: people type passwords into the wrong field.
    """
    session.add(
        models.AuditEvent(
            workspace_id=user.workspace_id if user else None,
            actor_id=user.id if user else None,
            actor=user.email if user else "",
            action=action.value,
            subject=subject[:MOST_SUBJECT],
            address=client.address[:64],
        )
    )


def record_rule(session: Session, workspace_id: UUID, action: Action, subject: str) -> None:
    """Note what the installation does by itself, by a rule of its operator."""
    session.add(
        models.AuditEvent(
            workspace_id=workspace_id, actor=INSTALLATION, action=action.value, subject=subject[:MOST_SUBJECT]
        )
    )


def note(principal: Principal, action: Action, subject: str = "") -> None:
    """`record` in a transaction of its own, for what changes no row."""
    with transaction(principal) as session:
        record(session, principal, action, subject)


def page(
    principal: Principal, wanted: AuditFilter | None = None, limit: int = 50, cursor: str | None = None
) -> dict[str, Any]:
    """What happened in the workspace, the newest first."""
    principal.require(Role.ADMIN)
    with reading(principal) as session:
        found = repository.page(session, principal, wanted or AuditFilter(), limit, cursor)
    return {"items": [to_json(row) for row in found.items], "next_cursor": found.next_cursor}


def actors(principal: Principal) -> list[str]:
    """The emails of everyone who stands in the log."""
    principal.require(Role.ADMIN)
    with reading(principal) as session:
        return repository.actors(session, principal)


def csv(principal: Principal, wanted: AuditFilter) -> Iterator[bytes]:
    """All that fits, as CSV, piece by piece; that it is taken away is noted first."""
    principal.require(Role.ADMIN)
    note(principal, Action.EXPORTED, "audit log")
    return _pieces(principal, wanted)


def _pieces(principal: Principal, wanted: AuditFilter) -> Iterator[bytes]:
    yield csv_lines([HEADER], first=True)
    cursor: str | None = None
    while True:
        found = page(principal, wanted, MAX_LIMIT, cursor)
        yield csv_lines([[row[name] for name in HEADER] for row in found["items"]])
        cursor = found["next_cursor"]
        if cursor is None:
            return


def to_json(row: models.AuditEvent) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "created_at": row.created_at.isoformat(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "address": row.address,
    }
