"""Who is asking: roles and the principal that every service takes first."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mixmodel_app.domain.errors import NotAllowed


class Role(StrEnum):
    """What a person may do in a workspace; each role includes the ones below it."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return (Role.VIEWER, Role.MEMBER, Role.ADMIN).index(self)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person in their workspace."""

    user_id: UUID
    workspace_id: UUID
    role: Role
    email: str
    full_name: str
    session_id: UUID | None = None

    def require(self, role: Role) -> None:
        """Raise `NotAllowed` unless this person holds `role` or a higher one."""
        if self.role.rank < role.rank:
            raise NotAllowed(
                f"This needs the role {role}; yours is {self.role}.",
                hint="Ask an admin of your workspace.",
            )
