"""The second wall between workspaces: with the queries' own filter taken away, the database still refuses."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, SQLModel, select

from mixmodel_app.config import TENANT_ROLE
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.storage import repositories
from mixmodel_app.storage.db import engine, reading, system_transaction, transaction
from mixmodel_app.storage.models import AuditEvent, Comment, Dataset, ModelRun, User, Workspace
from tests.integration.scenes import Account

ALL = {table.name: table for table in SQLModel.metadata.sorted_tables}
OF_A_WORKSPACE = sorted({name for name, table in ALL.items() if "workspace_id" in table.c} | {"workspaces"})
OF_NOBODY = sorted(set(ALL) - set(OF_A_WORKSPACE))


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scoping helper without its filter, in every module that uses it."""

    def scoped(model: Any, _principal: Principal) -> Any:
        return select(model)

    def get_scoped(session: Session, model: Any, _principal: Principal, row_id: UUID, *, lock: bool = False) -> Any:
        row = session.exec(select(model).where(model.id == row_id)).first()
        if row is None:
            raise NotFound("Nothing.")
        return row

    replaced = 0
    for found in pkgutil.iter_modules(repositories.__path__):
        module = importlib.import_module(f"{repositories.__name__}.{found.name}")
        for name, replacement in (("scoped", scoped), ("get_scoped", get_scoped)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, replacement)
                replaced += 1
    assert replaced > 10


@pytest.fixture
def dataset_id(finished: tuple[str, str]) -> str:
    return finished[0]


@pytest.fixture
def run_id(finished: tuple[str, str]) -> str:
    return finished[1]


@pytest.mark.parametrize("table", OF_A_WORKSPACE)
def test_each_table_of_a_workspace_has_the_policy(clean: None, table: str) -> None:
    with engine().connect() as connection:
        secured = connection.scalar(text("SELECT relrowsecurity FROM pg_class WHERE oid = :t ::regclass"), {"t": table})
        policy = connection.execute(
            text("SELECT roles, cmd, qual, with_check FROM pg_policies WHERE tablename = :t"), {"t": table}
        ).one()
    assert secured, f"{table}: enable row-level security in its migration, as 0011 does"
    assert policy.roles in ([TENANT_ROLE], f"{{{TENANT_ROLE}}}")
    assert policy.cmd == "ALL"
    assert "mixmodel.workspace" in policy.qual
    assert policy.with_check == policy.qual


@pytest.mark.parametrize("table", OF_NOBODY)
def test_a_request_cannot_even_look_at_tables_of_no_workspace(ann: Account, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(ann.principal) as session:
        session.connection().execute(text(f'SELECT * FROM "{table}"'))


def test_without_the_filter_lists_hold_only_what_is_ones_own(
    ann: Account, bob: Account, dataset_id: str, unfiltered: None
) -> None:
    own = bob.ready_dataset()
    with system_transaction() as session:
        assert len(session.exec(select(Dataset)).all()) == 2  # so the filter really is gone
    listed = bob.get("/api/datasets").json()
    assert [row["id"] for row in listed] == [own]
    assert bob.get("/api/models").json() == []
    assert bob.get("/api/workspace/stats").json()["total_datasets"] == 1
    assert [row["email"] for row in bob.get("/api/workspace/members").json()] == ["bob@example.com"]
    assert {row["actor"] for row in bob.get("/api/workspace/audit").json()} == {"bob@example.com"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/datasets/{dataset}"),
        ("GET", "/api/datasets/{dataset}/preview"),
        ("POST", "/api/datasets/{dataset}/validate"),
        ("DELETE", "/api/datasets/{dataset}"),
        ("GET", "/api/models/{run}"),
        ("GET", "/api/models/{run}/progress"),
        ("GET", "/api/models/{run}/results"),
        ("GET", "/api/models/{run}/artifact"),
        ("GET", "/api/models/{run}/report.pdf"),
        ("GET", "/api/models/{run}/comments"),
        ("POST", "/api/models/{run}/cancel"),
        ("DELETE", "/api/models/{run}"),
    ],
)
def test_without_the_filter_a_foreign_thing_still_does_not_exist(
    method: str, path: str, ann: Account, bob: Account, dataset_id: str, run_id: str, unfiltered: None
) -> None:
    where = path.format(dataset=dataset_id, run=run_id)
    assert bob.call(method, where).status_code == 404
    if method == "GET":
        assert ann.call(method, where).status_code == 200  # so it is there, and the path is right


def test_rows_of_others_are_neither_changed_nor_deleted(ann: Account, bob: Account, dataset_id: str) -> None:
    with transaction(bob.principal) as session:
        assert session.exec(update(Dataset).values(filename="mine.csv")).rowcount == 0
        assert session.exec(delete(ModelRun)).rowcount == 0
        assert session.exec(delete(Workspace).where(Workspace.id == ann.principal.workspace_id)).rowcount == 0  # pyright: ignore[reportArgumentType]
    assert ann.get(f"/api/datasets/{dataset_id}").json()["filename"] != "mine.csv"


def _foreign_rows(ann: Principal, run_id: str) -> list[SQLModel]:
    place = ann.workspace_id
    return [
        Dataset(workspace_id=place, filename="x.csv", s3_key="x", table_key="x"),
        Comment(workspace_id=place, run_id=UUID(run_id), author_name="Bob", text="was here"),
        AuditEvent(workspace_id=place, action="signed_in"),
    ]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_nothing_is_put_into_the_workspace_of_others(ann: Account, bob: Account, run_id: str, which: int) -> None:
    row = _foreign_rows(ann.principal, run_id)[which]
    with pytest.raises(ProgrammingError, match="row-level security"), transaction(bob.principal) as session:
        session.add(row)


def test_nobody_moves_themselves_into_another_workspace(ann: Account, bob: Account) -> None:
    moves = update(User).values(workspace_id=ann.principal.workspace_id)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction(bob.principal) as session:
        session.exec(moves)


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET actor = ''", "DELETE FROM audit_events"])
def test_no_request_rewrites_the_audit_log(ann: Account, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(ann.principal) as session:
        session.connection().execute(text(statement))


def _who(session: Session) -> tuple[str, str]:
    return tuple(
        session.connection().execute(text("SELECT current_user, current_setting('mixmodel.workspace', true)")).one()
    )


@pytest.mark.parametrize("unit", [transaction, reading])
def test_a_commit_on_the_way_does_not_lift_the_wall(ann: Account, unit: Callable[..., Any]) -> None:
    confined = (TENANT_ROLE, str(ann.principal.workspace_id))
    with unit(ann.principal) as session:
        assert _who(session) == confined
        session.commit()
        assert _who(session) == confined
        session.rollback()
        assert _who(session) == confined
        with session.begin_nested():
            assert _who(session) == confined


def test_a_connection_is_given_back_as_it_was(ann: Account) -> None:
    principal = ann.principal
    engine().dispose()  # an empty pool, so that the next two are one connection
    with transaction(principal) as session:
        pid = session.connection().scalar(text("SELECT pg_backend_pid()"))
    with system_transaction() as session:
        assert session.connection().scalar(text("SELECT pg_backend_pid()")) == pid  # the same one
        role, workspace = _who(session)
    assert role != TENANT_ROLE
    assert not workspace


def test_the_role_without_a_workspace_sees_nothing(ann: Account, dataset_id: str) -> None:
    with engine().begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {TENANT_ROLE}"))
        for table in OF_A_WORKSPACE:
            assert connection.scalar(text(f'SELECT count(*) FROM "{table}"')) == 0
