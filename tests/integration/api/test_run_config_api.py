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
        ({"priors": "vague"}, "config.priors"),
        (
            {"priors": {"adstock_alpha[Joe]": {"dist": "Beta", "alpha": 2, "beta": 2}}},
            "config.priors.adstock_alpha[Joe]",
        ),
        ({"expected_returns": {"Joe": {"low": 1, "likely": 2, "high": 3}}}, "config.expected_returns.Joe"),
        ({"control_signs": {"moon": "positive"}}, "config.control_signs.moon"),
        ({"adstock_type": "weibull", "l_max": 1}, "config.l_max"),
        ({"trend": "wavy"}, "config.trend"),
        ({"expected_returns": {"TV": {"low": 3, "likely": 2, "high": 1}}}, "config.expected_returns.TV"),
        ({"control_signs": {"price": "up"}}, "config.control_signs.price"),
        ({"events": [{"name": "Sale", "start": "soon", "end": "2026-01-01"}]}, "config.events[0].start"),
        ({"holidays": "Germany"}, "config.holidays"),
        ({"lift_tests": [{"channel": "TV"}]}, "config.lift_tests[0].extra_spend"),
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


@pytest.mark.fit
def test_an_identical_finished_run_is_named(ann: Account, finished: tuple[str, str]) -> None:
    dataset_id, run_id = finished
    config = ann.get(f"/api/models/{run_id}").json()["config"]
    started = ann.post("/api/models/run", {"dataset_id": dataset_id, "config": config}).json()
    assert started["status"] == "queued", "it is offered, not forced"
    assert started["identical_run_id"] == run_id
    without_seed = {key: value for key, value in config.items() if key != "random_seed"}
    again = ann.post("/api/models/run", {"dataset_id": dataset_id, "config": without_seed}).json()
    assert again["identical_run_id"] == run_id
    for other in ({"random_seed": 12}, {"l_max": 5}, {"priors": "classic"}):
        answer = ann.post("/api/models/run", {"dataset_id": dataset_id, "config": config | other}).json()
        assert answer["identical_run_id"] is None, other


@pytest.mark.fit
def test_another_workspace_has_no_identical_run(ann: Account, bob: Account, finished: tuple[str, str]) -> None:
    config = ann.get(f"/api/models/{finished[1]}").json()["config"]
    answer = bob.post("/api/models/run", {"dataset_id": bob.ready_dataset(), "config": config})
    assert answer.json()["identical_run_id"] is None
