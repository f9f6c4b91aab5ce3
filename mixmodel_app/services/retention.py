"""Old runs go by a rule of the operator (`RETENTION_DAYS` and its siblings); without one nothing ever goes."""

from datetime import timedelta
from uuid import UUID

from mixmodel_app.config import settings
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.services import audit_log, runs
from mixmodel_app.storage import cache, progress
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import ModelRun, now
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import retention as repository

MOST = 500
"""So many runs go in one pass; the next hour's pass goes on."""


def apply() -> int:
    """Let go what the rule says; gives the number of runs. Each is noted in its workspace's audit log."""
    rule = settings().retention
    if not rule.run_days:
        return 0
    before = now() - timedelta(days=rule.run_days)
    with system_transaction() as session:
        ids = repository.expired(session, before, rule.keep_runs, only_models=rule.only_models, limit=MOST)
    let_go = _let_model_go if rule.only_models else _let_go
    return sum(let_go(run_id) for run_id in ids)


def _let_go(run_id: UUID) -> bool:
    with system_transaction() as session:
        run = repository.locked(session, run_id, only_models=False)
        if run is None:
            return False
        audit_log.record_rule(session, run.workspace_id, Action.RUN_EXPIRED, _subject(run))
        session.delete(run)
    objects().delete_prefix(f"{runs.prefix(run.workspace_id, run_id)}/")
    progress.forget(run.workspace_id, run_id)
    cache.drop(cache.results_key(run_id), cache.stats_key(run.workspace_id))
    return True


def _let_model_go(run_id: UUID) -> bool:
    with system_transaction() as session:
        run = repository.locked(session, run_id, only_models=True)
        if run is None or run.model_artifact_s3_key is None:
            return False
        key, run.model_artifact_s3_key = run.model_artifact_s3_key, None
        audit_log.record_rule(session, run.workspace_id, Action.MODEL_FILE_EXPIRED, _subject(run))
        session.add(run)
    objects().delete(key)
    return True


def _subject(run: ModelRun) -> str:
    return f"{run.name} ({run.created_at:%Y-%m-%d})"
