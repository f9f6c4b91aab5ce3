"""Who is asking and from where: roles, and the principal that every service takes first."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from mixmodel_app.domain.errors import NotAllowed, ScopeTooNarrow, TokenRefused
from mixmodel_app.domain.preferences import Preferences


class Role(StrEnum):
    """What a person may do in a workspace; each role includes the ones below it."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return (Role.VIEWER, Role.MEMBER, Role.ADMIN).index(self)


class TokenScope(StrEnum):
    """What a personal token may do of what its owner may; `write` includes `read`."""

    READ = "read"
    WRITE = "write"

    def covers(self, other: "TokenScope") -> bool:
        return self is TokenScope.WRITE or other is TokenScope.READ


@dataclass(frozen=True, slots=True)
class TokenUse:
    """The personal token that a request comes with."""

    name: str
    scope: TokenScope


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from, before it is known whose it is."""

    address: str = ""
    user_agent: str = ""


INSIDE = Client()
"""MixModel itself: a command, or the sample."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person in their workspace, with how numbers are shown there.

    `address` is where this request comes from, "" inside MixModel. `token` is the personal token that stands for the
    person, None when they are signed in themselves.
    """

    user_id: UUID
    workspace_id: UUID
    role: Role
    email: str
    full_name: str
    session_id: UUID | None = None
    address: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    token: TokenUse | None = None

    @property
    def client(self) -> Client:
        """Where this request comes from."""
        return Client(self.address)

    def require(self, role: Role) -> None:
        """Raise `NotAllowed` unless this person holds `role` or a higher one."""
        if self.role.rank < role.rank:
            raise NotAllowed(
                f"This needs the role {role}; yours is {self.role}.",
                hint="Ask an admin of your workspace.",
            )

    def require_person(self) -> None:
        """Raise `TokenRefused` when a personal token stands for the person."""
        if self.token is not None:
            raise TokenRefused(
                "A personal token cannot do this.",
                hint="Sign in for it: accounts, people, tokens, the audit log and the workspace itself are for people.",
            )

    def require_scope(self, scope: TokenScope) -> None:
        """Raise `ScopeTooNarrow` when a personal token stands for the person and does not cover `scope`."""
        if self.token is not None and not self.token.scope.covers(scope):
            raise ScopeTooNarrow(
                f"This needs a token with the scope {scope}; that of this one is {self.token.scope}.",
                hint="Make another on the account page.",
            )
