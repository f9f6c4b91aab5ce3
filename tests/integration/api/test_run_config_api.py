"""What a run may be asked for: wrong settings are named before anything is queued."""

from typing import Any

import pytest

from tests.integration.scenes import Account, count


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"mode": "fast"}, "config.mode"),
        ({"n_chains": 0}, "config.n_chains"),
        ({"n_samples": "many"}, "config.n_samples"),
        ({"colour": "red"}, "config.colour"),
        ({"engine": "none"}, "config.engine"),
        ({"adstock_type": "square"}, "config.adstock_type"),
        ({"target_accept": 1}, "config.target_accept"),
        ({"priors": {"no_such_parameter": {"dist": "Normal"}}}, "config.priors.no_such_parameter"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_queued(ann: Account, config: dict[str, Any], field: str) -> None:
    body = {"dataset_id": ann.ready_dataset(), "config": config}
    answer = ann.post("/api/models/run", body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert count("model_runs") == 0


def test_the_stored_config_is_complete(ann: Account) -> None:
    body = {"dataset_id": ann.ready_dataset(), "config": {"mode": "full", "yearly_seasonality": False}}
    run = ann.post("/api/models/run", body).json()
    assert run["status"] == "queued"
    assert run["config"]["n_samples"] == 2000
    assert run["config"]["n_chains"] == 4
    assert run["config"]["yearly_seasonality"] == 0
    assert isinstance(run["config"]["random_seed"], int)


def test_other_draws_than_the_presets_make_a_custom_run(ann: Account) -> None:
    body = {"dataset_id": ann.ready_dataset(), "config": {"mode": "quick", "n_samples": 300}}
    assert ann.post("/api/models/run", body).json()["config"]["mode"] == "custom"


def test_data_that_was_not_validated_cannot_be_run(ann: Account) -> None:
    from tests.tables import weekly_csv

    dataset_id = ann.upload(weekly_csv()).json()["dataset_id"]
    answer = ann.post("/api/models/run", {"dataset_id": dataset_id})
    assert answer.status_code == 400
    assert answer.json()["code"] == "dataset_not_ready"
