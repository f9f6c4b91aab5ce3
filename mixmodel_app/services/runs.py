"""Runs: start, look, cancel and delete."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.dataset import ColumnMapping, DatasetStatus
from mixmodel_app.domain.errors import Conflict, DatasetNotReady, FieldError, InvalidInput, NotFound
from mixmodel_app.domain.run import Priority, ProgressEvent, RunStatus, Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.domain.workload import Workload, workload
from mixmodel_app.engine.base import create_engine
from mixmodel_app.services import audit_log, dispatch
from mixmodel_app.services.run_identity import fingerprint, finished_twin, request_digest
from mixmodel_app.storage import cache, feeds, models, progress, queue
from mixmodel_app.storage.db import reading, transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as repository
from mixmodel_app.wording.runs import waiting_sentence

CANCELLED = "The run was cancelled."
TOO_LONG = (
    "The fit took longer than the limit of {minutes:.0f} minutes and was stopped. "
    "Use the quick mode, fewer draws or fewer channels, or raise the limit."
)
KEPT = "What had been sampled by then was kept as incomplete."

_log = structlog.get_logger(__name__)


def start(
    principal: Principal,
    dataset_id: UUID,
    name: str | None = None,
    config: object = None,
    key: str = "",
    priority: Priority = Priority.NORMAL,
) -> dict[str, Any]:
    """Queue a fit of a validated dataset; a request that is repeated under its `key` gives the run that it started.

    Args:
        priority: among the runs of this workspace that wait.

    Raises:
        DatasetNotReady: the dataset was not validated or has blocking errors.
        InvalidInput: the configuration has wrong fields, or the key was another request's.
    """
    principal.require(Role.MEMBER)
    asked = request_digest(dataset_id, name, config)
    earlier = _started_by(principal, key, asked)
    if earlier is not None:
        return earlier
    dataset, parsed = _asked(principal, dataset_id, config)
    digest = fingerprint(dataset, parsed)
    twin = finished_twin(principal, digest, config, parsed)
    run = models.ModelRun(
        workspace_id=principal.workspace_id,
        dataset_id=dataset.id,
        created_by=principal.user_id,
        name=_name(name) or _default_name(dataset, parsed),
        config=parsed.to_json(),
        column_mapping=dataset.column_mapping or {},
        table_key=dataset.table_key,
        data_notes=_data_notes(dataset),
        fingerprint=digest,
        request_key=key or None,
        request_digest=asked if key else None,
        message="Waiting for a worker",
        attempt=1,
        priority=priority.rank,
        estimate_s=cost_of(dataset, parsed).seconds,
        is_sample=dataset.is_sample,
    )
    try:
        with transaction(principal) as session:
            session.add(run)
    except IntegrityError:
        earlier = _started_by(principal, key, asked)  # the same request at the same moment was first
        if earlier is None:
            raise
        return earlier
    progress.publish(run.workspace_id, event_of(run))
    dispatch.admit(run)
    _log.info("run queued", run_id=str(run.id), workspace_id=str(run.workspace_id))
    cache.drop(cache.stats_key(principal.workspace_id))
    return to_json(run) | {"identical_run_id": str(twin.id) if twin else None}


def start_again(principal: Principal, run_id: UUID) -> dict[str, Any]:
    """Queue a new run with the settings of another, on its dataset as it is now."""
    old = get(principal, run_id)
    priority = Priority(old["priority"])
    return start(principal, UUID(old["dataset_id"]), old["name"], old["config"], priority=priority)


def _started_by(principal: Principal, key: str, asked: str) -> dict[str, Any] | None:
    """The run of the same person's earlier request with this key."""
    if not key:
        return None
    with transaction(principal) as session:
        run = repository.by_request_key(session, principal, key)
    if run is None:
        return None
    if run.request_digest != asked:
        raise InvalidInput(
            "This Idempotency-Key was used for another request.",
            hint="Send a new key with a new request.",
            errors=(FieldError("Idempotency-Key", "was used for another request"),),
        )
    return to_json(run) | {"identical_run_id": None}


def _data_notes(dataset: models.Dataset) -> dict[str, Any]:
    """What a reader of the results should know of the data: its repairs, and the warnings that were waved through."""
    report = dataset.validation_report or {}
    warnings = [{key: finding[key] for key in ("code", "title", "message")} for finding in report.get("warnings", [])]
    fixes = [{"sentence": fix["change"]["sentence"], "applied_by": fix["applied_by"]} for fix in dataset.fixes]
    return {
        "filename": dataset.filename,
        "version": dataset.version,
        "digest": dataset.digest,
        "fixes": fixes,
        "warnings": warnings,
    }


def outlook(principal: Principal, dataset_id: UUID, config: object = None) -> dict[str, Any]:
    """What is known of a run before it starts: `seconds` on a worker, `memory_mb`, `starts_in_seconds`, `identical`.

    `starts_in_seconds` is None while no worker is there. `identical` is `id` and `name` of the newest finished run with
    the same data, mapping, settings and version, or None; without a `random_seed` in `config` any seed counts, since
    one would be drawn.

    Raises:
        DatasetNotReady, InvalidInput: as `start`.
    """
    principal.require(Role.MEMBER)
    dataset, parsed = _asked(principal, dataset_id, config)
    twin = finished_twin(principal, fingerprint(dataset, parsed), config, parsed)
    cost = cost_of(dataset, parsed, dispatch.pace())
    return {
        "seconds": round(cost.seconds, 1),
        "memory_mb": cost.memory_mb,
        "starts_in_seconds": dispatch.wait_of_another(principal, cost_of(dataset, parsed)),
        "identical": {"id": str(twin.id), "name": twin.name} if twin else None,
    }


def _asked(principal: Principal, dataset_id: UUID, config: object) -> tuple[models.Dataset, RunConfig]:
    """The dataset and the checked settings of a request."""
    with transaction(principal) as session:
        dataset = validated(datasets_repository.get(session, principal, dataset_id))
    parsed = RunConfig.from_json(config)
    create_engine(parsed).check_config(ColumnMapping.from_json(dataset.column_mapping))
    return dataset, parsed


def page(
    principal: Principal, limit: int = 50, cursor: str | None = None, dataset_id: UUID | None = None
) -> dict[str, Any]:
    """The workspace's runs, newest first, of one dataset if given."""
    with reading(principal) as session:
        found = repository.page(session, principal, limit, cursor, dataset_id)
    return {"items": [to_json(row) for row in found.items], "next_cursor": found.next_cursor}


def get(principal: Principal, run_id: UUID) -> dict[str, Any]:
    """One run; while it waits also its place: `queue.before` and `queue.starts_in_seconds`, null without a worker."""
    with reading(principal) as session:
        run = repository.head(session, principal, run_id)
    if run.status != RunStatus.QUEUED.value:
        return to_json(run)
    found = dispatch.place(run)
    return to_json(run) | {
        "queue": {
            "before": found.before if found else None,
            "starts_in_seconds": round(found.starts_in_s, 1) if found else None,
        }
    }


def last_event(principal: Principal, run_id: UUID) -> ProgressEvent:
    """Where a run stands now, from Redis or, when that has forgotten, from the row."""
    run = _row(principal, run_id)
    if RunStatus(run.status).is_final:
        return event_of(run)
    if run.status == RunStatus.QUEUED.value:
        return _waiting(run)
    return progress.snapshot(run.workspace_id, run.id) or event_of(run)


def _waiting(run: models.ModelRun) -> ProgressEvent:
    """Where a run stands that no worker has taken yet."""
    found = dispatch.place(run)
    eta = found.starts_in_s + dispatch.expected_s(run) if found else None
    again = run.message if run.attempt > 1 else ""
    return replace(event_of(run), message=waiting_sentence(found, again), eta_seconds=eta)


async def follow(principal: Principal, run_id: UUID, idle_seconds: float = 15.0) -> AsyncIterator[ProgressEvent | None]:
    """Progress as it happens, beginning with where the run stands, ending with the final event.

    Call `get` first: it checks that the run is the principal's. None means that nothing is known or has happened for
    a while, and while the run waits, since its place changes without an event: `services.run_watch` says more then.
    """
    async with aclosing(feeds.follow(principal.workspace_id, run_id, idle_seconds=idle_seconds)) as steps:
        async for events in steps:
            for event in events or (None,):
                yield None if event is not None and event.status is RunStatus.QUEUED else event


def cancel(principal: Principal, run_id: UUID) -> dict[str, Any]:
    """Cancel a run: at once while it waits, at the next look of its worker while it runs.

    Raises:
        Conflict: the run has ended already.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        run = repository.get(session, principal, run_id, lock=True)
        status = RunStatus(run.status)
        if status.is_final:
            raise Conflict(f"The run is already {status}.")
        run.cancel_requested = True
        if status is RunStatus.QUEUED:
            end(run, RunStatus.CANCELLED, CANCELLED)
        session.add(run)
    if status is RunStatus.QUEUED:
        queue.withdraw(run.id, run.attempt)
        dispatch.admit(run)
        progress.publish(run.workspace_id, event_of(run))
        cache.drop(cache.stats_key(principal.workspace_id))
    return to_json(run)


def delete(principal: Principal, run_id: UUID) -> None:
    """Delete a run with its files; admins may delete any, members their own."""
    principal.require(Role.MEMBER)
    if _row(principal, run_id).created_by != principal.user_id:
        principal.require(Role.ADMIN)
    discard(principal, run_id)


def discard(principal: Principal, run_id: UUID) -> None:
    """Remove a run: its job, its row, its files and what is cached of it."""
    with transaction(principal) as session:
        run = repository.get(session, principal, run_id, lock=True)
        attempt, running = run.attempt, run.status == RunStatus.RUNNING.value
        audit_log.record(session, principal, Action.RUN_DELETED, run.name)
        session.delete(run)
    if running:
        queue.kill(run_id, attempt)
    else:
        queue.withdraw(run_id, attempt)
    dispatch.admit(principal)
    objects().delete_prefix(f"{prefix(principal.workspace_id, run_id)}/")
    progress.forget(principal.workspace_id, run_id)
    cache.drop(cache.results_key(run_id), cache.stats_key(principal.workspace_id))


def artifact(principal: Principal, run_id: UUID) -> tuple[str, Iterator[bytes]]:
    """File name and content of the model's NetCDF file.

    Raises:
        Conflict: the run is not completed.
    """
    run = _row(principal, run_id)
    if run.status != RunStatus.COMPLETED.value:
        raise Conflict(f"The run is {run.status}; the model file exists once it is completed.")
    if run.model_artifact_s3_key is None:
        raise NotFound("This run has no model file.", hint="Such files may go with age. Run the model again.")
    return f"mixmodel-{run.id}.nc", objects().stream(run.model_artifact_s3_key)


def end(run: models.ModelRun, status: RunStatus, message: str) -> None:
    """Put a run into a final state other than completed."""
    run.status = status.value
    run.stage = Stage.ERROR.value
    run.progress = 100
    run.message = message
    run.error_message = message
    run.completed_at = models.now()
    run.lease_token = None


def validated(dataset: models.Dataset) -> models.Dataset:
    """The dataset, if it can be run. Raises `DatasetNotReady` if not."""
    if dataset.status != DatasetStatus.VALIDATED.value or dataset.column_mapping is None:
        raise _not_ready(dataset)
    return dataset


def prefix(workspace_id: UUID, run_id: UUID) -> str:
    """Where the files of a run lie."""
    return f"workspaces/{workspace_id}/runs/{run_id}"


def event_of(run: models.ModelRun) -> ProgressEvent:
    """The progress event that says what the row says."""
    return ProgressEvent(str(run.id), RunStatus(run.status), Stage(run.stage), run.progress, run.message)


def to_json(run: models.ModelRun) -> dict[str, Any]:
    """A run as the API gives it, without its results."""
    return {
        "id": str(run.id),
        "run_id": str(run.id),
        "name": run.name,
        "dataset_id": str(run.dataset_id),
        "status": run.status,
        "progress": run.progress,
        "stage": run.stage,
        "message": run.message,
        "priority": Priority.of(run.priority).value,
        "config": run.config,
        "column_mapping": run.column_mapping,
        "error_message": run.error_message,
        "error_detail": run.error_detail,
        "incomplete": run.is_incomplete,
        "fingerprint": run.fingerprint,
        "data_notes": run.data_notes,
        "is_sample": run.is_sample,
        "created_at": run.created_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "completed_at": run.completed_at.isoformat() if run.completed_at else None,
    }


def _row(principal: Principal, run_id: UUID) -> models.ModelRun:
    with transaction(principal) as session:
        return repository.head(session, principal, run_id)


def _not_ready(dataset: models.Dataset) -> DatasetNotReady:
    if dataset.status == DatasetStatus.VALIDATION_ERROR.value:
        count = len((dataset.validation_report or {}).get("errors", []))
        return DatasetNotReady(
            f"The data has {count} error{' that blocks' if count == 1 else 's that block'} a run.",
            hint="Fix them, then validate again.",
        )
    return DatasetNotReady("The dataset has not been validated.", hint="Confirm the columns and run the checks first.")


def cost_of(dataset: models.Dataset, config: RunConfig, pace: float = 1.0) -> Workload:
    """What a fit of this dataset should cost on workers of this pace."""
    mapping = ColumnMapping.from_json(dataset.column_mapping)
    return workload(config, dataset.row_count, len(mapping.media_columns), pace)


def _name(name: str | None) -> str:
    text = " ".join((name or "").replace("\0", "").split())
    if len(text) > 255:
        raise InvalidInput("The name is too long.", errors=(FieldError("name", "must have at most 255 characters"),))
    return text


def _default_name(dataset: models.Dataset, config: RunConfig) -> str:
    stem = dataset.filename.rsplit(".", 1)[0][:200]
    return f"{stem}, {config.mode.value} fit"
