"""Old runs that nobody holds on to, of all workspaces, for the janitor."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import WITHOUT_RESULTS, Comment, ModelRun, Scenario, Share

_ENDED = tuple(status.value for status in RunStatus if status.is_final)


def expired(session: Session, before: datetime, keep: int, *, only_models: bool, limit: int) -> list[UUID]:
    """Runs that ended before a time and may go, the oldest first.

    Never one of the sample, nor one with a kept plan, a comment, or a link that still works, nor one of the `keep`
    newest finished runs of its dataset.

    Args:
        only_models: only runs that still have their model file, and none is held by plans, comments or links.
    """
    place = func.row_number().over(partition_by=col(ModelRun.dataset_id), order_by=col(ModelRun.id).desc())
    finished = select(ModelRun.id, place.label("place")).where(ModelRun.status == RunStatus.COMPLETED.value).subquery()
    newest = select(finished.c.id).where(finished.c.place <= keep)
    ended = func.coalesce(ModelRun.completed_at, ModelRun.created_at)
    query = select(ModelRun.id).where(
        col(ModelRun.status).in_(_ENDED), ended < before, ~col(ModelRun.is_sample), col(ModelRun.id).not_in(newest)
    )
    if only_models:
        query = query.where(col(ModelRun.model_artifact_s3_key).is_not(None))
    else:
        query = query.where(*(col(ModelRun.id).not_in(held) for held in _held()))
    return list(session.exec(query.order_by(col(ModelRun.id)).limit(limit)).all())


def locked(session: Session, run_id: UUID, *, only_models: bool) -> ModelRun | None:
    """A run that is about to go, held against others; None when it has gone, or is held on to since."""
    query = select(ModelRun).options(WITHOUT_RESULTS).where(ModelRun.id == run_id)
    if not only_models:
        query = query.where(*(col(ModelRun.id).not_in(held) for held in _held()))
    return session.exec(query.with_for_update()).first()


def _held() -> tuple[SelectOfScalar[UUID], ...]:
    """Queries for the runs that somebody holds on to."""
    works = or_(col(Share.revoked_at).is_(None), col(Share.revoked_at) > func.now())
    return (
        select(Scenario.run_id),
        select(Comment.run_id),
        select(Share.run_id).where(works, col(Share.expires_at) > func.now()),
    )
