"""How often one may ask, route by route; the sixth, eleventh or twenty-first time within a minute one waits."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.integration.scenes import Account, lift_limits

NOBODY = str(UUID(int=7))

BY_ACCOUNT = [
    ("POST", "/api/datasets/upload", 10),
    ("POST", f"/api/datasets/{NOBODY}/validate", 20),
    ("POST", "/api/models/run", 5),
    ("POST", f"/api/models/{NOBODY}/optimize", 20),
    ("POST", "/api/models/preview", 20),
]
BODIES = {
    "/api/models/run": {"dataset_id": NOBODY},
    "/api/models/preview": {"dataset_id": NOBODY},
    f"/api/models/{NOBODY}/optimize": {"total_budget": 1},
}


def _ask(account: Account, method: str, path: str) -> int:
    return account.call(method, path, json=BODIES.get(path)).status_code


@pytest.mark.parametrize(("method", "path", "times"), BY_ACCOUNT)
def test_an_account_waits_after_its_share(ann: Account, bob: Account, method: str, path: str, times: int) -> None:
    lift_limits()
    assert 429 not in [_ask(ann, method, path) for _ in range(times)]
    refused = ann.call(method, path, json=BODIES.get(path))
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert refused.json()["code"] == "rate_limited"
    assert "Try again in" in refused.json()["detail"]
    assert _ask(bob, method, path) != 429, "counted for each account alone"


@pytest.mark.parametrize(
    ("path", "times"), [("/api/auth/register", 5), ("/api/auth/login", 5), ("/api/auth/refresh", 10)]
)
def test_an_address_waits_where_there_is_no_account_yet(api: TestClient, path: str, times: int) -> None:
    body = {"email": "nobody", "password": "x", "full_name": "x", "refresh_token": "x"}
    codes = [api.post(path, json=body).status_code for _ in range(times + 1)]
    assert 429 not in codes[:-1]
    assert codes[-1] == 429


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    api: TestClient, register: Callable[..., dict[str, str]]
) -> None:
    register()
    lift_limits()
    body = {"email": "ann@example.com", "password": "Wrong-horse-7"}
    codes = [
        api.post("/api/auth/login", json=body, headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code
        for number in range(6)
    ]
    assert codes == [401] * 5 + [429], "an invented address does not reset the count"


def test_pages_and_api_share_one_count(api: TestClient, register: Callable[..., dict[str, str]]) -> None:
    register()
    lift_limits()
    form = {"email": "ann@example.com", "password": "Wrong-horse-7"}
    for _ in range(5):
        api.post("/api/session/login", data=form, follow_redirects=False)
    assert api.post("/api/auth/login", json=form).status_code == 429
    page = api.post("/api/session/login", data=form, follow_redirects=False)
    assert "error=rate_limited" in page.headers["location"]
