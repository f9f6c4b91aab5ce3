"""Request limits, the same for API routes and event handlers, and the lockout after wrong passwords."""

import hashlib
from enum import Enum
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import RateLimited, TooManyFailures
from mixmodel_app.storage import limiter


class Limit(Enum):
    """What is limited, with how often per minute."""

    LOGIN = ("login", 5)
    REGISTER = ("register", 5)
    REFRESH = ("refresh", 10)
    PROVIDER = ("provider", 30)
    FORGOT = ("forgot", 5)
    RESET = ("reset", 10)
    PASSWORD = ("password", 5)
    TOKEN = ("token", 20)
    UPLOAD = ("upload", 10)
    VALIDATE = ("validate", 20)
    RUN = ("run", 5)
    OPTIMIZE = ("optimize", 20)
    EVALUATE = ("evaluate", 600)
    PREVIEW = ("preview", 20)
    INVITE = ("invite", 20)
    EXPORT = ("export", 5)
    SHARE = ("share", 20)
    OPEN_SHARE = ("open-share", 60)
    COMMENT = ("comment", 30)

    @property
    def rule(self) -> str:
        return f"{self.value[1]}/minute"


_FAILURES = "10/15 minutes"
_CODES = "10/hour"
_LETTERS = "3/hour"


def hit(limit: Limit, who: Principal | str) -> None:
    """Count one request of a person, or of an address before there is one.

    Raises:
        RateLimited: with the seconds to wait.
    """
    key = str(who.user_id) if isinstance(who, Principal) else f"address:{who}"
    wait = limiter.hit(limit.rule, limit.value[0], key)
    if wait is not None:
        raise RateLimited(wait)


def check_failures(email: str, address: str) -> None:
    """Whether a password may be tried. Counted for the pair of account and address, whether or not the account exists:
    a stranger elsewhere can lock out nobody but themselves.

    Raises:
        TooManyFailures: with the seconds to wait.
    """
    wait = limiter.wait(_FAILURES, "failures", _pair(email, address))
    if wait is not None:
        raise TooManyFailures(wait)


def count_failure(email: str, address: str) -> None:
    limiter.hit(_FAILURES, "failures", _pair(email, address))


def forget_failures(email: str, address: str) -> None:
    """The right password was given, or a new one was set."""
    limiter.clear(_FAILURES, "failures", _pair(email, address))


def check_codes(user_id: UUID) -> None:
    """Whether a code of the second factor may be tried. Counted by account alone: only whoever knows its password gets
    this far, so nobody else can use them up, and many addresses give no more guesses than one.

    Raises:
        RateLimited: with the seconds to wait.
    """
    wait = limiter.wait(_CODES, "codes", str(user_id))
    if wait is not None:
        raise RateLimited(wait)


def count_wrong_code(user_id: UUID) -> None:
    limiter.hit(_CODES, "codes", str(user_id))


def may_write_to(email: str) -> bool:
    """Count one letter to this address; no when it had several within the hour already."""
    return limiter.hit(_LETTERS, "letters", _digest(email)) is None


def _pair(email: str, address: str) -> str:
    return f"{_digest(email)}:{address}"


def _digest(email: str) -> str:
    """Emails have any length and stay out of keys."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]
