"""Datasets of a workspace."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.dataset import DatasetStatus
from mixmodel_app.storage.models import Dataset
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import get_scoped, scoped


def get(session: Session, principal: Principal, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    return get_scoped(session, Dataset, principal, dataset_id, lock=lock)


def page(session: Session, principal: Principal, limit: int, cursor: str | None) -> Page[Dataset]:
    return newest_first(session, scoped(Dataset, principal), Dataset, limit, cursor)


def every(session: Session, principal: Principal) -> list[Dataset]:
    """All datasets, the oldest first."""
    return list(session.exec(scoped(Dataset, principal).order_by(col(Dataset.id))).all())


def count(session: Session, principal: Principal) -> int:
    return session.exec(select(func.count()).select_from(scoped(Dataset, principal).subquery())).one()


def sample(session: Session, principal: Principal) -> Dataset | None:
    """The workspace's copy of the sample dataset, if it has one."""
    return session.exec(scoped(Dataset, principal).where(col(Dataset.is_sample))).first()


def newest_checked(session: Session, principal: Principal, header_signature: str) -> Dataset | None:
    """The newest dataset with this header whose roles a person has confirmed."""
    query = scoped(Dataset, principal).where(
        col(Dataset.header_signature) == header_signature,
        col(Dataset.status) != DatasetStatus.UPLOADED.value,
        ~col(Dataset.is_sample),
    )
    return session.exec(query.order_by(col(Dataset.created_at).desc(), col(Dataset.id).desc())).first()


def newest_version(session: Session, principal: Principal, dataset_id: UUID) -> Dataset:
    """The last of the versions that follow a dataset, itself when none does; of several branches the newest."""
    found = get(session, principal, dataset_id)
    while True:
        query = scoped(Dataset, principal).where(col(Dataset.previous_id) == found.id)
        after = session.exec(query.order_by(col(Dataset.created_at).desc(), col(Dataset.id).desc())).first()
        if after is None:
            return found
        found = after
