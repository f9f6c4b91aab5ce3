"""Links by which anyone may read one view of one run: until they expire, or until they are revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import FieldError, InvalidInput, NotFound
from mixmodel_app.domain.preferences import Preferences
from mixmodel_app.exports.web_report import shared_view
from mixmodel_app.services import audit_log, reports, results
from mixmodel_app.services.results import View
from mixmodel_app.storage import models
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import runs as runs_repository
from mixmodel_app.storage.repositories import shares as repository
from mixmodel_app.wording import numbers

DAYS = 30
MOST_DAYS = 365
PATH = "/shared/"


class Opened(NamedTuple):
    """What a link shows: a run, one view of it, and the reader, who may see this workspace's results and no more."""

    reader: Principal
    run_id: UUID
    view: View
    expires_at: datetime


def create(principal: Principal, run_id: UUID, view: View, days: int = DAYS) -> dict[str, Any]:
    """Make a link. Its token is in the answer and nowhere else.

    Raises:
        Conflict: the run has no finished results.
        InvalidInput: `days` is not between 1 and 365.
    """
    principal.require(Role.MEMBER)
    if not 1 <= days <= MOST_DAYS:
        problem = f"must be from 1 to {MOST_DAYS}"
        raise InvalidInput(f"The number of days {problem}.", errors=(FieldError("days", problem),))
    results.plannable(principal, run_id)
    token = secrets.token_urlsafe(32)
    share = models.Share(
        workspace_id=principal.workspace_id,
        run_id=run_id,
        created_by=principal.user_id,
        view=view.value,
        token_hash=_hash(token),
        expires_at=models.now() + timedelta(days=days),
    )
    with transaction(principal) as session:
        session.add(share)
        audit_log.record(session, principal, Action.SHARED, f"{view} view of run {run_id}, for {days} days")
    return to_json(share) | {"token": token, "path": f"{PATH}{token}"}


def of_run(principal: Principal, run_id: UUID) -> list[dict[str, Any]]:
    """Every link to a run, the newest first, without its token."""
    with transaction(principal) as session:
        runs_repository.head(session, principal, run_id)
        return [to_json(share) for share in repository.of_run(session, principal, run_id)]


def revoke(principal: Principal, share_id: UUID) -> None:
    """End a link at once; one that has ended already stays as it is."""
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        share = repository.get(session, principal, share_id, lock=True)
        if share.revoked_at is None:
            share.revoked_at = models.now()
            session.add(share)
            audit_log.record(session, principal, Action.SHARE_REVOKED, f"{share.view} view of run {share.run_id}")


def opened(token: str) -> Opened:
    """What a token opens.

    Raises:
        NotFound: there is no such link, it has expired, or it was revoked; which of them is not told.
    """
    with system_transaction() as session:
        share = repository.open_by_token(session, _hash(token), models.now())
        workspace = accounts_repository.workspace(session, share.workspace_id) if share else None
    if share is None or workspace is None:
        raise NotFound("This link does not exist or has ended.", hint="Ask the person who sent it for a new one.")
    preferences = Preferences.from_json(workspace.preferences)
    reader = Principal(share.id, share.workspace_id, Role.VIEWER, "", "A reader of a link", preferences=preferences)
    return Opened(reader, share.run_id, View(share.view), share.expires_at)


def page(token: str) -> bytes:
    """What a token opens, as an HTML page that needs no other file; raises as `opened`."""
    found = opened(token)
    with numbers.looking(preferences=found.reader.preferences):
        report = reports.report(found.reader, found.run_id)
        with numbers.looking(outcome=report.results.outcome, target=report.results.target):
            return shared_view(report, found.view, numbers.date_text(found.expires_at.date()))


def to_json(share: models.Share) -> dict[str, Any]:
    return {
        "id": str(share.id),
        "run_id": str(share.run_id),
        "view": share.view,
        "expires_at": share.expires_at.isoformat(),
        "revoked_at": share.revoked_at.isoformat() if share.revoked_at else None,
        "is_open": share.revoked_at is None and share.expires_at > models.now(),
        "created_at": share.created_at.isoformat(),
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
