"""Cursor pagination over time-ordered ids: newest first, stable while rows are added."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.storage.models import AuditEvent, Dataset, ModelRun, Scenario

MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some rows and the cursor of the next ones, None at the end."""

    items: list[T]
    next_cursor: str | None


def newest_first[T: (AuditEvent, Dataset, ModelRun, Scenario)](
    session: Session, query: SelectOfScalar[T], model: type[T], limit: int, cursor: str | None
) -> Page[T]:
    """A page of at most `limit` rows (1 to 100) that are older than `cursor`, the id of the last row seen."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(
            f"limit must be from 1 to {MAX_LIMIT}.", errors=(FieldError("limit", f"must be from 1 to {MAX_LIMIT}"),)
        )
    if cursor:
        query = query.where(col(model.id) < _as_id(cursor))
    rows = list(session.exec(query.order_by(col(model.id).desc()).limit(limit + 1)).all())
    more = len(rows) > limit
    items = rows[:limit]
    return Page(items, str(items[-1].id) if more else None)


def _as_id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise InvalidInput(
            "cursor is not one that a listing gave.", errors=(FieldError("cursor", "is not valid"),)
        ) from None
