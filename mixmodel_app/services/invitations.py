"""Invitations to a workspace: by a link that one person can use, for seven days."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.config import settings
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import InvitationExpired, NotAllowed
from mixmodel_app.services import audit_log, emails, mail
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.models import Invitation, now
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import invitations as repository

LIFETIME = timedelta(days=7)
PATH = "/join"
ANYONE = "anyone with the link"

_LETTER = """Hello,

{inviter} invites you to the workspace {workspace} in MixModel, as {role}:

{link}

The link works once, for seven days.
"""


class Offer(NamedTuple):
    """What an invitation says to whoever holds its link. `email` is "" when anyone may use it."""

    workspace: str
    role: Role
    email: str


def create(principal: Principal, role: Role, email: str | None = None) -> dict[str, Any]:
    """Invite someone. The link is in the answer and nowhere else; it is sent to the email too where mail is set up.

    Raises:
        InvalidInput: what should be an email is none.
    """
    principal.require(Role.ADMIN)
    address = emails.normalise(email) if email and email.strip() else None
    token = secrets.token_urlsafe(32)
    row = Invitation(
        workspace_id=principal.workspace_id,
        invited_by=principal.user_id,
        email=address,
        role=role.value,
        token_hash=_hash(token),
        expires_at=now() + LIFETIME,
    )
    with transaction(principal) as session:
        session.add(row)
        workspace = accounts_repository.workspace(session, principal.workspace_id).name
        audit_log.record(session, principal, Action.INVITED, f"{address or ANYONE} as {role}")
    link = f"{settings().web.public_url}{PATH}?token={token}"
    text = _LETTER.format(inviter=principal.full_name, workspace=workspace, role=role, link=link)
    sent = address is not None and mail.send(address, "An invitation to MixModel", text)
    return to_json(row) | {"token": token, "path": f"{PATH}?token={token}", "link": link, "sent": sent}


def waiting(principal: Principal) -> list[dict[str, Any]]:
    """Invitations that nobody has accepted yet, the newest first, without their tokens."""
    principal.require(Role.ADMIN)
    with transaction(principal) as session:
        return [to_json(row) for row in repository.waiting(session, principal, now())]


def revoke(principal: Principal, invitation_id: UUID) -> None:
    """End an invitation at once; one that has ended stays as it is."""
    principal.require(Role.ADMIN)
    with transaction(principal) as session:
        row = repository.get(session, principal, invitation_id, lock=True)
        if row.accepted_at is None and row.revoked_at is None:
            row.revoked_at = now()
            session.add(row)
            audit_log.record(session, principal, Action.INVITATION_REVOKED, row.email or ANYONE)


def look(token: str) -> Offer:
    """What a token invites to.

    Raises:
        InvitationExpired: it was used, has expired, was revoked or never existed; which of them is not told.
    """
    with system_transaction() as session:
        row = repository.open_by_token(session, _hash(token), now())
        if row is None:
            raise _over()
        workspace = accounts_repository.workspace(session, row.workspace_id)
    return Offer(workspace.name, Role(row.role), row.email or "")


def take(session: Session, token: str, email: str) -> Invitation:
    """Use an invitation up, in the transaction of whoever joins by it.

    Raises:
        InvitationExpired: as `look`.
        NotAllowed: it is for another email.
    """
    row = repository.open_by_token(session, _hash(token), now(), lock=True)
    if row is None:
        raise _over()
    if row.email is not None and row.email != email:
        raise NotAllowed("This invitation is for another email address.", hint="Use the address it was sent to.")
    row.accepted_at = now()
    session.add(row)
    return row


def to_json(row: Invitation) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "email": row.email,
        "role": row.role,
        "expires_at": row.expires_at.isoformat(),
        "created_at": row.created_at.isoformat(),
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _over() -> InvitationExpired:
    return InvitationExpired("This invitation was used, has expired or was revoked.", hint="Ask for a new one.")
