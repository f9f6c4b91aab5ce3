"""Access and refresh tokens and one-time links: JWTs signed with HS256.

All carry `sid`, the row they belong to: the sign-in, so that ending it ends them at once, or the link's own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import jwt

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import NotAuthenticated

ALGORITHM = "HS256"

type Kind = Literal["access", "refresh", "reset", "pending"]

PENDING_S = 5 * 60
"""How long a right password waits for the code of the second factor."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `expired` can only be true where the reader asked for it; `by` is the provider that knows the
    person, "" after a password."""

    user_id: UUID
    session_id: UUID
    jti: UUID | None
    expired: bool = False
    by: str = ""


def access_token(user_id: UUID, workspace_id: UUID, session_id: UUID, expires_at: datetime) -> str:
    return _sign(
        {
            "sub": str(user_id),
            "type": "access",
            "workspace_id": str(workspace_id),
            "sid": str(session_id),
            "exp": expires_at,
        }
    )


def refresh_token(user_id: UUID, session_id: UUID, jti: UUID, expires_at: datetime) -> str:
    return _sign({"sub": str(user_id), "type": "refresh", "jti": str(jti), "sid": str(session_id), "exp": expires_at})


def reset_token(user_id: UUID, reset_id: UUID, expires_at: datetime) -> str:
    """What a link for a new password carries."""
    return _sign({"sub": str(user_id), "type": "reset", "sid": str(reset_id), "exp": expires_at})


def pending_token(user_id: UUID, by: str = "") -> str:
    """Says that this person's password was right a moment ago, or that the provider `by` knows them; worth nothing
    without a code."""
    expires_at = datetime.now(UTC) + timedelta(seconds=PENDING_S)
    return _sign({"sub": str(user_id), "type": "pending", "sid": str(user_id), "by": by, "exp": expires_at})


def note(kind: Literal["flow", "proof"], claims: dict[str, Any], lifetime_s: int) -> str:
    """What a browser carries for a while between two requests, signed; it can be read by its owner."""
    return _sign({**claims, "type": kind, "exp": datetime.now(UTC) + timedelta(seconds=lifetime_s)})


def read_note(token: str, kind: Literal["flow", "proof"]) -> dict[str, Any]:
    """The claims of a `note`.

    Raises:
        NotAuthenticated: it is not one of ours, of another kind, or too old.
    """
    try:
        raw = jwt.decode(
            token,
            settings().auth.jwt_secret_key,
            algorithms=[ALGORITHM],
            options={"require": ["exp", "type"], "verify_sub": False},
        )
    except jwt.InvalidTokenError:
        raise _invalid() from None
    if raw["type"] != kind:
        raise _invalid()
    return raw


def read(token: str, kind: Kind, *, allow_expired: bool = False) -> Claims:
    """Verify signature, kind and expiry.

    Raises:
        NotAuthenticated: the token is not one of ours, of another kind, or has ended.
    """
    try:
        raw = jwt.decode(
            token,
            settings().auth.jwt_secret_key,
            algorithms=[ALGORITHM],
            options={"require": ["exp", "sub", "type", "sid"], "verify_exp": not allow_expired},
        )
        if raw["type"] != kind:
            raise _invalid()
        jti = UUID(raw["jti"]) if kind == "refresh" else None
        return Claims(UUID(raw["sub"]), UUID(raw["sid"]), jti, _ended(raw["exp"]), raw.get("by", ""))
    except jwt.ExpiredSignatureError:
        raise NotAuthenticated("The session has expired.", hint="Sign in again.") from None
    except (jwt.InvalidTokenError, ValueError, KeyError, TypeError, AttributeError):
        raise _invalid() from None


def lifetime(kind: Literal["access", "refresh"]) -> timedelta:
    auth = settings().auth
    return timedelta(seconds=auth.access_ttl_s if kind == "access" else auth.refresh_ttl_s)


def _sign(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, settings().auth.jwt_secret_key, algorithm=ALGORITHM)


def _ended(exp: float) -> bool:
    return datetime.fromtimestamp(exp, UTC) <= datetime.now(UTC)


def _invalid() -> NotAuthenticated:
    return NotAuthenticated("The token is not valid.", hint="Sign in again.")
