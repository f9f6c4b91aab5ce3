"""Budget plans that people keep, name and compare. One is stale once its dataset has a newer finished run."""

from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.budget import Objective
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.scenario import MOST_COMPARED, ScenarioPlan
from mixmodel_app.services import budgets
from mixmodel_app.storage.db import reading, transaction
from mixmodel_app.storage.models import Scenario
from mixmodel_app.storage.repositories import runs as runs_repository
from mixmodel_app.storage.repositories import scenarios as repository

_LONGEST_NAME = 255


def save(principal: Principal, run_id: UUID, name: str, plan: ScenarioPlan) -> dict[str, Any]:
    """Keep a plan with what it would bring by its run, as it stands now.

    Raises:
        NotFound, Conflict: no such run, or it is not completed.
        InvalidInput: no name, or an allocation that cannot be used.
    """
    principal.require(Role.MEMBER)
    title = _name(name)
    target = plan.target if plan.objective is Objective.TARGET_REVENUE else None
    found = budgets.evaluate(principal, run_id, plan.allocation, plan.horizon, margin=plan.margin, target=target)
    with transaction(principal) as session:
        run = runs_repository.head(session, principal, run_id)
        row = Scenario(
            workspace_id=run.workspace_id,
            run_id=run.id,
            dataset_id=run.dataset_id,
            created_by=principal.user_id,
            name=title,
            plan=plan.to_json(),
            evaluation=found.to_json(),
        )
        session.add(row)
    return get(principal, row.id)


def page(
    principal: Principal, limit: int = 50, cursor: str | None = None, dataset_id: UUID | None = None
) -> dict[str, Any]:
    """The workspace's scenarios, newest first, of the runs of one dataset if given."""
    with reading(principal) as session:
        found = repository.page(session, principal, limit, cursor, dataset_id)
        newest = repository.newest_runs(session, principal, {row.dataset_id for row in found.items})
    return {"items": [_to_json(row, newest) for row in found.items], "next_cursor": found.next_cursor}


def get(principal: Principal, scenario_id: UUID) -> dict[str, Any]:
    with reading(principal) as session:
        row = repository.get(session, principal, scenario_id)
        newest = repository.newest_runs(session, principal, {row.dataset_id})
    return _to_json(row, newest)


def compare(principal: Principal, scenario_ids: list[UUID]) -> list[dict[str, Any]]:
    """Two to four scenarios, in the order asked for.

    Raises:
        NotFound: one of them is not in the workspace.
        InvalidInput: fewer than two, or more than four.
    """
    wanted = list(dict.fromkeys(scenario_ids))
    if not 2 <= len(wanted) <= MOST_COMPARED:
        message = f"must name 2 to {MOST_COMPARED} scenarios"
        raise InvalidInput(f"ids {message}.", errors=(FieldError("ids", message),))
    return [get(principal, scenario_id) for scenario_id in wanted]


def rename(principal: Principal, scenario_id: UUID, name: str) -> dict[str, Any]:
    principal.require(Role.MEMBER)
    title = _name(name)
    with transaction(principal) as session:
        row = repository.get(session, principal, scenario_id, lock=True)
        row.name = title
        session.add(row)
    return get(principal, scenario_id)


def delete(principal: Principal, scenario_id: UUID) -> None:
    """Delete a scenario; admins may delete any, members their own."""
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, scenario_id, lock=True)
        if row.created_by != principal.user_id:
            principal.require(Role.ADMIN)
        session.delete(row)


def _to_json(row: Scenario, newest: dict[UUID, UUID]) -> dict[str, Any]:
    newer = newest.get(row.dataset_id)
    stale = newer is not None and newer > row.run_id
    return {
        "id": str(row.id),
        "name": row.name,
        "run_id": str(row.run_id),
        "dataset_id": str(row.dataset_id),
        "created_at": row.created_at.isoformat(),
        "stale": stale,
        "newest_run_id": str(newer) if stale else None,
        "plan": row.plan,
        "evaluation": row.evaluation,
    }


def _name(name: str) -> str:
    text = " ".join(name.replace("\0", "").split())
    if not text or len(text) > _LONGEST_NAME:
        message = "is missing" if not text else f"must have at most {_LONGEST_NAME} characters"
        raise InvalidInput(f"The name {message}.", errors=(FieldError("name", message),))
    return text
