"""What one request leaves in the log."""

from collections.abc import Callable

import structlog
from fastapi.testclient import TestClient
from structlog.testing import LogCapture

from mixmodel_app.api import request_log
from mixmodel_app.api.request_log import RequestLog
from tests.integration.scenes import Account


def _captured(api: TestClient, path: str, headers: dict[str, str] | None = None) -> list[dict]:
    capture = LogCapture()
    processors = [structlog.contextvars.merge_contextvars, capture]
    logger = structlog.wrap_logger(None, processors=processors, wrapper_class=structlog.BoundLogger)
    original, request_log._log = request_log._log, logger
    try:
        TestClient(RequestLog(api.app), raise_server_exceptions=False).get(path, headers=headers)
    finally:
        request_log._log = original
    return capture.entries


def test_a_call_is_one_line_with_its_workspace_and_time(
    api: TestClient, register: Callable[..., dict[str, str]]
) -> None:
    headers = register()
    workspace = api.get("/api/auth/me", headers=headers).json()["workspace_id"]
    (line,) = _captured(api, "/api/datasets?cursor=nowhere", headers)
    assert line["event"] == "GET /api/datasets"
    assert line["status"] == 422
    assert line["workspace_id"] == workspace
    assert line["duration_ms"] > 0
    assert line["log_level"] == "info"


def test_tokens_in_the_address_stay_out(api: TestClient) -> None:
    (line,) = _captured(api, "/api/models/11111111-1111-4111-8111-111111111111/progress?token=secret-token")
    assert line["status"] == 401
    assert "secret-token" not in str(line)


def test_a_personal_token_is_in_no_line(api: TestClient, ann: Account) -> None:
    token = ann.post("/api/auth/tokens", {"name": "Job"}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    lines = _captured(api, "/api/datasets", bearer) + _captured(api, "/api/auth/tokens", bearer)
    lines += _captured(api, f"/api/models/11111111-1111-4111-8111-111111111111/progress?token={token}")
    assert [line["status"] for line in lines] == [200, 403, 404]
    assert {line["workspace_id"] for line in lines} == {str(ann.principal.workspace_id)}
    assert "mm_pat_" not in str(lines)


def test_probes_and_assets_are_not_logged(api: TestClient) -> None:
    assert _captured(api, "/health/live") == []
