"""Kept budget plans of a workspace."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import ModelRun, Scenario
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, scenario_id: UUID, *, lock: bool = False) -> Scenario:
    return get_scoped(session, Scenario, principal, scenario_id, lock=lock)


def page(
    session: Session, principal: Principal, limit: int, cursor: str | None, dataset_id: UUID | None = None
) -> Page[Scenario]:
    """A page of scenarios, of the runs of one dataset if given."""
    query = scoped(Scenario, principal)
    if dataset_id is not None:
        query = query.where(Scenario.dataset_id == dataset_id)
    return newest_first(session, query, Scenario, limit, cursor)


def newest_runs(session: Session, principal: Principal, dataset_ids: set[UUID]) -> dict[UUID, UUID]:
    """The newest completed run of each of these datasets."""
    rows = scoped(ModelRun, principal).where(ModelRun.status == RunStatus.COMPLETED.value).subquery()
    ranked = select(
        rows.c.dataset_id,
        rows.c.id,
        func.row_number().over(partition_by=rows.c.dataset_id, order_by=rows.c.id.desc()).label("place"),
    ).where(col(rows.c.dataset_id).in_(dataset_ids))
    found = ranked.subquery()
    newest = session.exec(select(found.c.dataset_id, found.c.id).where(found.c.place == 1)).all()
    return {dataset_id: run_id for dataset_id, run_id in newest}  # noqa: C416 (rows, not tuples)
