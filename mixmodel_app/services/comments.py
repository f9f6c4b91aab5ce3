"""What people note on a run for each other."""

from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import FieldError, InvalidInput, NotAllowed
from mixmodel_app.storage import models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.repositories import comments as repository
from mixmodel_app.storage.repositories import runs as runs_repository

LONGEST = 4_000


def of_run(principal: Principal, run_id: UUID) -> list[dict[str, Any]]:
    """All comments on a run, the oldest first."""
    with transaction(principal) as session:
        runs_repository.head(session, principal, run_id)
        return [_to_json(principal, comment) for comment in repository.of_run(session, principal, run_id)]


def add(principal: Principal, run_id: UUID, text: str) -> dict[str, Any]:
    """Note something on a run; every member may, viewers only read.

    Raises:
        InvalidInput: the text is empty or longer than 4,000 characters.
    """
    principal.require(Role.MEMBER)
    said = text.replace("\0", "").strip()
    if not 1 <= len(said) <= LONGEST:
        problem = f"must have 1 to {LONGEST:,} characters"
        raise InvalidInput(f"A comment {problem}.", errors=(FieldError("text", problem),))
    comment = models.Comment(
        workspace_id=principal.workspace_id,
        run_id=run_id,
        author_id=principal.user_id,
        author_name=principal.full_name,
        text=said,
    )
    with transaction(principal) as session:
        runs_repository.head(session, principal, run_id)
        session.add(comment)
    return _to_json(principal, comment)


def delete(principal: Principal, comment_id: UUID) -> None:
    """Take a comment away: one's own, or as an admin anyone's; viewers only read."""
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        comment = repository.get(session, principal, comment_id)
        if comment.author_id != principal.user_id and principal.role is not Role.ADMIN:
            raise NotAllowed("This comment is somebody else's.", hint="Its author or an admin can delete it.")
        session.delete(comment)


def _to_json(principal: Principal, comment: models.Comment) -> dict[str, Any]:
    mine = comment.author_id == principal.user_id and principal.role is not Role.VIEWER
    return {
        "id": str(comment.id),
        "run_id": str(comment.run_id),
        "author": comment.author_name,
        "text": comment.text,
        "may_delete": mine or principal.role is Role.ADMIN,
        "created_at": comment.created_at.isoformat(),
    }
