"""Access and refresh tokens: JWTs signed with HS256.

Both carry `sid`, the sign-in they belong to, so that ending a sign-in ends them at once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import jwt

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import NotAuthenticated

ALGORITHM = "HS256"

type Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `expired` can only be true where the reader asked for it."""

    user_id: UUID
    session_id: UUID
    jti: UUID | None
    expired: bool = False


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
        return Claims(UUID(raw["sub"]), UUID(raw["sid"]), jti, _ended(raw["exp"]))
    except jwt.ExpiredSignatureError:
        raise NotAuthenticated("The session has expired.", hint="Sign in again.") from None
    except (jwt.InvalidTokenError, ValueError, KeyError, TypeError, AttributeError):
        raise _invalid() from None


def lifetime(kind: Kind) -> timedelta:
    auth = settings().auth
    return timedelta(seconds=auth.access_ttl_s if kind == "access" else auth.refresh_ttl_s)


def _sign(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, settings().auth.jwt_secret_key, algorithm=ALGORITHM)


def _ended(exp: float) -> bool:
    return datetime.fromtimestamp(exp, UTC) <= datetime.now(UTC)


def _invalid() -> NotAuthenticated:
    return NotAuthenticated("The token is not valid.", hint="Sign in again.")
