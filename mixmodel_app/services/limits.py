"""Request limits (API.md "Limits"), the same for API routes and event handlers."""

from enum import Enum

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import RateLimited
from mixmodel_app.storage import limiter


class Limit(Enum):
    """What is limited, with how often per minute."""

    LOGIN = ("login", 5)
    REGISTER = ("register", 5)
    REFRESH = ("refresh", 10)
    UPLOAD = ("upload", 10)
    VALIDATE = ("validate", 20)
    RUN = ("run", 5)
    OPTIMIZE = ("optimize", 20)
    PREVIEW = ("preview", 20)

    @property
    def rule(self) -> str:
        return f"{self.value[1]}/minute"


def hit(limit: Limit, who: Principal | str) -> None:
    """Count one request of a person, or of an address before there is one.

    Raises:
        RateLimited: with the seconds to wait.
    """
    key = str(who.user_id) if isinstance(who, Principal) else f"address:{who}"
    wait = limiter.hit(limit.rule, limit.value[0], key)
    if wait is not None:
        raise RateLimited(wait)
