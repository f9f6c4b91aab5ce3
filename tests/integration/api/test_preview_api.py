"""The preview of priors over HTTP: ranges and warnings without a run, and every wrong setting by its field."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.storage import db
from tests.integration.scenes import Account, count
from tests.tables import weekly_csv

PATH = "/api/models/preview"
EXPECTED = {"TV": {"low": 0.5, "likely": 1.5, "high": 4}}


def _preview(ann: Account, **config: Any) -> dict[str, Any]:
    answer = ann.post(PATH, {"dataset_id": ann.ready_dataset(), "config": config})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_priors_are_told_and_nothing_is_queued(ann: Account) -> None:
    found = _preview(ann, expected_returns=EXPECTED)
    assert [channel["channel"] for channel in found["channels"]] == ["TV", "Search"]
    tv = found["channels"][0]["prior_return"]
    assert 0 < tv["lo"] < tv["lo50"] < tv["median"] < tv["hi50"] < tv["hi"] < 6
    assert tv["median"] == pytest.approx(1.5, rel=0.05)
    assert 0 < found["media_share"]["lo"] < found["media_share"]["hi"]
    outcome = found["outcome"]
    assert len(outcome["dates"]) == len(outcome["actual"]) == len(outcome["hi"]) == len(outcome["media"]["lo"]) == 60
    assert found["sentences"][0].startswith("Before seeing the data the model thinks TV returns ")
    assert count("model_runs") == 0


def test_an_implausible_prior_is_said_in_words(ann: Account) -> None:
    absurd = {"low": 11, "likely": 12, "high": 13}
    [high, sure] = _preview(ann, expected_returns={"TV": absurd, "Search": EXPECTED["TV"]})["warnings"]
    assert (high["code"], high["channels"]) == ("returns_high", ["TV"])
    assert "TV returns more than 10 per 1 spent" in high["message"]
    assert sure["code"] == "expectation_sure"


def test_the_settings_of_a_preview_may_be_left_out(ann: Account) -> None:
    assert ann.post(PATH, {"dataset_id": ann.ready_dataset()}).status_code == 200


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"mode": "fast"}, "config.mode"),
        ({"engine": "none"}, "config.engine"),
        ({"priors": {"sigma": {"dist": "Beta"}}}, "config.priors.sigma.dist"),
        ({"priors": {"adstock_alpha[Radio]": {"dist": "Beta", "alpha": 1, "beta": 1}}}, "config.priors.adstock_alpha"),
        ({"expected_returns": {"Radio": EXPECTED["TV"]}}, "config.expected_returns.Radio"),
        ({"expected_returns": {"TV": {"low": 2, "likely": 1, "high": 3}}}, "config.expected_returns.TV"),
        ({"control_signs": {"weather": "positive"}}, "config.control_signs.weather"),
    ],
)
def test_a_wrong_setting_is_named(ann: Account, config: dict[str, Any], field: str) -> None:
    answer = ann.post(PATH, {"dataset_id": ann.ready_dataset(), "config": config})
    assert answer.status_code == 422
    assert any(error["field"].startswith(field) for error in answer.json()["errors"])


def test_data_that_were_not_validated_have_no_preview(ann: Account) -> None:
    answer = ann.post(PATH, {"dataset_id": ann.upload(weekly_csv()).json()["dataset_id"]})
    assert answer.status_code == 400
    assert answer.json()["code"] == "dataset_not_ready"


def test_another_workspace_has_no_preview_of_ours(ann: Account, bob: Account) -> None:
    theirs, unknown = (bob.post(PATH, {"dataset_id": each}) for each in (ann.ready_dataset(), str(uuid4())))
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json()["detail"] == unknown.json()["detail"]


def test_one_signs_in_and_is_more_than_a_viewer(api: TestClient, ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    assert api.post(PATH, json={"dataset_id": dataset_id}).status_code == 401
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE users SET role = 'viewer'"))
    assert ann.post(PATH, {"dataset_id": dataset_id}).status_code == 403


def test_the_path_is_not_taken_for_a_run(ann: Account) -> None:
    assert ann.get(PATH).status_code == 422, "reading it asks for a run of this name"
