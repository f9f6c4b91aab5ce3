"""People, their datasets and finished runs, for tests on the real stores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import insert, text

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.services import accounts, dataset_tables, datasets, runs
from mixmodel_app.storage import db, progress, redis
from mixmodel_app.storage.models import Dataset, ModelRun
from mixmodel_app.storage.objects import objects
from tests.tables import weekly_csv

QUICK: dict[str, Any] = {"mode": "custom", "n_samples": 200, "tune_steps": 300, "n_chains": 2, "random_seed": 11}
FILE_KEYS = ("s3_key", "table_key", "read_key", "model_artifact_s3_key", "draws_key")


@dataclass(frozen=True)
class Account:
    """Someone with a workspace who calls the API."""

    api: TestClient
    headers: dict[str, str]

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.api.request(method, path, **{"headers": self.headers, **more})

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.call("POST", path, json=body)

    def upload(self, content: bytes, filename: str = "weekly.csv") -> httpx.Response:
        return self.call("POST", "/api/datasets/upload", files={"file": (filename, content)})

    def ready_dataset(self, content: bytes | None = None) -> str:
        """Upload and validate; gives the id."""
        answer = self.upload(content or weekly_csv())
        assert answer.status_code == 201, answer.text
        dataset_id = answer.json()["dataset_id"]
        report = self.post(f"/api/datasets/{dataset_id}/validate").json()
        assert report["is_valid"], report["errors"]
        return dataset_id

    def start(self, dataset_id: str, **config: Any) -> str:
        """Queue a run; gives the id. Nobody works on it unless the test does."""
        answer = self.post("/api/models/run", {"dataset_id": dataset_id, "config": QUICK | config})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    @property
    def principal(self) -> Principal:
        return accounts.principal_from_access(self.headers["Authorization"].removeprefix("Bearer "))


@dataclass(frozen=True)
class CompletedFit:
    """What one real fit left behind: rows, files and events, to be put into any workspace."""

    dataset: dict[str, Any]
    run: dict[str, Any]
    files: dict[str, bytes]
    events: list[dict[str, Any]]

    def copy_for(self, owner: Principal) -> tuple[str, str]:
        """Dataset and run as if this person had made them; gives both ids."""
        dataset_id, run_id = uuid7(), uuid7()
        owned: dict[str, Any] = {"workspace_id": owner.workspace_id}
        dataset = self.dataset | owned | {"id": dataset_id, "uploaded_by": owner.user_id}
        run = self.run | owned | {"id": run_id, "dataset_id": dataset_id, "created_by": owner.user_id}
        old = {str(self.run["workspace_id"]): owner.workspace_id, str(self.run["id"]): run_id}
        old |= {str(self.dataset["id"]): dataset_id}
        for row in (dataset, run):
            row |= {key: _moved(row[key], old) for key in FILE_KEYS if key in row}
        for key, content in self.files.items():
            objects().put(_moved(key, old), content)
        with db.engine().begin() as connection:
            connection.execute(insert(Dataset), [dataset])
            connection.execute(insert(ModelRun), [run])
        return str(dataset_id), str(run_id)


def fit_once(folder: Path) -> CompletedFit:
    """Upload, validate, queue and fit, with the job called as the worker calls it."""
    from workers.fit_run import run_mmm_model

    pair = accounts.register("fitter@example.com", "Correct-horse-7", "Fay Fitter")
    owner = accounts.principal_from_access(pair.access_token)
    file = folder / "weekly.csv"
    file.write_bytes(weekly_csv())
    dataset_id = UUID(datasets.upload(owner, file, file.name)["id"])
    assert datasets.validate(owner, dataset_id).is_valid
    run_id = UUID(runs.start(owner, dataset_id, "A real fit", QUICK)["id"])
    run_mmm_model(str(run_id), 1)
    with db.system_transaction() as session:
        dataset, run = session.get(Dataset, dataset_id), session.get(ModelRun, run_id)
    assert dataset is not None
    assert run is not None
    assert run.status == "completed", run.error_message
    keys = (*dataset_tables.keys_of(dataset), run.model_artifact_s3_key, run.draws_key)
    files = {key: objects().get(key) for key in keys if key}
    return CompletedFit(dataset.model_dump(), run.model_dump(), files, events_of(owner.workspace_id, run_id))


def events_of(workspace_id: UUID, run_id: UUID) -> list[dict[str, Any]]:
    """All progress events of a run that Redis still has."""
    entries: Any = redis.client().xrange(progress.stream(workspace_id, run_id))
    return [event.to_json() for _, entry in entries for event in progress.events_in(entry)]


def change_run(run_id: str, **values: Any) -> None:
    """Write columns of a run behind the application's back."""
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with db.engine().begin() as connection:
        connection.execute(text(f"UPDATE model_runs SET {assignments} WHERE id = :id"), {"id": run_id, **values})


def run_row(run_id: str) -> dict[str, Any]:
    with db.engine().connect() as connection:
        row = connection.execute(text("SELECT * FROM model_runs WHERE id = :id"), {"id": run_id}).mappings().one()
    return dict(row)


def count(table: str) -> int:
    with db.engine().connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def lift_limits() -> None:
    for key in redis.client().scan_iter("limits*"):
        redis.client().delete(key)


def _moved(key: str, names: dict[str, Any]) -> str:
    for old, new in names.items():
        key = key.replace(old, str(new))
    return key
