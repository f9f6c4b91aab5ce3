"""Datasets of a workspace."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.storage.models import Dataset
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    return get_scoped(session, Dataset, principal, dataset_id, lock=lock)


def page(session: Session, principal: Principal, limit: int, cursor: str | None) -> Page[Dataset]:
    return newest_first(session, scoped(Dataset, principal), Dataset, limit, cursor)


def count(session: Session, principal: Principal) -> int:
    return session.exec(select(func.count()).select_from(scoped(Dataset, principal).subquery())).one()


def sample(session: Session, principal: Principal) -> Dataset | None:
    """The workspace's copy of the sample dataset, if it has one."""
    return session.exec(scoped(Dataset, principal).where(col(Dataset.is_sample))).first()
