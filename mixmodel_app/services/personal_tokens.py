"""Personal tokens: what a person's scripts sign their requests with.

A token stands for its owner, in the workspace it was made in, with the role that the owner has at that moment and no
more than its scope. It is told once; the database has its SHA-256, by which it is found: the token is 256 random bits,
so neither a slow hash nor the time that the look-up takes matters.
"""

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Principal, TokenScope, TokenUse
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import Conflict, FieldError, InvalidInput, NotAuthenticated, NotFound
from mixmodel_app.domain.preferences import Preferences
from mixmodel_app.services import accounts, audit_log
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.models import PersonalToken, now
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import personal_tokens as repository

PREFIX = "mm_pat_"
"""By this people and scanners for secrets know one where they see it."""

DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 20
_SHAPE = re.compile(rf"{PREFIX}[0-9a-f]{{64}}")
_USE_STEP = timedelta(minutes=1)
"""How exactly the last use is kept: not every request writes."""


def create(principal: Principal, name: str, scope: TokenScope, days: int | None = DAYS) -> dict[str, Any]:
    """Make a token. It is in the answer and nowhere else.

    Args:
        days: how long it works; None until it is revoked.

    Raises:
        InvalidInput: the name is empty or too long, or `days` is not between 1 and 365.
        Conflict: the person has 20 already.
    """
    principal.require_person()
    name = accounts.clean_name(name, "name")
    expires_at = _end(days)
    secret = PREFIX + secrets.token_hex(32)
    with transaction(principal) as session:
        _check_room(session, principal)
        row = PersonalToken(
            user_id=principal.user_id,
            workspace_id=principal.workspace_id,
            name=name,
            scope=scope.value,
            token_hash=_hash(secret),
            expires_at=expires_at,
        )
        session.add(row)
        until = f"until {expires_at:%Y-%m-%d}" if expires_at else "without an end"
        audit_log.record(session, principal, Action.TOKEN_MADE, f"{name}, scope {scope}, {until}")
    return _to_json(row) | {"token": secret}


def every(principal: Principal) -> list[dict[str, Any]]:
    """The person's tokens without their secrets, the newest first; expired ones are kept for 30 days."""
    principal.require_person()
    with transaction(principal) as session:
        return [_to_json(row) for row in repository.of_person(session, principal.user_id)]


def revoke(principal: Principal, token_id: UUID) -> None:
    """End a token at once.

    Raises:
        NotFound: the person has no such token.
    """
    principal.require_person()
    with transaction(principal) as session:
        row = next((one for one in repository.of_person(session, principal.user_id) if one.id == token_id), None)
        if row is None:
            raise NotFound("You have no such token.")
        repository.drop(session, row)
        audit_log.record(session, principal, Action.TOKEN_REVOKED, row.name)


def revoke_all(principal: Principal) -> None:
    """End every token of the person at once."""
    principal.require_person()
    with transaction(principal) as session:
        repository.drop_all(session, principal.user_id)
        audit_log.record(session, principal, Action.TOKEN_REVOKED, "all")


def looks_like_one(token: str) -> bool:
    return token.startswith(PREFIX)


def principal_of(token: str, address: str = "") -> Principal:
    """Whom a token stands for, with the role that they have now.

    Raises:
        NotAuthenticated: it never was one, has expired, was revoked, or its owner is in another workspace now; which
            of them is not told.
    """
    if not _SHAPE.fullmatch(token):
        raise _invalid()
    with system_transaction() as session:
        row = repository.living_by_hash(session, _hash(token), now())
        user = accounts_repository.user_by_id(session, row.user_id) if row else None
        if row is None or user is None or user.workspace_id != row.workspace_id:
            raise _invalid()
        workspace = accounts_repository.workspace(session, row.workspace_id)
        repository.note_use(session, row.id, now(), address[:64], _USE_STEP)
    return replace(
        accounts.principal_of_user(user, address=address),
        preferences=Preferences.from_json(workspace.preferences),
        token=TokenUse(row.name, TokenScope(row.scope)),
    )


def _check_room(session: Session, principal: Principal) -> None:
    """The person is held meanwhile: of two requests at once the second counts what the first has made."""
    user = accounts_repository.user_by_id(session, principal.user_id, lock=True)
    if user is None or user.workspace_id != principal.workspace_id:
        raise NotAuthenticated("You are in another workspace now.", hint="Sign in again.")
    if sum(not _has_ended(row) for row in repository.of_person(session, user.id)) >= MOST_TOKENS:
        raise Conflict(f"You have {MOST_TOKENS} tokens, which is the most.", hint="Revoke one that is not needed.")


def _end(days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= MOST_DAYS:
        problem = f"must be from 1 to {MOST_DAYS}"
        raise InvalidInput(f"The number of days {problem}.", errors=(FieldError("days", problem),))
    return now() + timedelta(days=days)


def _to_json(row: PersonalToken) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "scope": row.scope,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "is_expired": _has_ended(row),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        "last_address": row.last_address,
        "created_at": row.created_at.isoformat(),
    }


def _has_ended(row: PersonalToken) -> bool:
    return row.expires_at is not None and row.expires_at <= now()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _invalid() -> NotAuthenticated:
    return NotAuthenticated(
        "This personal token does not work: it was revoked, has expired, or is not complete.",
        hint="Make another on the account page.",
    )
