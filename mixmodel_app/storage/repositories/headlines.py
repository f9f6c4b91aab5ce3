"""What is kept beside the results of runs of all workspaces, for the janitor, who brings it up to date."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, or_, select

from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import ModelRun


def outdated(session: Session, version: str, newest: int, limit: int) -> list[UUID]:
    """Finished runs among the `newest` of their workspace without a headline of this version.

    The newest run of each workspace comes before the second of any.
    """
    place = func.row_number().over(partition_by=col(ModelRun.workspace_id), order_by=col(ModelRun.id).desc())
    query = select(ModelRun.id, ModelRun.headline, place.label("place"))
    rows: Any = query.where(ModelRun.status == RunStatus.COMPLETED.value).subquery()
    kept = rows.c.headline["version"].as_string()
    wanted = select(rows.c.id).where(rows.c.place <= newest, or_(kept.is_(None), kept != version))
    return list(session.exec(wanted.order_by(rows.c.place, rows.c.id).limit(limit)).all())


def of_run(session: Session, run_id: UUID) -> tuple[dict[str, Any] | None, str | None] | None:
    """The results of a run and where its draws lie; None when it has gone."""
    row: Any = session.exec(select(ModelRun.results, ModelRun.draws_key).where(ModelRun.id == run_id)).first()
    return row


def keep(session: Session, run_id: UUID, headline: dict[str, Any]) -> None:
    """Write the headline of a finished run."""
    mine = update(ModelRun).where(col(ModelRun.id) == run_id, col(ModelRun.status) == RunStatus.COMPLETED.value)
    session.exec(mine.values(headline=headline))
