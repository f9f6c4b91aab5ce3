"""Runs: start, look, cancel and delete."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import ColumnMapping, DatasetStatus
from mixmodel_app.domain.errors import Conflict, DatasetNotReady, FieldError, InvalidInput, NotFound
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.services.run_identity import fingerprint, finished_twin
from mixmodel_app.storage import cache, models, progress, queue
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as repository

CANCELLED = "The run was cancelled."
KEPT = "What had been sampled by then was kept as incomplete."


def start(principal: Principal, dataset_id: UUID, name: str | None = None, config: object = None) -> dict[str, Any]:
    """Queue a fit of a validated dataset.

    Raises:
        DatasetNotReady: the dataset was not validated or has blocking errors.
        InvalidInput: the configuration has wrong fields.
    """
    principal.require(Role.MEMBER)
    dataset, parsed = _asked(principal, dataset_id, config)
    digest = fingerprint(dataset, parsed)
    twin = finished_twin(principal, digest, config, parsed)
    with transaction() as session:
        run = models.ModelRun(
            workspace_id=principal.workspace_id,
            dataset_id=dataset.id,
            created_by=principal.user_id,
            name=_name(name) or _default_name(dataset, parsed),
            config=parsed.to_json(),
            column_mapping=dataset.column_mapping or {},
            fingerprint=digest,
            message="Waiting for a worker",
            attempt=1,
            is_sample=dataset.is_sample,
        )
        session.add(run)
    progress.publish(run.workspace_id, event_of(run))
    queue.enqueue(run.id, run.attempt)
    cache.drop(cache.stats_key(principal.workspace_id))
    return to_json(run) | {"identical_run_id": str(twin.id) if twin else None}


def identical(principal: Principal, dataset_id: UUID, config: object = None) -> dict[str, Any] | None:
    """The newest finished run with the same data, mapping, settings and version, or None.

    Without a `random_seed` in `config` any seed counts, since one would be drawn.

    Raises:
        DatasetNotReady, InvalidInput: as `start`.
    """
    principal.require(Role.MEMBER)
    dataset, parsed = _asked(principal, dataset_id, config)
    twin = finished_twin(principal, fingerprint(dataset, parsed), config, parsed)
    return to_json(twin) if twin else None


def _asked(principal: Principal, dataset_id: UUID, config: object) -> tuple[models.Dataset, RunConfig]:
    """The dataset and the checked settings of a request."""
    with transaction() as session:
        dataset = validated(datasets_repository.get(session, principal, dataset_id))
    parsed = RunConfig.from_json(config)
    create_engine(parsed).check_config(ColumnMapping.from_json(dataset.column_mapping))
    return dataset, parsed


def page(
    principal: Principal, limit: int = 50, cursor: str | None = None, dataset_id: UUID | None = None
) -> dict[str, Any]:
    """The workspace's runs, newest first, of one dataset if given."""
    with transaction() as session:
        found = repository.page(session, principal, limit, cursor, dataset_id)
    return {"items": [to_json(row) for row in found.items], "next_cursor": found.next_cursor}


def get(principal: Principal, run_id: UUID) -> dict[str, Any]:
    return to_json(_row(principal, run_id))


def last_event(principal: Principal, run_id: UUID) -> ProgressEvent:
    """Where a run stands now, from Redis or, when that has forgotten, from the row."""
    run = _row(principal, run_id)
    if RunStatus(run.status).is_final:
        return event_of(run)
    return progress.snapshot(run.workspace_id, run.id) or event_of(run)


async def follow(principal: Principal, run_id: UUID, idle_seconds: float = 15.0) -> AsyncIterator[ProgressEvent | None]:
    """Progress as it happens, beginning with where the run stands, ending with the final event.

    Call `get` first: it checks that the run is the principal's. None means that nothing is known or has happened for
    a while: look at `last_event` then.
    """
    async for event in progress.follow(principal.workspace_id, run_id, idle_seconds=idle_seconds):
        yield event


def cancel(principal: Principal, run_id: UUID) -> dict[str, Any]:
    """Cancel a run: at once while it waits, at the next look of its worker while it runs.

    Raises:
        Conflict: the run has ended already.
    """
    principal.require(Role.MEMBER)
    with transaction() as session:
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
    with transaction() as session:
        run = repository.get(session, principal, run_id, lock=True)
        attempt, running = run.attempt, run.status == RunStatus.RUNNING.value
        session.delete(run)
    if running:
        queue.kill(run_id, attempt)
    else:
        queue.withdraw(run_id, attempt)
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
        raise NotFound("This run has no model file.")
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
        "config": run.config,
        "column_mapping": run.column_mapping,
        "error_message": run.error_message,
        "error_detail": run.error_detail,
        "incomplete": run.is_incomplete,
        "fingerprint": run.fingerprint,
        "is_sample": run.is_sample,
        "created_at": run.created_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "completed_at": run.completed_at.isoformat() if run.completed_at else None,
    }


def _row(principal: Principal, run_id: UUID) -> models.ModelRun:
    with transaction() as session:
        return repository.head(session, principal, run_id)


def _not_ready(dataset: models.Dataset) -> DatasetNotReady:
    if dataset.status == DatasetStatus.VALIDATION_ERROR.value:
        count = len((dataset.validation_report or {}).get("errors", []))
        return DatasetNotReady(
            f"The data has {count} error{' that blocks' if count == 1 else 's that block'} a run.",
            hint="Fix them, then validate again.",
        )
    return DatasetNotReady("The dataset has not been validated.", hint="Confirm the columns and run the checks first.")


def _name(name: str | None) -> str:
    text = " ".join((name or "").replace("\0", "").split())
    if len(text) > 255:
        raise InvalidInput("The name is too long.", errors=(FieldError("name", "must have at most 255 characters"),))
    return text


def _default_name(dataset: models.Dataset, config: RunConfig) -> str:
    stem = dataset.filename.rsplit(".", 1)[0][:200]
    return f"{stem}, {config.mode.value} fit"
