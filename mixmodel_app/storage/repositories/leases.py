"""The worker's and the janitor's side of a run: leases instead of a principal.

A job claims its row and gets a token. Every later write names the token, so that a late orphan, whose lease went to
another attempt, changes nothing: its update matches no row.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Row, and_, or_, update
from sqlmodel import Session, col, select

from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.storage.models import WITHOUT_RESULTS, Dataset, ModelRun, now


def claim(session: Session, run_id: UUID, attempt: int, lease: UUID) -> ModelRun | None:
    """Take a queued run for this attempt; None when it was cancelled, deleted or taken by another.

    The same lease may claim again: whether an earlier claim was written is not known when its answer was lost.
    """
    values = {
        "status": RunStatus.RUNNING.value,
        "stage": Stage.LOADING.value,
        "lease_token": lease,
        "heartbeat_at": now(),
        "started_at": now(),
        "error_message": None,
        "results": None,
        "headline": None,
        "draws_key": None,
        "model_artifact_s3_key": None,
    }
    statement = (
        update(ModelRun)
        .where(
            col(ModelRun.id) == run_id,
            col(ModelRun.attempt) == attempt,
            or_(
                col(ModelRun.status) == RunStatus.QUEUED.value,
                and_(col(ModelRun.status) == RunStatus.RUNNING.value, col(ModelRun.lease_token) == lease),
            ),
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


def has_completed(session: Session, run_id: UUID, lease: UUID) -> bool:
    """Whether the holder of this lease has completed the run: the answer to a write whose own answer was lost."""
    row = session.exec(select(ModelRun.status, ModelRun.lease_token).where(ModelRun.id == run_id)).first()
    return row is not None and row[0] == RunStatus.COMPLETED.value and row[1] == lease


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


def unfinished(session: Session) -> Sequence[Row[Any]]:
    """`id`, `status`, `attempt`, `heartbeat_at`, `cancel_requested`, `in_line_since` of all unfinished runs."""
    open_states = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)
    columns = (
        *(ModelRun.id, ModelRun.status, ModelRun.attempt, ModelRun.heartbeat_at),
        *(ModelRun.cancel_requested, ModelRun.in_line_since),
    )
    query = select(*columns).where(col(ModelRun.status).in_(open_states))  # pyright: ignore[reportCallIssue,reportArgumentType]
    return session.exec(query.order_by(col(ModelRun.id))).all()


def _changed(session: Session, statement: Any) -> bool:
    result = session.exec(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
