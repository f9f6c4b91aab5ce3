"""The sample project: a simulated retailer with known truth, and a finished run to look at at once.

One workspace holds the original; a person who tries the sample gets a copy of it, results included, in their own.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.services import accounts, dataset_tables, datasets, passwords, runs
from mixmodel_app.storage import cache, models
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as runs_repository

EMAIL = "sample@mixmodel.local"
FILE = Path(__file__).resolve().parents[2] / "assets" / "sample" / "retail_weekly.csv"
RUN_NAME = "Sample: three years of a retailer"
CONFIG = {
    "mode": "custom",
    "n_chains": 4,
    "n_samples": 500,
    "tune_steps": 500,
    "random_seed": 2026,
    "saturation_type": "logistic",
    "yearly_seasonality": 2,
    "trend": "linear",
    "priors": {"saturation_lam": {"dist": "Gamma", "alpha": 3, "beta": 1}},
}
"""The default prior leans towards straight lines; this one expects diminishing returns, as a planner would."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample in one workspace: its dataset and its newest run."""

    dataset_id: str
    run_id: str
    status: str


def ensure_sample(password: str) -> str:
    """Make the sample account and its project where they are missing; the fit runs in the background.

    Returns:
        The account's email.
    """
    with system_transaction() as session:
        user = accounts_repository.user_by_email(session, EMAIL)
        if user is None:
            workspace = models.Workspace(name="Sample project")
            session.add(workspace)
            session.flush()
            hashed = passwords.hash_password(password)
            user = models.User(
                email=EMAIL, hashed_password=hashed, full_name="Sample Reader", workspace_id=workspace.id
            )
            session.add(user)
        elif not passwords.matches(password, user.hashed_password):
            user.hashed_password = passwords.hash_password(password)
            session.add(user)
    owner = accounts.principal_of_user(user)
    if _own(owner) is None:
        _make(owner)
    return EMAIL


def load(principal: Principal) -> Sample:
    """The sample in the principal's workspace: the one that is there, a copy of the finished original, or a new fit."""
    principal.require(Role.MEMBER)
    return _own(principal) or _copy(principal) or _make(principal)


def find(principal: Principal) -> Sample | None:
    """The sample in the principal's workspace, if it is there."""
    return _own(principal)


def remove(principal: Principal) -> None:
    """Delete the sample from the principal's workspace; nothing happens when it is not there."""
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        dataset = datasets_repository.sample(session, principal)
    if dataset is not None:
        datasets.delete(principal, dataset.id)


def _own(principal: Principal) -> Sample | None:
    with transaction(principal) as session:
        run = runs_repository.sample(session, principal)
    usable = run is not None and run.status not in (RunStatus.FAILED.value, RunStatus.CANCELLED.value)
    return Sample(str(run.dataset_id), str(run.id), run.status) if run is not None and usable else None


def _make(principal: Principal) -> Sample:
    with transaction(principal) as session:
        dataset = datasets_repository.sample(session, principal)
    dataset_id = dataset.id if dataset else _upload(principal)
    run = runs.start(principal, dataset_id, RUN_NAME, CONFIG)
    return Sample(str(dataset_id), run["id"], run["status"])


def _upload(principal: Principal) -> UUID:
    dataset_id = UUID(datasets.upload(principal, FILE, FILE.name, is_sample=True)["id"])
    datasets.validate(principal, dataset_id)
    return dataset_id


def _copy(principal: Principal) -> Sample | None:
    """A copy of the original with its finished run, or None while that is not finished."""
    with system_transaction() as session:
        owner = accounts_repository.user_by_email(session, EMAIL)
    if owner is None:
        return None
    source = accounts.principal_of_user(owner)
    with transaction(source) as session:
        run = runs_repository.sample(session, source)
        if run is None or run.status != RunStatus.COMPLETED.value:
            return None
        dataset = datasets_repository.get(session, source, run.dataset_id)
        kept = {"results": run.results, "headline": run.headline}
    new_dataset = _copied_dataset(dataset, principal)
    new_run = _copied_run(run, kept, dataset, new_dataset, principal)
    dataset_tables.copy(dataset, new_dataset, run.table_key)
    _copy_objects((run.model_artifact_s3_key, new_run.model_artifact_s3_key), (run.draws_key, new_run.draws_key))
    with transaction(principal) as session:
        _insert(session, new_dataset, new_run)
    cache.drop(cache.stats_key(principal.workspace_id))
    return Sample(str(new_dataset.id), str(new_run.id), new_run.status)


def _insert(session: Session, dataset: models.Dataset, run: models.ModelRun) -> None:
    session.add(dataset)
    session.flush()
    session.add(run)


def _copied_dataset(dataset: models.Dataset, principal: Principal) -> models.Dataset:
    new_id = uuid7()
    moved = dataset_tables.moved(dataset, principal.workspace_id, new_id)
    moved |= {"previous_id": None, "version": 1}  # what came before stays in the other workspace
    return models.Dataset(**_values(dataset) | moved | _owned(principal, new_id, "uploaded_by"))


def _copied_run(
    run: models.ModelRun,
    kept: dict[str, Any],
    dataset: models.Dataset,
    new_dataset: models.Dataset,
    principal: Principal,
) -> models.ModelRun:
    new_id = uuid7()
    folder = f"{runs.prefix(principal.workspace_id, new_id)}/{run.attempt}"
    moved = {
        "dataset_id": new_dataset.id,
        "table_key": dataset_tables.moved_key(run.table_key, dataset, new_dataset),
        "lease_token": None,
        "model_artifact_s3_key": _below(folder, run.model_artifact_s3_key),
        "draws_key": _below(folder, run.draws_key),
    }
    return models.ModelRun(**_values(run) | kept | moved | _owned(principal, new_id, "created_by"))


def _below(folder: str, key: str | None) -> str | None:
    """A file of the same name in another folder."""
    return f"{folder}/{PurePosixPath(key).name}" if key else None


def _values(row: models.Dataset | models.ModelRun) -> dict[str, Any]:
    return row.model_dump(exclude={"created_at"})


def _owned(principal: Principal, row_id: UUID, author: str) -> dict[str, Any]:
    return {"id": row_id, "workspace_id": principal.workspace_id, author: principal.user_id}


def _copy_objects(*moves: tuple[str | None, str | None]) -> None:
    for source, target in moves:
        if source and target:
            objects().put(target, objects().get(source))
