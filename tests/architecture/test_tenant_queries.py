"""No query on a table of a workspace can forget its workspace: such queries are written in a few files only."""

import ast
from pathlib import Path

import pytest

from tests.architecture.app_parts import CODE, name, python_files, tree

TENANT_MODELS = {"Dataset", "ModelRun", "User"}

MAY_QUERY = {
    "mixmodel_app/storage/repositories/leases.py": "the worker and the janitor serve all workspaces, by id and lease",
    "mixmodel_app/storage/repositories/accounts.py": "sign-in finds a person before there is a workspace",
}

MAY_TALK_SQL = {
    "mixmodel_app/storage/repositories/scoping.py": "executes what it has scoped",
    "mixmodel_app/storage/repositories/leases.py": "by id and lease",
    "mixmodel_app/storage/repositories/accounts.py": "people and their sign-ins",
    "mixmodel_app/storage/repositories/datasets.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/runs.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/pages.py": "adds order and limit to a query that it is given",
    "mixmodel_app/storage/db.py": "SELECT 1 of the health check",
    "mixmodel_app/local/postgres.py": "makes the role and the database of the embedded server",
    "workers/janitor.py": "an advisory lock, and expired sign-ins of everyone",
}

_STATEMENTS = {"select", "update", "delete", "insert"}
_EXECUTING = {"exec", "execute", "scalars", "scalar"}


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _models_in(call: ast.Call) -> set[str]:
    names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)}
    return names & TENANT_MODELS


def queries(path: Path) -> list[int]:
    """Lines of a file that build a statement on a tenant model, or get one of its rows by primary key."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    built = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in _STATEMENTS]
    by_key = [call for call in calls if _called(call) == "get" and call.args and isinstance(call.args[0], ast.Name)]
    return sorted(call.lineno for call in (*built, *by_key) if _models_in(call))


def executions(path: Path) -> list[int]:
    """Lines that hand something to the database."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in _EXECUTING]


@pytest.mark.parametrize("path", python_files(*CODE), ids=name)
def test_tenant_tables_are_queried_in_known_places(path: Path) -> None:
    if name(path) not in MAY_QUERY:
        assert not queries(path), f"{name(path)}:{queries(path)}: start from scoped(…), which adds the workspace"
    if name(path) not in MAY_TALK_SQL:
        assert not executions(path), f"{name(path)}:{executions(path)}: SQL belongs into storage/repositories"


def test_the_lists_name_only_files_that_need_it() -> None:
    files = {name(path): path for path in python_files(*CODE)}
    assert [entry for entry in MAY_QUERY if not queries(files[entry])] == []
    assert [entry for entry in MAY_TALK_SQL if not executions(files[entry])] == []


@pytest.mark.parametrize(
    "line",
    [
        "select(Dataset)",
        "select(models.Dataset).where(x)",
        "update(ModelRun).values(a=1)",
        "delete(User)",
        "select(func.count(col(User.id)))",
        "session.get(ModelRun, run_id)",
    ],
)
def test_a_bare_query_is_seen(tmp_path: Path, line: str) -> None:
    file = tmp_path / "anything.py"
    file.write_text(f"x = {line}\n")
    assert queries(file) == [1]


def test_repositories_give_lists_only_from_scoped_queries() -> None:
    for entry in ("datasets", "runs"):
        path = next(p for p in python_files("mixmodel_app/storage") if p.name == f"{entry}.py" and "repos" in name(p))
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef):
                called = {_called(call) for call in ast.walk(node) if isinstance(call, ast.Call)}
                assert called & {"scoped", "get_scoped"}, f"{name(path)}: {node.name} does not start from scoped(…)"
