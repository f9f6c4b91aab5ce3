"""Runs on their way to a worker: the backlog of one workspace, and what waits and works everywhere."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import WITHOUT_RESULTS, ModelRun

_OPEN = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)


def hold(session: Session, workspace_id: UUID) -> None:
    """Let nobody else send runs of this workspace into the line until the transaction ends."""
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"dispatch:{workspace_id}"}
    )


def held(session: Session, workspace_id: UUID) -> int:
    """How many runs of a workspace are in line or on a worker."""
    query = select(func.count()).select_from(ModelRun).where(ModelRun.workspace_id == workspace_id)
    in_line = col(ModelRun.in_line_since).is_not(None)
    return session.exec(query.where(col(ModelRun.status).in_(_OPEN), in_line)).one()


def backlog(session: Session, workspace_id: UUID, limit: int) -> list[ModelRun]:
    """The runs of a workspace that wait to get into the line: the most urgent first, then the oldest."""
    query = select(ModelRun).options(WITHOUT_RESULTS).where(ModelRun.workspace_id == workspace_id)
    waits = query.where(ModelRun.status == RunStatus.QUEUED.value, col(ModelRun.in_line_since).is_(None))
    order = (col(ModelRun.priority).desc(), col(ModelRun.id))
    return list(session.exec(waits.order_by(*order).limit(limit).with_for_update(skip_locked=True)).all())


def with_backlog(session: Session) -> list[UUID]:
    """Workspaces with a run that waits to get into the line."""
    query = select(ModelRun.workspace_id).where(
        ModelRun.status == RunStatus.QUEUED.value, col(ModelRun.in_line_since).is_(None)
    )
    return list(session.exec(query.distinct()).all())


def unfinished(session: Session) -> list[ModelRun]:
    """Every run that waits or works, of all workspaces: those in line in their order, then the backlog in its."""
    query = select(ModelRun).options(WITHOUT_RESULTS).where(col(ModelRun.status).in_(_OPEN))
    order = (col(ModelRun.in_line_since).nulls_last(), col(ModelRun.priority).desc(), col(ModelRun.id))
    return list(session.exec(query.order_by(*order)).all())
