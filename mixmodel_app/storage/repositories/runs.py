"""Runs of a workspace, as people see them. The worker's side is in `leases`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, cast, literal_column
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.storage.models import WITHOUT_RESULTS, ModelRun
from mixmodel_app.storage.repositories.pages import Page, newest_first
from mixmodel_app.storage.repositories.scoping import get_scoped, missing, scoped

_ROW_VERSION = literal_column("model_runs.xmin::text::bigint", BigInteger).label("row_version")
"""The transaction that wrote the row as it is now."""


@dataclass(frozen=True, slots=True)
class ResultsHead:
    """Of a run in the workspace of whoever asked: whether it has results, which, and what is kept beside them.

    Attributes:
        row_version: another one after every change of the row.
        headline: `domain.headline.Headline` as JSON; None for a run of an older version.
    """

    id: UUID
    status: str
    draws_key: str | None
    row_version: int
    headline: dict[str, Any] | None

    @classmethod
    def read(cls, session: Session, query: SelectOfScalar[ModelRun]) -> "list[ResultsHead]":
        """Those of the runs of a query, the newest first, without their results."""
        rows: Any = query.add_columns(_ROW_VERSION).subquery()
        columns = (rows.c.id, rows.c.status, rows.c.draws_key, rows.c.row_version, rows.c.headline)
        found: Any = session.exec(select(*columns).order_by(rows.c.id.desc())).all()  # pyright: ignore[reportCallIssue]
        return [cls(*each) for each in found]

    @property
    def is_readable(self) -> bool:
        """Whether there are results to look at: all, or what a time limit left."""
        return self.status == RunStatus.COMPLETED.value or (
            self.status == RunStatus.FAILED.value and self.draws_key is not None
        )


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


def totals(session: Session, principal: Principal) -> tuple[int, int]:
    """How many runs there are, and how many of them are completed."""
    rows: Any = scoped(ModelRun, principal).subquery()
    completed = func.count().filter(rows.c.status == RunStatus.COMPLETED.value)
    found = session.exec(select(func.count(), completed).select_from(rows)).one()
    return found[0], found[1]


def results_head(session: Session, principal: Principal, run_id: UUID) -> ResultsHead:
    """What is known of a run's results; `NotFound` when it is not in the workspace."""
    query = scoped(ModelRun, principal).where(ModelRun.id == run_id)
    found = ResultsHead.read(session, query)
    if not found:
        raise missing(ModelRun)
    return found[0]


def latest_heads(session: Session, principal: Principal, limit: int) -> list[ResultsHead]:
    """What is known of the results of the newest finished runs."""
    query = scoped(ModelRun, principal).where(ModelRun.status == RunStatus.COMPLETED.value)
    return ResultsHead.read(session, query.order_by(col(ModelRun.id).desc()).limit(limit))


def results_text(session: Session, principal: Principal, run_id: UUID) -> str | None:
    """The results of a run as JSON text."""
    rows = scoped(ModelRun, principal).where(ModelRun.id == run_id).subquery()
    return session.exec(select(cast(rows.c.results, Text))).first()


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
