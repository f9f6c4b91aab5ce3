"""Runs of a workspace, as people see them. The worker's side is in `leases`."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import WITHOUT_RESULTS, ModelRun
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, run_id: UUID, *, lock: bool = False) -> ModelRun:
    return get_scoped(session, ModelRun, principal, run_id, lock=lock)


def head(session: Session, principal: Principal, run_id: UUID) -> ModelRun:
    """One run without its results."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS).where(ModelRun.id == run_id)
    run = session.exec(query).first()
    return run if run is not None else get(session, principal, run_id)


def page(
    session: Session, principal: Principal, limit: int, cursor: str | None, dataset_id: UUID | None = None
) -> Page[ModelRun]:
    """A page of runs without their results, of one dataset if given."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS)
    if dataset_id is not None:
        query = query.where(ModelRun.dataset_id == dataset_id)
    return newest_first(session, query, ModelRun, limit, cursor)


def counts(session: Session, principal: Principal) -> dict[RunStatus, int]:
    """Number of runs by status."""
    rows = scoped(ModelRun, principal).subquery()
    found = session.exec(select(rows.c.status, func.count()).group_by(rows.c.status)).all()
    return {RunStatus(status): count for status, count in found}


def latest_completed(session: Session, principal: Principal, limit: int) -> list[ModelRun]:
    """The newest finished runs, with their results."""
    query = scoped(ModelRun, principal).where(ModelRun.status == RunStatus.COMPLETED.value)
    return list(session.exec(query.order_by(col(ModelRun.id).desc()).limit(limit)).all())


def failed(session: Session, principal: Principal, limit: int) -> list[ModelRun]:
    """The newest failed runs, without what they may have kept."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS).where(ModelRun.status == RunStatus.FAILED.value)
    return list(session.exec(query.order_by(col(ModelRun.id).desc()).limit(limit)).all())


def some(session: Session, principal: Principal, run_ids: list[UUID]) -> list[ModelRun]:
    """Those of these runs that belong to the workspace, without their results."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS)
    return list(session.exec(query.where(col(ModelRun.id).in_(run_ids))).all())


def identical(session: Session, principal: Principal, fingerprint: str) -> list[ModelRun]:
    """Finished runs of one fingerprint, the newest first."""
    query = (
        scoped(ModelRun, principal)
        .options(WITHOUT_RESULTS)
        .where(ModelRun.fingerprint == fingerprint, ModelRun.status == RunStatus.COMPLETED.value)
    )
    return list(session.exec(query.order_by(col(ModelRun.id).desc())).all())


def by_request_key(session: Session, principal: Principal, key: str) -> ModelRun | None:
    """The run that this person's request of this key started."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS)
    return session.exec(query.where(ModelRun.created_by == principal.user_id, ModelRun.request_key == key)).first()


def every(session: Session, principal: Principal) -> list[ModelRun]:
    """All runs, without their results, the oldest first."""
    return list(session.exec(scoped(ModelRun, principal).options(WITHOUT_RESULTS).order_by(col(ModelRun.id))).all())


def of_dataset(session: Session, principal: Principal, dataset_id: UUID) -> list[ModelRun]:
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS).where(ModelRun.dataset_id == dataset_id)
    return list(session.exec(query).all())


def sample(session: Session, principal: Principal) -> ModelRun | None:
    """The newest run on the sample dataset."""
    query = scoped(ModelRun, principal).options(WITHOUT_RESULTS).where(col(ModelRun.is_sample))
    return session.exec(query.order_by(col(ModelRun.id).desc()).limit(1)).first()
