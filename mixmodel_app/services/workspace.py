"""The workspace: its name and the numbers of its home page."""

from typing import Any

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.errors import FieldError, InvalidInput, NotFound
from mixmodel_app.domain.headline import Headline
from mixmodel_app.domain.preferences import Preferences
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.services import audit_log, datasets, results, runs, stored_results
from mixmodel_app.services.headlines import SHOWN
from mixmodel_app.storage import cache, models
from mixmodel_app.storage.db import reading, transaction
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as runs_repository
from mixmodel_app.storage.repositories.runs import ResultsHead

RECENT = 5


def get(principal: Principal) -> dict[str, Any]:
    with transaction(principal) as session:
        return _to_json(accounts_repository.workspace(session, principal.workspace_id))


def rename(principal: Principal, name: str) -> dict[str, Any]:
    """Give the workspace another name; admins only."""
    principal.require(Role.ADMIN)
    text = " ".join(name.replace("\0", "").split())
    if not 1 <= len(text) <= 255:
        problem = "must have 1 to 255 characters"
        raise InvalidInput(f"The name {problem}.", errors=(FieldError("name", problem),))
    with transaction(principal) as session:
        workspace = accounts_repository.workspace(session, principal.workspace_id)
        workspace.name = text
        session.add(workspace)
        audit_log.record(session, principal, Action.WORKSPACE_RENAMED, text)
    return _to_json(workspace)


def prefer(principal: Principal, wanted: dict[str, Any]) -> dict[str, Any]:
    """Change how numbers are shown to everyone in the workspace; admins only.

    Args:
        wanted: some of the preferences, by the names of `Preferences.to_json`.

    Raises:
        InvalidInput: an unknown name, or a value that cannot be.
    """
    principal.require(Role.ADMIN)
    with transaction(principal) as session:
        workspace = accounts_repository.workspace(session, principal.workspace_id, lock=True)
        workspace.preferences = Preferences.from_json(workspace.preferences).changed(wanted).to_json()
        session.add(workspace)
    cache.drop(cache.stats_key(principal.workspace_id))
    return _to_json(workspace)


def stats(principal: Principal) -> dict[str, Any]:
    """Counts, the latest return, recent runs and datasets, and what to do next; cached for five minutes."""
    key = cache.stats_key(principal.workspace_id)
    found = cache.read(key)
    if found is None:
        found = _stats(principal)
        cache.write(key, found, cache.STATS_SECONDS)
    return found


def _stats(principal: Principal) -> dict[str, Any]:
    with reading(principal) as session:
        total_datasets = datasets_repository.count(session, principal)
        total_runs, completed_runs = runs_repository.totals(session, principal)
        recent_runs = runs_repository.page(session, principal, RECENT, None).items
        recent_datasets = datasets_repository.page(session, principal, RECENT, None).items
        completed = runs_repository.latest_heads(session, principal, SHOWN)
    headlines = [_headline(principal, run) for run in completed]
    usable = [found for found in headlines if found is not None and found.verdict is not HealthStatus.DO_NOT_USE]
    in_money = [found for found in usable if found.outcome is OutcomeKind.MONEY]
    returns = [found.blended_roas for found in in_money if found.blended_roas is not None]
    return {
        "total_datasets": total_datasets,
        "total_runs": total_runs,
        "completed_runs": completed_runs,
        "average_roas": sum(returns) / len(returns) if returns else None,
        "recent_runs": [runs.to_json(run) for run in recent_runs],
        "recent_datasets": [datasets.to_json(row) for row in recent_datasets],
        "recommendations": _sentences(principal, completed[0]) if completed else [],
    }


def _sentences(principal: Principal, run: ResultsHead) -> list[str]:
    return [found.sentence for found in results.recommended(principal, run)]


def _headline(principal: Principal, run: ResultsHead) -> Headline | None:
    """As it was kept, or, of a run of an older version, from its results; None when those are gone."""
    if run.headline is not None:
        return Headline.from_json(run.headline)
    try:
        return Headline.of(stored_results.whole(principal, run))
    except NotFound:
        return None


def _to_json(workspace: models.Workspace) -> dict[str, Any]:
    return {
        "id": str(workspace.id),
        "name": workspace.name,
        "preferences": Preferences.from_json(workspace.preferences).to_json(),
        "created_at": workspace.created_at.isoformat(),
    }
