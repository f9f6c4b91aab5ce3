"""All of a workspace at once: taken away as one archive, or deleted for good."""

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import structlog

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import FieldError, InvalidInput, NotFound
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.exports.archive import stream_zip
from mixmodel_app.services import audit_log, comments, dataset_tables, datasets, invitations, members, runs, scenarios
from mixmodel_app.services import shares as shares_service
from mixmodel_app.services import workspace as workspace_service
from mixmodel_app.storage import cache, models, progress, queue
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as runs_repository
from mixmodel_app.storage.repositories.audit_log import AuditFilter
from mixmodel_app.storage.repositories.pages import MAX_LIMIT

README = """One workspace of MixModel, complete.

workspace.json    its name, people and open invitations
audit_log.csv     who did what, when and from where
datasets/<id>/    the file as it was uploaded, the table with its repairs (CSV, Parquet), and what is known of it
runs/<id>/        settings and results, comments, links, the model (NetCDF) and the draws of its curves (npz)
scenarios.json    budget plans that were kept

Passwords, tokens and their hashes are not in it.
"""

_log = structlog.get_logger(__name__)


def export(principal: Principal) -> tuple[str, Iterator[bytes]]:
    """File name and bytes of a ZIP with everything in the workspace; admins only."""
    principal.require(Role.ADMIN)
    audit_log.note(principal, Action.WORKSPACE_EXPORTED)
    made_at = models.now()
    return f"mixmodel-workspace-{made_at:%Y-%m-%d}.zip", stream_zip(_files(principal), made_at)


def delete(principal: Principal, typed_name: str) -> None:
    """Delete the workspace with its data, runs, files and the accounts of everyone in it.

    Args:
        typed_name: its name, which the person had to type.

    Raises:
        InvalidInput: the name is another one.
    """
    with transaction(principal) as session:
        workspace = members.hold_as_admin(session, principal)
        if " ".join(typed_name.split()) != workspace.name:
            problem = f"must be {workspace.name}"
            raise InvalidInput(f"The name {problem}.", errors=(FieldError("name", problem),))
        its_runs = runs_repository.every(session, principal)
        session.delete(workspace)
    for run in its_runs:
        if run.status == RunStatus.RUNNING.value:
            queue.kill(run.id, run.attempt)
        elif run.status == RunStatus.QUEUED.value:
            queue.withdraw(run.id, run.attempt)
        progress.forget(principal.workspace_id, run.id)
        cache.drop(cache.results_key(run.id))
    cache.drop(cache.stats_key(principal.workspace_id))
    objects().delete_prefix(f"{dataset_tables.ROOT}/{principal.workspace_id}/")
    _log.info("workspace deleted", workspace_id=str(principal.workspace_id), by=str(principal.user_id))


def _files(principal: Principal) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "README.txt", [README.encode()]
    about = workspace_service.get(principal)
    people = {"members": members.every(principal), "invitations": invitations.waiting(principal)}
    yield "workspace.json", _json(about | people)
    yield "audit_log.csv", audit_log.csv(principal, AuditFilter())
    missing: list[str] = []
    with transaction(principal) as session:
        its_datasets = datasets_repository.every(session, principal)
    for row in its_datasets:
        yield f"datasets/{row.id}/dataset.json", _json(datasets.to_json(row))
        for key in sorted(dataset_tables.keys_of(row)):
            yield from _stored(f"datasets/{row.id}", key, missing)
    with transaction(principal) as session:
        ids = [run.id for run in runs_repository.every(session, principal)]
    for run_id in ids:
        yield from _run_files(principal, run_id, missing)
    yield "scenarios.json", _json(_scenarios(principal))
    if missing:
        yield "missing.txt", ["\n".join(missing).encode()]


def _run_files(principal: Principal, run_id: UUID, missing: list[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
    with transaction(principal) as session:
        run = runs_repository.get(session, principal, run_id)
    said = {"comments": comments.of_run(principal, run_id), "links": shares_service.of_run(principal, run_id)}
    yield f"runs/{run_id}/run.json", _json(runs.to_json(run) | said)
    if run.results is not None:
        yield f"runs/{run_id}/results.json", _json(run.results)
    for key in (run.model_artifact_s3_key, run.draws_key):
        if key is not None:
            yield from _stored(f"runs/{run_id}", key, missing)


def _stored(folder: str, key: str, missing: list[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """One stored object; one that is gone is listed instead of ending the archive."""
    try:
        content = objects().stream(key)
    except NotFound:
        missing.append(key)
        return
    yield f"{folder}/{PurePosixPath(key).name}", content


def _scenarios(principal: Principal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = scenarios.page(principal, MAX_LIMIT, cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _json(value: Any) -> list[bytes]:
    return [json.dumps(value, indent=2, ensure_ascii=False).encode()]
