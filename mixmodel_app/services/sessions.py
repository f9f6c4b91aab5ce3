"""The sign-ins of one person: where they are signed in, and ending it."""

from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.services import audit_log
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import LoginSession, now
from mixmodel_app.storage.repositories import accounts as repository
from mixmodel_app.wording.devices import device


def living(principal: Principal) -> list[dict[str, Any]]:
    """The person's sign-ins that have not ended, this one first, then the last used."""
    with system_transaction() as session:
        rows = repository.living_sessions(session, principal.user_id, now())
    return [_to_json(row, principal) for row in sorted(rows, key=lambda row: row.id != principal.session_id)]


def end(principal: Principal, session_id: UUID) -> None:
    """End one of the person's sign-ins; one that has ended stays so.

    Raises:
        NotFound: the person has no such sign-in.
    """
    with system_transaction() as session:
        row = repository.login_session(session, session_id, lock=True)
        if row is None or row.user_id != principal.user_id:
            raise NotFound("You have no such session.")
        row.revoked_at = row.revoked_at or now()
        session.add(row)
        audit_log.record(session, principal, Action.SESSIONS_ENDED, device(row.user_agent))


def end_others(principal: Principal) -> None:
    """End every sign-in of the person but the one that asks."""
    with system_transaction() as session:
        repository.revoke_all(session, principal.user_id, now(), but=principal.session_id)
        audit_log.record(session, principal, Action.SESSIONS_ENDED, "all others")


def _to_json(row: LoginSession, principal: Principal) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "device": device(row.user_agent),
        "address": row.address,
        "is_current": row.id == principal.session_id,
        "last_used_at": row.last_used_at.isoformat(),
        "created_at": row.created_at.isoformat(),
    }
