"""The sample project: one original, and a copy for whoever asks."""

from typing import Any
from uuid import UUID

import pytest

from mixmodel_app.services import accounts, sample
from mixmodel_app.storage import db, queue
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import accounts as repository
from tests.integration.scenes import Account, CompletedFit, count, run_row


@pytest.fixture
def original(ann: Account, completed_fit: CompletedFit) -> dict[str, Any]:
    """The sample account with a finished run, as after the first minute of an installation."""
    sample.ensure_sample("Sample-horse-7")
    with db.system_transaction() as session:
        owner = repository.user_by_email(session, sample.EMAIL)
    assert owner is not None
    principal = accounts.principal_of_user(owner)
    sample.remove(principal)
    shown = CompletedFit(
        completed_fit.dataset | {"is_sample": True}, completed_fit.run | {"is_sample": True}, completed_fit.files, []
    )
    dataset_id, run_id = shown.copy_for(principal)
    return {"dataset_id": dataset_id, "run_id": run_id, "principal": principal}


def test_the_first_start_makes_the_account_and_queues_one_fit(ann: Account) -> None:
    for _ in range(2):
        assert sample.ensure_sample("Sample-horse-7") == sample.EMAIL
    assert count("model_runs") == count("datasets") == queue.waiting() == 1
    assert accounts.login(sample.EMAIL, "Sample-horse-7").user["full_name"] == "Sample Reader"


def test_another_password_at_the_next_start_counts(ann: Account) -> None:
    sample.ensure_sample("Sample-horse-7")
    sample.ensure_sample("Sample-horse-8")
    assert accounts.login(sample.EMAIL, "Sample-horse-8").user["email"] == sample.EMAIL


def test_before_the_original_is_finished_one_gets_a_fit_of_ones_own(ann: Account) -> None:
    sample.ensure_sample("Sample-horse-7")
    found = sample.load(ann.principal)
    assert found.status == "queued"
    assert sample.load(ann.principal) == found, "asking again changes nothing"
    assert queue.waiting() == 2


@pytest.mark.fit
def test_the_copy_is_finished_and_ones_own(ann: Account, original: dict[str, Any]) -> None:
    found = sample.load(ann.principal)
    assert found.status == "completed"
    assert (found.dataset_id, found.run_id) != (original["dataset_id"], original["run_id"])
    results = ann.get(f"/api/models/{found.run_id}/results")
    assert results.status_code == 200
    assert ann.post(f"/api/models/{found.run_id}/optimize", {"total_budget": 100_000}).status_code == 200
    assert ann.get(f"/api/models/{original['run_id']}").status_code == 404
    assert ann.get(f"/api/datasets/{found.dataset_id}").json()["is_sample"]
    assert sample.find(ann.principal) == found
    run = run_row(found.run_id)
    own = f"workspaces/{ann.principal.workspace_id}/"
    for key in (run["table_key"], run["model_artifact_s3_key"], run["draws_key"]):
        assert key.startswith(own)
        assert objects().get(key)


@pytest.mark.fit
def test_deleting_the_copy_leaves_the_original_whole(ann: Account, bob: Account, original: dict[str, Any]) -> None:
    found = sample.load(ann.principal)
    assert ann.call("DELETE", f"/api/datasets/{found.dataset_id}").status_code == 204
    assert sample.find(ann.principal) is None
    second = sample.load(bob.principal)
    assert second.status == "completed"
    assert bob.get(f"/api/models/{second.run_id}/artifact").status_code == 200
    assert UUID(second.run_id) != UUID(found.run_id)
