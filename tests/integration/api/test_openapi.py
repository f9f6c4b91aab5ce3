"""The API is what its OpenAPI document says: requests made up from the document find no disagreement."""

import os
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import CHECKS

from mixmodel_app.api.app import create_api
from tests.integration.scenes import Account, lift_limits

EXAMPLES = int(os.environ.get("MIXMODEL_OPENAPI_EXAMPLES", "6"))
FIELDS_SAY_MORE = {"positive_data_acceptance"}
"""The document gives shapes; that a date exists or a name is free, only the answer can say."""
ENDLESS = "/api/models/{run_id}/progress"
PATHS: dict[str, dict[str, Any]] = create_api().openapi()["paths"]
GROUPS = sorted({path.split("/")[2] if path.startswith("/api/") else "" for path in PATHS})


@pytest.fixture(scope="module")
def document() -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", create_api())


@pytest.mark.parametrize("group", GROUPS)
def test_answers_are_as_documented(document: Any, ann: Account, group: str) -> None:
    operations = [
        document[path][method]
        for path, methods in PATHS.items()
        for method in methods
        if path != ENDLESS and path.startswith(f"/api/{group}" if group else "/health")
    ]
    assert operations
    for operation in operations:
        _ask(operation, ann)


def _ask(operation: Any, asker: Account) -> None:
    checks = [check for check in CHECKS.get_all() if check.__name__ not in FIELDS_SAY_MORE]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        lift_limits()
        case.call_and_validate(headers=asker.headers, checks=checks)

    ask()


def test_the_document_describes_errors() -> None:
    for path, methods in PATHS.items():
        for method, operation in methods.items():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"], f"{method} {path}"
    assert "Problem" in create_api().openapi()["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("PATCH", "/api/comments/x", 405, "DELETE"),
        ("OPTIONS", "/api/auth/login", 405, "POST"),
        ("PUT", "/api/models/run", 405, "POST"),
        ("GET", "/api/nothing", 404, None),
    ],
)
def test_what_no_route_takes_is_a_problem(api: TestClient, method: str, path: str, status: int, allowed: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.headers.get("allow") == allowed
    assert answer.json()["status"] == status


def test_an_empty_cursor_is_none(ann: Account) -> None:
    assert ann.get("/api/models", cursor="").json() == []
