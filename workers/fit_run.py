"""The job: claim a run, fit it, store what came out, and say how it ended. RQ calls `run_mmm_model` by name."""

import json
import time
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog

from mixmodel_app.config import settings
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FitCancelled, MixModelError
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.types import EngineResults, FitProgress, ProgressCallback, StopReason
from mixmodel_app.ingest.canonical import from_canonical_csv
from mixmodel_app.ingest.prepare import model_frame
from mixmodel_app.services import runs
from mixmodel_app.storage import cache, progress
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.models import ModelRun, now
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import leases
from workers.lease import LeaseKeeper

ROW_EVERY_S = 1.0
"""The row follows the stream at most this often; whoever comes late reads the stream's snapshot first."""

_log = structlog.get_logger(__name__)


def run_mmm_model(run_id: str, attempt: int) -> None:
    """Fit one run. The row decides whether there is anything to do: it may be cancelled, deleted or taken meanwhile."""
    with transaction() as session:
        run = leases.claim(session, UUID(run_id), attempt)
    if run is None or run.lease_token is None:
        _log.info("run is not ours to fit", run_id=run_id, attempt=attempt)
        return
    structlog.contextvars.bind_contextvars(run_id=run_id, workspace_id=str(run.workspace_id))
    started = time.monotonic()
    with LeaseKeeper(run.id, run.lease_token, settings().runs.soft_timeout_s) as keeper:
        status, message, detail = _attempt(run, keeper)
    if status is not RunStatus.COMPLETED:
        _end(run, status, message, detail)
    _log.info("run ended", status=status.value, attempt=attempt, duration_ms=round((time.monotonic() - started) * 1000))


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
    reporter = _Reporter(run)

    def say(progress: FitProgress) -> None:
        with keeper.sheltered():
            reporter.say(progress)

    with keeper.interruptible():
        found, artifact = _compute(run, keeper, say)
    _store(run, found, artifact, keeper)
    return not found.results.incomplete


def _compute(run: ModelRun, keeper: LeaseKeeper, say: ProgressCallback) -> tuple[EngineResults, bytes]:
    """Results and artifact. It only reads, so that it may be interrupted anywhere."""
    say(FitProgress(Stage.LOADING, 0.0, "Loading the data"))
    with keeper.sheltered(), transaction() as session:
        table_key = leases.dataset_of(session, run).table_key
    table = from_canonical_csv(objects().get(table_key))
    say(FitProgress(Stage.LOADING, 0.5, "Preparing the table"))
    mapping = ColumnMapping.from_json(run.column_mapping, tuple(str(column) for column in table.columns))
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


def _store(run: ModelRun, found: EngineResults, artifact: bytes, keeper: LeaseKeeper) -> None:
    """Store files, then results and status in one step; a lease that was lost meanwhile changes nothing.

    Results that were cut short are stored too, but the run does not complete with them.
    """
    if keeper.should_stop() is StopReason.CANCELLED:
        raise FitCancelled("The run was cancelled while its results were stored.")
    folder = f"{runs.prefix(run.workspace_id, run.id)}/{run.attempt}"
    objects().put(f"{folder}/model.nc", artifact)
    objects().put(f"{folder}/draws.npz", found.draws.to_bytes())
    values = {
        "results": json.loads(json.dumps(found.results.to_json(), allow_nan=False)),
        "model_artifact_s3_key": f"{folder}/model.nc",
        "draws_key": f"{folder}/draws.npz",
    }
    completed = not found.results.incomplete
    if completed:
        values |= {"status": RunStatus.COMPLETED.value, "stage": Stage.DONE.value, "progress": 100}
        values |= {"message": "Done", "completed_at": now()}
    with transaction() as session:
        kept = leases.write(session, run.id, _lease(run), **values)
    if not kept:
        objects().delete_prefix(f"{folder}/")
        raise FitCancelled("The run was taken over or deleted.")
    if completed:
        _announce(run, ProgressEvent(str(run.id), RunStatus.COMPLETED, Stage.DONE, 100, "Done", 0.0))


def _end(run: ModelRun, status: RunStatus, message: str, detail: str | None) -> None:
    """Write the final state, if the run is still ours."""
    with transaction() as session:
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
    minutes = settings().runs.soft_timeout_s / 60
    return (
        f"The fit took longer than the limit of {minutes:.0f} minutes and was stopped. "
        "Use the quick mode, fewer draws or fewer channels, or raise the limit."
    )


def _is_timeout(error: Exception) -> bool:
    from rq.timeouts import BaseTimeoutException

    return isinstance(error, BaseTimeoutException)


class _Reporter:
    """Turns the engine's progress into events and, less often, into the row. Never goes back."""

    def __init__(self, run: ModelRun) -> None:
        self.run = run
        self.last: dict[str, Any] = {}
        self.percent = 0
        self.row_written = 0.0

    def say(self, step: FitProgress) -> None:
        self.percent = max(self.percent, step.stage.percent(step.fraction))
        event = ProgressEvent(
            str(self.run.id), RunStatus.RUNNING, step.stage, self.percent, step.message, step.eta_seconds, step.live
        )
        shown = asdict(event) | {"eta_seconds": None}
        if shown == self.last:
            return
        self.last = shown
        progress.publish(self.run.workspace_id, event)
        if time.monotonic() - self.row_written >= ROW_EVERY_S:
            self.row_written = time.monotonic()
            self._write_row(event)

    def _write_row(self, event: ProgressEvent) -> None:
        with transaction() as session:
            leases.write(
                session,
                self.run.id,
                _lease(self.run),
                stage=event.stage.value,
                progress=event.progress,
                message=event.message,
            )
