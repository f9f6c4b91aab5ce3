"""A request for a run that arrives twice starts one run."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.integration.scenes import QUICK, Account, lift_limits


@pytest.fixture
def body(ann: Account) -> dict[str, Any]:
    return {"dataset_id": ann.ready_dataset(), "name": "Spring", "config": QUICK}


def _start(account: Account, body: dict[str, Any], key: str | None) -> httpx.Response:
    more = {"Idempotency-Key": key} if key is not None else {}
    return account.call("POST", "/api/models/run", json=body, headers=account.headers | more)


@pytest.fixture(autouse=True)
def _unhurried(ann: Account) -> None:
    lift_limits()


def _runs(account: Account) -> list[str]:
    return [run["id"] for run in account.get("/api/models").json()]


def test_the_same_key_gives_the_same_run(ann: Account, body: dict[str, Any]) -> None:
    first, again = _start(ann, body, "first try"), _start(ann, body, "first try")
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert _runs(ann) == [first.json()["id"]]


def test_at_the_same_moment_too(ann: Account, body: dict[str, Any]) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: _start(ann, body, "at once"), range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(_runs(ann)) == 1


def test_another_key_or_none_starts_another_run(ann: Account, body: dict[str, Any]) -> None:
    found = {_start(ann, body, key).json()["id"] for key in ("one", "two", None, None)}
    assert len(found) == 4


def test_a_key_stands_for_one_request(ann: Account, body: dict[str, Any]) -> None:
    assert _start(ann, body, "mine").status_code == 201
    other = _start(ann, body | {"name": "Summer"}, "mine")
    assert other.status_code == 422
    assert other.json()["errors"] == [{"field": "Idempotency-Key", "message": "was used for another request"}]
    assert len(_runs(ann)) == 1


def test_a_key_is_its_owners(ann: Account, bob: Account, body: dict[str, Any]) -> None:
    assert _start(ann, body, "mine").status_code == 201
    theirs = _start(bob, {"dataset_id": bob.ready_dataset(), "name": "Spring", "config": QUICK}, "mine")
    assert theirs.status_code == 201
    assert _runs(bob) == [theirs.json()["id"]]
    assert _start(ann, body, "x" * 256).status_code == 422
