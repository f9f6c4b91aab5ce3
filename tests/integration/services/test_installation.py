"""The page of the installation: what an admin sees, what an operator sees, and what nobody else's admin ever does."""

from collections.abc import Callable
from uuid import UUID

import pytest
from rq import Worker

from mixmodel_app.config import Settings, settings
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import NotAllowed
from mixmodel_app.services import installation, runs
from mixmodel_app.storage import pulse, queue, redis
from mixmodel_app.storage.objects import LocalStore, objects
from tests.integration.patients import setting
from tests.integration.scenes import Account, change_run, run_row

__all__ = ["setting"]


def at_work(run_id: str) -> None:
    """Enter a worker that fits this run into Redis, as RQ does."""
    worker = Worker(
        [queue.line(queue.QUICK)], connection=redis.raw_client(), serializer="json", name=f"worker-{run_id[-6:]}"
    )
    worker.register_birth()
    worker.prepare_execution(queue.line(queue.QUICK).fetch_job(queue.job_id(UUID(run_id), 1)))  # pyright: ignore[reportArgumentType]


def test_an_admin_sees_numbers_of_all_and_names_of_their_own(
    setting: Callable[..., Settings], ann: Account, bob: Account
) -> None:
    setting(OPERATORS="ops@example.com")
    mine, theirs = ann.start(ann.ready_dataset()), bob.start(bob.ready_dataset())
    change_run(mine, name="Spring plan")
    change_run(theirs, name="Secret launch")
    at_work(mine)
    at_work(theirs)
    pulse.beat(pulse.JANITOR)
    found = installation.overview(ann.principal)
    assert found.waiting == 2
    assert found.oldest_s > 0
    assert sorted((one.busy, one.run, one.run_id, one.place) for one in found.workers) == [
        (True, "", "", ""),
        (True, "Spring plan", mine, ""),
    ]
    assert found.checks == dict.fromkeys(("database", "redis", "storage", "worker", "janitor"), "ok")
    assert dict(found.versions).keys() >= {"MixModel", "Tables", "Postgres", "Valkey", "Python"}
    assert found.whole == ()
    assert "Secret launch" not in repr(found)
    assert theirs not in repr(found)


def test_an_operator_sees_all_of_it_and_still_no_name_of_another_workspace(
    setting: Callable[..., Settings], ann: Account, bob: Account
) -> None:
    setting(OPERATORS="someone@example.com, Ann@example.com")
    theirs = bob.start(bob.ready_dataset())
    change_run(theirs, name="Secret launch")
    at_work(theirs)
    found = installation.overview(ann.principal)
    [worker] = found.workers
    assert (worker.run, worker.run_id) == ("", theirs)
    assert "process" in worker.place
    assert dict(found.whole)["Database"] > 1_000_000
    assert "Secret launch" not in repr(found)


def test_failed_runs_are_those_of_the_workspace_and_start_again(ann: Account, bob: Account) -> None:
    mine, theirs = ann.start(ann.ready_dataset()), bob.start(bob.ready_dataset())
    for run_id in (mine, theirs):
        change_run(run_id, status="failed", error_message="It needed more memory.")
    [failed] = installation.overview(ann.principal).failed
    assert (failed["id"], failed["error_message"]) == (mine, "It needed more memory.")
    again = runs.start_again(ann.principal, UUID(mine))
    assert (again["status"], again["config"]) == ("queued", run_row(mine)["config"])
    with pytest.raises(Exception, match="no run with this id"):
        runs.start_again(ann.principal, UUID(theirs))


def test_files_are_counted_by_workspace(ann: Account, bob: Account) -> None:
    ann.ready_dataset()
    used = installation.overview(ann.principal).used
    store = objects()
    assert isinstance(store, LocalStore)
    folder = store.root / "workspaces" / str(ann.principal.workspace_id)
    assert used == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > 1000
    assert installation.overview(bob.principal).used == 0


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_it_is_for_admins(ann: Account, role: Role) -> None:
    from dataclasses import replace

    with pytest.raises(NotAllowed):
        installation.overview(replace(ann.principal, role=role))


@pytest.mark.parametrize(
    ("env", "operators", "email", "expected"),
    [
        ("test", "", "ann@example.com", True),
        ("test", "ops@example.com", "ann@example.com", False),
        ("production", "", "ann@example.com", False),
        ("production", "ops@example.com,ann@example.com", "ann@example.com", True),
    ],
)
def test_who_is_an_operator(
    setting: Callable[..., Settings], ann: Account, env: str, operators: str, email: str, expected: bool
) -> None:
    principal: Principal = ann.principal
    setting(OPERATORS=operators, APP_ENV=env, MIXMODEL_PUBLIC_URL="http://localhost:8000")
    assert settings().app_env == env
    assert principal.email == email
    assert installation.is_operator(principal) is expected
