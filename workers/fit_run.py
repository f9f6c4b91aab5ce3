"""The job: claim a run, fit it, store what came out, and say how it ended. RQ calls `run_mmm_model` by name."""

import json
import time
from typing import Any
from uuid import UUID, uuid4

import structlog

from mixmodel_app.config import settings
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FitCancelled, MixModelError, StorageUnavailable
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.types import EngineResults, FitProgress, ProgressCallback, StopReason
from mixmodel_app.ingest.prepare import model_frame
from mixmodel_app.ingest.table import Table
from mixmodel_app.services import dataset_tables, dispatch, headlines, runs
from mixmodel_app.storage import cache, digests, progress
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import ModelRun, now
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import leases
from workers.lease import LeaseKeeper
from workers.patience import OUTAGE, patiently
from workers.reporter import Reporter

SERVER_FAULT = 500
"""From this status on an error is MixModel's own or the machine's, not the data's."""

_log = structlog.get_logger(__name__)


def run_mmm_model(run_id: str, attempt: int) -> None:
    """Fit one run. The row decides whether there is anything to do: it may be cancelled, deleted or taken meanwhile."""
    run = _claim(UUID(run_id), attempt)
    if run is None or run.lease_token is None:
        _log.info("run is not ours to fit", run_id=run_id, attempt=attempt)
        return
    structlog.contextvars.bind_contextvars(run_id=run_id, workspace_id=str(run.workspace_id))
    started = time.monotonic()
    with LeaseKeeper(run.id, run.lease_token, settings().runs.soft_timeout_s) as keeper:
        status, message, detail = _attempt(run, keeper)
        if status is not RunStatus.COMPLETED:
            patiently(lambda: _end(run, status, message, detail))
    if status is RunStatus.COMPLETED:
        dispatch.note_pace(run, time.monotonic() - started)
    _let_the_next_in(run)
    _log.info("run ended", status=status.value, attempt=attempt, duration_ms=round((time.monotonic() - started) * 1000))


def _claim(run_id: UUID, attempt: int) -> ModelRun | None:
    lease = uuid4()

    def claim() -> ModelRun | None:
        with system_transaction() as session:
            return leases.claim(session, run_id, attempt, lease)

    return patiently(claim)


def _let_the_next_in(run: ModelRun) -> None:
    """The workspace's next run may come into the line; if it cannot be told now, the janitor sees to it."""
    try:
        dispatch.admit(run)
    except OUTAGE as error:
        _log.warning("the next run is left to the janitor", error=repr(error))


def _attempt(run: ModelRun, keeper: LeaseKeeper) -> tuple[RunStatus, str, str | None]:
    """How the work ended: status, a sentence for people, and a reference or detail for the log."""
    try:
        if _fit(run, keeper):
            return RunStatus.COMPLETED, "Done", None
        return RunStatus.FAILED, f"{_too_long()} {runs.KEPT}", None
    except FitCancelled:
        if keeper.out_of_time:
            return RunStatus.FAILED, _too_long(), None
        return RunStatus.CANCELLED, runs.CANCELLED, None
    except MixModelError as error:
        if error.status >= SERVER_FAULT:  # people can do nothing about it, operators must hear of it
            _log.error("fit failed unexpectedly", exc_info=error)
        return RunStatus.FAILED, error.sentence(), None
    except MemoryError:
        return RunStatus.FAILED, "The fit needed more memory than this machine has. Use fewer draws or channels.", None
    except Exception as error:  # noqa: BLE001 (whatever happens, the run must end with a reason)
        reference = str(uuid7())
        _log.error("fit failed unexpectedly", reference=reference, exc_info=error)
        if _is_timeout(error):
            return RunStatus.FAILED, _too_long(), f"hard limit, reference {reference}"
        sentence = (
            "The fit stopped because of a fault in MixModel itself, not in your data. Run it again; if it stays, "
        )
        return RunStatus.FAILED, sentence + f"give your administrator the reference {reference}.", type(error).__name__


def _fit(run: ModelRun, keeper: LeaseKeeper) -> bool:
    """Fit and store; False when time ran out and what had been sampled was kept."""
    with Reporter(run, _lease(run)) as reporter:

        def say(progress: FitProgress) -> None:
            with keeper.sheltered():
                reporter.say(progress)

        with keeper.interruptible():
            found, artifact = _compute(run, keeper, say)
        _store(run, found, artifact, keeper, reporter)
    if not found.results.incomplete:
        _announce(run, ProgressEvent(str(run.id), RunStatus.COMPLETED, Stage.DONE, 100, "Done", 0.0))
    return not found.results.incomplete


def _compute(run: ModelRun, keeper: LeaseKeeper, say: ProgressCallback) -> tuple[EngineResults, bytes]:
    """Results and artifact. It only reads, so that it may be interrupted anywhere."""
    say(FitProgress(Stage.LOADING, 0.0, "Loading the data"))
    table = patiently(lambda: _table(run, keeper), keeper.should_stop, lambda words: say(_loading(words)))
    say(FitProgress(Stage.LOADING, 0.5, "Preparing the table"))
    mapping = ColumnMapping.from_json(run.column_mapping, table.columns)
    frame = model_frame(table, mapping)
    say(FitProgress(Stage.LOADING, 1.0, "Data loaded"))
    engine = create_engine(RunConfig.from_json(run.config))
    data = engine.prepare_data(frame, mapping)
    engine.build_model(data)
    engine.fit(data, say, keeper.should_stop)
    say(FitProgress(Stage.EXTRACTING, 0.0, "Computing returns, curves and checks"))
    found = engine.extract_results()
    say(FitProgress(Stage.EXTRACTING, 0.6, "Storing the results"))
    return found, engine.serialize_model()


def _loading(words: str) -> FitProgress:
    return FitProgress(Stage.LOADING, 0.0, words)


def _table(run: ModelRun, keeper: LeaseKeeper) -> Table:
    with keeper.sheltered(), system_transaction() as session:
        dataset = leases.dataset_of(session, run)
    return dataset_tables.of_run(run, dataset)


def _store(run: ModelRun, found: EngineResults, artifact: bytes, keeper: LeaseKeeper, reporter: Reporter) -> None:
    """Store files, then results and status in one step; a lease that was lost meanwhile changes nothing.

    Results that were cut short are stored too, but the run does not complete with them. A store that is away is waited
    for: the fit is dear, and every step may be done twice.
    """
    folder = f"{runs.prefix(run.workspace_id, run.id)}/{run.attempt}"
    draws = found.draws.to_bytes()
    keys = {
        "model_artifact_s3_key": digests.named(f"{folder}/model.nc", artifact),
        "draws_key": digests.named(f"{folder}/draws.npz", draws),
    }
    values = _final_values(found, draws, keys)

    def tell(words: str) -> None:
        reporter.say(FitProgress(Stage.EXTRACTING, 0.6, words))

    def put() -> None:
        if keeper.should_stop() is StopReason.CANCELLED:
            raise FitCancelled("The run was cancelled while its results were stored.")
        objects().put(keys["model_artifact_s3_key"], artifact)
        objects().put(keys["draws_key"], draws)

    try:
        patiently(put, keeper.should_stop, tell)
        kept = patiently(lambda: _write(run, values), keeper.should_stop, tell)
    except MixModelError:
        _clear(f"{folder}/")
        raise
    if not kept:
        _clear(f"{folder}/")
        raise FitCancelled("The run was taken over or deleted.")
    for attempt in range(1, run.attempt):
        _clear(f"{runs.prefix(run.workspace_id, run.id)}/{attempt}/")


def _final_values(found: EngineResults, draws: bytes, keys: dict[str, str]) -> dict[str, Any]:
    """The columns that appear together, or not at all."""
    values: dict[str, Any] = {"results": json.loads(json.dumps(found.results.to_json(), allow_nan=False)), **keys}
    if not found.results.incomplete:
        values |= {"headline": headlines.made(found.results, draws)}
        values |= {"status": RunStatus.COMPLETED.value, "stage": Stage.DONE.value, "progress": 100}
        values |= {"message": "Done", "completed_at": now()}
    return values


def _write(run: ModelRun, values: dict[str, Any]) -> bool:
    """Write the results; also True when an earlier try, whose answer was lost, has done it."""
    with system_transaction() as session:
        return leases.write(session, run.id, _lease(run), **values) or leases.has_completed(
            session, run.id, _lease(run)
        )


def _clear(prefix: str) -> None:
    """Delete files that nothing points at; what stays because the storage is away is swept later."""
    try:
        objects().delete_prefix(prefix)
    except StorageUnavailable as error:
        _log.warning("files are left to the sweep", prefix=prefix, error=repr(error))


def _end(run: ModelRun, status: RunStatus, message: str, detail: str | None) -> None:
    """Write the final state, if the run is still ours."""
    with system_transaction() as session:
        values = {"status": status.value, "stage": Stage.ERROR.value, "progress": 100, "message": message}
        values |= {"error_message": message, "error_detail": detail, "completed_at": now()}
        kept = leases.write(session, run.id, _lease(run), **values)
    if kept:
        _announce(run, ProgressEvent(str(run.id), status, Stage.ERROR, 100, message))


def _announce(run: ModelRun, event: ProgressEvent) -> None:
    cache.drop(cache.stats_key(run.workspace_id), cache.results_key(run.id))
    progress.publish(run.workspace_id, event)


def _lease(run: ModelRun) -> UUID:
    assert run.lease_token is not None, "only a claimed run is worked on"
    return run.lease_token


def _too_long() -> str:
    return runs.TOO_LONG.format(minutes=settings().runs.soft_timeout_s / 60)


def _is_timeout(error: Exception) -> bool:
    from rq.timeouts import BaseTimeoutException

    return isinstance(error, BaseTimeoutException)
