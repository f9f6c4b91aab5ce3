"""The one door to tenant tables: every query starts here, so no query can forget its workspace."""

from uuid import UUID

from sqlmodel import Session, select
from sqlmodel.sql.expression import SelectOfScalar

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.storage.models import AuditEvent, Comment, Dataset, Invitation, ModelRun, Scenario, Share, User

type Tenant = Dataset | ModelRun | Scenario | Share | Comment | User | Invitation | AuditEvent

_NOUNS: dict[type[object], str] = {
    Dataset: "dataset",
    ModelRun: "run",
    Scenario: "scenario",
    Share: "link",
    Comment: "comment",
    User: "member",
    Invitation: "invitation",
    AuditEvent: "event",
}


def scoped[T: (Dataset, ModelRun, Scenario, Share, Comment, User, Invitation, AuditEvent)](
    model: type[T], principal: Principal
) -> SelectOfScalar[T]:
    """`SELECT` of the rows of `model` that belong to the principal's workspace."""
    return select(model).where(model.workspace_id == principal.workspace_id)


def get_scoped[T: (Dataset, ModelRun, Scenario, Share, Comment, User, Invitation, AuditEvent)](
    session: Session, model: type[T], principal: Principal, row_id: UUID, *, lock: bool = False
) -> T:
    """One row of the principal's workspace.

    Raises:
        NotFound: it does not exist or belongs to another workspace.
    """
    query = scoped(model, principal).where(model.id == row_id)
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None:
        raise missing(model)
    return row


def missing(model: type[object]) -> NotFound:
    """What to tell of a row that does not exist, or belongs to another workspace: which of them is not told."""
    return NotFound(f"There is no {_NOUNS[model]} with this id in your workspace.")
