"""The worker's and the janitor's side of a run: leases instead of a principal.

A job claims its row and gets a token. Every later write names the token, so that a late orphan, whose lease went to
another attempt, changes nothing: its update matches no row.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.storage.models import WITHOUT_RESULTS, Dataset, ModelRun, now

STALE_AFTER = timedelta(seconds=20)
MAX_ATTEMPTS = 3


def claim(session: Session, run_id: UUID, attempt: int) -> ModelRun | None:
    """Take a queued run for this attempt; None when it was cancelled, deleted or taken by another."""
    values = {
        "status": RunStatus.RUNNING.value,
        "stage": Stage.LOADING.value,
        "lease_token": uuid4(),
        "heartbeat_at": now(),
        "started_at": now(),
        "error_message": None,
        "results": None,
        "draws_key": None,
        "model_artifact_s3_key": None,
    }
    statement = (
        update(ModelRun)
        .where(
            col(ModelRun.id) == run_id,
            col(ModelRun.attempt) == attempt,
            col(ModelRun.status) == RunStatus.QUEUED.value,
        )
        .values(values)
    )
    if not _changed(session, statement):
        return None
    return session.exec(select(ModelRun).where(ModelRun.id == run_id)).one()


def write(session: Session, run_id: UUID, lease: UUID, **values: Any) -> bool:
    """Change the row while the lease holds; False when it no longer does."""
    statement = (
        update(ModelRun)
        .where(
            col(ModelRun.id) == run_id,
            col(ModelRun.lease_token) == lease,
            col(ModelRun.status) == RunStatus.RUNNING.value,
        )
        .values(heartbeat_at=now(), **values)
    )
    return _changed(session, statement)


def wants_stop(session: Session, run_id: UUID, lease: UUID) -> bool:
    """Whether the holder of the lease must stop: a person cancelled, or the lease or the row is gone."""
    row = session.exec(
        select(ModelRun.cancel_requested, ModelRun.lease_token, ModelRun.status).where(ModelRun.id == run_id)
    ).first()
    return row is None or row[0] or row[1] != lease or row[2] != RunStatus.RUNNING.value


def dataset_of(session: Session, run: ModelRun) -> Dataset:
    """The dataset of a run, of the run's own workspace."""
    return session.exec(
        select(Dataset).where(Dataset.id == run.dataset_id, Dataset.workspace_id == run.workspace_id)
    ).one()


def by_id(session: Session, run_id: UUID) -> ModelRun | None:
    """A run for the worker or the janitor, without its results, locked against others."""
    query = select(ModelRun).options(WITHOUT_RESULTS).where(ModelRun.id == run_id)
    return session.exec(query.with_for_update()).first()


def unfinished(session: Session) -> list[ModelRun]:
    """All runs that are queued or running, oldest first."""
    open_states = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)
    query = select(ModelRun).options(WITHOUT_RESULTS).where(col(ModelRun.status).in_(open_states))
    return list(session.exec(query.order_by(col(ModelRun.id))).all())


def is_stale(run: ModelRun, at: datetime) -> bool:
    """Whether a running run has not been heard of for too long."""
    return run.heartbeat_at is None or at - run.heartbeat_at > STALE_AFTER


def _changed(session: Session, statement: Any) -> bool:
    result = session.exec(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
