"""No query on a table of a workspace can forget its workspace: such queries are written in a few files only."""

import ast
from pathlib import Path

import pytest

from tests.architecture.app_parts import CODE, name, python_files, tree

TENANT_MODELS = {"Dataset", "ModelRun", "Scenario", "Share", "Comment", "User", "Invitation", "AuditEvent"}

MAY_QUERY = {
    "mixmodel_app/storage/repositories/leases.py": "the worker and the janitor serve all workspaces, by id and lease",
    "mixmodel_app/storage/repositories/accounts.py": "sign-in finds a person before there is a workspace",
    "mixmodel_app/storage/repositories/shares.py": "whoever opens a link has no workspace; its token names one row",
    "mixmodel_app/storage/repositories/dispatch.py": "the line goes round between workspaces; or by workspace",
    "workers/janitor.py": "failed sign-ins that belong to no account, so to no workspace",
    "mixmodel_app/storage/repositories/invitations.py": "whoever accepts one is not in the workspace; or by workspace",
    "mixmodel_app/storage/repositories/sweep.py": "the janitor keeps the files of all workspaces; only keys are read",
    "mixmodel_app/storage/repositories/retention.py": "the operator's rule is about the runs of all workspaces",
    "mixmodel_app/storage/repositories/headlines.py": "the janitor serves all workspaces, run by run",
}

MAY_TALK_SQL = {
    "mixmodel_app/storage/repositories/scoping.py": "executes what it has scoped",
    "mixmodel_app/storage/repositories/leases.py": "by id and lease",
    "mixmodel_app/storage/repositories/accounts.py": "people and their sign-ins",
    "mixmodel_app/storage/repositories/dispatch.py": "by workspace, or only costs and places of everyone",
    "mixmodel_app/storage/repositories/datasets.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/runs.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/shares.py": "starts from scoped(), or from the hash of a token",
    "mixmodel_app/storage/repositories/members.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/audit_log.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/invitations.py": "starts from scoped(), or from the hash of a token",
    "mixmodel_app/storage/repositories/comments.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/scenarios.py": "starts from scoped()",
    "mixmodel_app/storage/repositories/sweep.py": "keys of files, for the janitor",
    "mixmodel_app/storage/repositories/personal_tokens.py": "by the hash of a token, or by person",
    "mixmodel_app/storage/repositories/retention.py": "old runs, for the janitor",
    "mixmodel_app/storage/repositories/headlines.py": "runs of older versions, for the janitor",
    "mixmodel_app/storage/dump.py": "copies whole tables for backup and restore",
    "mixmodel_app/storage/repositories/pages.py": "adds order and limit to a query that it is given",
    "mixmodel_app/storage/inspection.py": "what the server says of itself",
    "mixmodel_app/storage/db.py": "SELECT 1 of the health check, and how far the log has come",
    "mixmodel_app/local/postgres.py": "makes the role and the database of the embedded server",
    "workers/janitor.py": "an advisory lock, and expired sign-ins of everyone",
}

MAY_ACT_FOR_ALL = {
    "mixmodel_app/services/personal_tokens.py": "a token says itself which person and workspace it is for",
    "mixmodel_app/services/accounts.py": "sign-in finds a person before there is a workspace",
    "mixmodel_app/services/dispatch.py": "a place in the line depends on the runs of all workspaces",
    "mixmodel_app/services/credentials.py": "a wrong password is noted for whoever it was",
    "mixmodel_app/services/headlines.py": "the janitor brings those of all workspaces up to date",
    "mixmodel_app/services/identities.py": "a person comes from the provider, before there is a workspace",
    "mixmodel_app/services/doctor/people.py": "the doctor asks whether an operator has an account",
    "mixmodel_app/services/invitations.py": "whoever opens one is not in the workspace",
    "mixmodel_app/services/members.py": "who leaves or joins goes from one workspace to another; their sign-ins end",
    "mixmodel_app/services/recovery.py": "links for new passwords and sign-ins belong to a person, not a workspace",
    "mixmodel_app/services/retention.py": "the operator's rule is about the runs of all workspaces",
    "mixmodel_app/services/sample.py": "makes the sample's account, and finds it by its email",
    "mixmodel_app/services/second_factor.py": "belongs to a person",
    "mixmodel_app/services/sessions.py": "belong to a person",
    "mixmodel_app/services/shares.py": "whoever opens a link has no workspace; its token names one row",
    "mixmodel_app/storage/inspection.py": "asks the server of itself, no table of ours",
    "workers/fit_run.py": "by id and lease",
    "workers/reporter.py": "by id and lease",
    "workers/janitor.py": "tidies all workspaces",
    "workers/lease.py": "by id and lease",
    "workers/recovery.py": "looks after the runs of all workspaces",
    "workers/sweep.py": "keeps the files of all workspaces",
}
"""Where the database is asked across all workspaces (`system_transaction`), past its row-level security."""

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


def for_all(path: Path) -> list[int]:
    """Lines that start a unit of work across all workspaces, or take the engine itself out of `storage.db`."""
    nodes = list(ast.walk(tree(path)))
    calls = [node.lineno for node in nodes if isinstance(node, ast.Call) and _called(node) == "system_transaction"]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "mixmodel_app.storage.db"]
    engines = [node.lineno for node in imports if {"engine", "replica_engine"} & {alias.name for alias in node.names}]
    through = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("engine", "replica_engine")]
    named = [node.lineno for node in through if isinstance(node.value, ast.Name) and node.value.id == "db"]
    return sorted(calls + engines + named)


@pytest.mark.parametrize("path", python_files(*CODE), ids=name)
def test_only_known_places_act_for_all_workspaces(path: Path) -> None:
    if name(path) not in {*MAY_ACT_FOR_ALL, "mixmodel_app/storage/db.py"}:
        assert not for_all(path), f"{name(path)}:{for_all(path)}: use transaction(principal)"


def test_the_lists_name_only_files_that_need_it() -> None:
    files = {name(path): path for path in python_files(*CODE)}
    assert [entry for entry in MAY_ACT_FOR_ALL if not for_all(files[entry])] == []
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
    for entry in ("datasets", "runs", "scenarios", "members", "audit_log"):
        path = next(p for p in python_files("mixmodel_app/storage") if p.name == f"{entry}.py" and "repos" in name(p))
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef):
                called = {_called(call) for call in ast.walk(node) if isinstance(call, ast.Call)}
                assert called & {"scoped", "get_scoped"}, f"{name(path)}: {node.name} does not start from scoped(…)"
