"""What attackers put into requests: fields that are not theirs, hostile names, and JSON that no program sends."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.storage import db
from tests.integration.house import PASSWORD, House, build_house
from tests.integration.scenes import Account, CompletedFit, lift_limits
from tests.tables import weekly_csv

pytestmark = pytest.mark.fit


@pytest.fixture
def house(api: TestClient, completed_fit: CompletedFit) -> House:
    return build_house(completed_fit)


def test_nobody_can_assign_what_is_not_asked_for(api: TestClient, house: House) -> None:
    admin, viewer, stranger = (house.people[name] for name in ("admin", "viewer", "stranger"))
    there = {"workspace_id": str(admin.principal.workspace_id), "id": str(admin.principal.user_id)}
    more = there | {"role": "admin", "hashed_password": "x", "created_at": "2001-01-01", "created_by": there["id"]}
    lift_limits()
    body = {"email": "mallory@example.com", "password": PASSWORD, "full_name": "Mallory"}
    answer = api.post("/api/auth/register", json=body | more)
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        user = answer.json()["user"]
        assert user["workspace_id"] != there["workspace_id"]
        assert user["id"] != there["id"]
    renamed = api.put("/api/auth/me", json={"full_name": "Vic"} | more, headers=viewer.headers)
    assert renamed.json()["role"] == "viewer"
    assert renamed.json()["id"] == str(viewer.principal.user_id)
    for method in ("PUT", "PATCH"):
        changed = api.request(method, "/api/workspace", json={"name": "Mine"} | there, headers=stranger.headers)
        assert changed.json()["id"] == str(stranger.principal.workspace_id)
    assert api.get("/api/workspace", headers=admin.headers).json()["name"] == "Quiet Harbour"


def test_a_run_cannot_be_born_finished_or_elsewhere(api: TestClient, house: House) -> None:
    member, things = house.people["member"], house.things
    body = {"dataset_id": things["dataset_id"], "status": "completed", "progress": 100, "results": {}, "id": "x"}
    started = api.post("/api/models/run", json=body, headers=member.headers)
    assert (started.status_code, started.json()["status"]) == (201, "queued")
    body |= {"workspace_id": str(member.principal.workspace_id)}
    assert api.post("/api/models/run", json=body, headers=house.people["stranger"].headers).status_code == 404


def test_where_several_ids_are_named_each_is_looked_at(
    api: TestClient, house: House, completed_fit: CompletedFit
) -> None:
    """One's own first and another's after it, and the other way round."""
    things, stranger = house.things, house.people["stranger"]
    own_data, own_run = completed_fit.copy_for(stranger.principal)
    plan = {"run_id": own_run, "name": "Mine", "allocation": {"TV": 1e4, "Search": 5e3}, "weeks": 4}
    own_plan = api.post("/api/scenarios", json=plan, headers=stranger.headers).json()["id"]
    for ids in ([own_plan, things["scenario_id"]], [things["scenario_id"], own_plan]):
        answer = api.get("/api/scenarios/compare", params={"ids": ids}, headers=stranger.headers)
        assert answer.status_code == 404, answer.text
    for first, second in ((own_run, things["run_id"]), (things["run_id"], own_run)):
        assert api.get(f"/api/models/{first}/compare/{second}", headers=stranger.headers).status_code == 404
    files = {"file": ("weekly.csv", weekly_csv())}
    version = {"version_of": things["dataset_id"]}
    answer = api.post("/api/datasets/upload", files=files, data=version, headers=stranger.headers)
    assert answer.status_code == 404
    listed = api.get("/api/models", params={"dataset_id": things["dataset_id"]}, headers=stranger.headers)
    assert listed.json() == []
    assert [row["id"] for row in api.get("/api/datasets", headers=stranger.headers).json()] == [own_data]


HOSTILE_NAMES = (
    "../../../../etc/passwd.csv",
    "..%2f..%2fetc%2fpasswd.csv",
    "..\\..\\windows\\system32\\a.csv",
    "/etc/cron.d/a.csv",
    "a\x00.csv",
    "invoice\u202exslx.csv",
    "a\r\nSet-Cookie: mm_access=x\r\n.csv",
    'a"; filename="b.exe".csv',
    "<img src=x onerror=alert(1)>.csv",
    "con.csv",
    "." * 200 + ".csv",
    "名" * 300 + ".csv",
)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_file_name_goes_nowhere(ann: Account, name: str) -> None:
    """Neither into a key, nor into a header, nor into what people read as another name."""
    answer = ann.upload(weekly_csv(), name)
    assert answer.status_code in (201, 400, 415, 422), answer.text
    if answer.status_code != 201:
        return
    body = answer.json()
    assert body["filename"].isprintable()
    assert "/" not in body["filename"]
    assert len(body["filename"]) <= 255
    with db.engine().connect() as connection:
        keys = connection.execute(text("SELECT s3_key, table_key FROM datasets")).one()
    workspace = str(ann.principal.workspace_id)
    for key in keys:
        parts = PurePosixPath(unquote(key)).parts
        assert parts[:4] == ("workspaces", workspace, "datasets", body["dataset_id"])
        assert ".." not in parts
    file = ann.get(f"/api/datasets/{body['dataset_id']}/table.csv")
    assert file.status_code == 200
    disposition = file.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert disposition.count(";") == 1
    assert "set-cookie" not in file.headers


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "roas%00", "roas%0d%0aSet-Cookie:x"])
def test_paths_lead_to_nothing_else(ann: Account, finished: tuple[str, str], path: str) -> None:
    dataset_id, run_id = finished
    for place in (
        f"/api/models/{run_id}/charts/{path}.csv",
        f"/api/models/{run_id}/report.{path}",
        f"/api/datasets/{dataset_id}/table.{path}",
        f"/api/datasets/{path}",
        f"/api/shared/{path}",
        f"/shared/{path}",
        f"/api/docs/assets/{path}",
    ):
        answer = ann.get(place)
        assert answer.status_code in (404, 405, 422), (place, answer.status_code)
        assert "root:" not in answer.text
        assert "set-cookie" not in answer.headers


ODD = (
    '"a\\u0000b"',
    '"\\ud800"',
    "NaN",
    "-Infinity",
    "1e400",
    "1" + "0" * 400,
    "[" * 900 + "]" * 900,
    '{"a":' * 400 + "1" + "}" * 400,
    '{"\\u0000": "\\ud800"}',
    "null",
    "[]",
)
"""Values that a JSON parser takes and a database or a model may not."""

FREE_FIELDS = (
    ("PUT", "/api/datasets/{dataset_id}/mapping", '{"column_mapping": %s}'),
    ("PUT", "/api/datasets/{dataset_id}/mapping", '{"column_mapping": {"date_column": %s, "target_column": %s}}'),
    ("PUT", "/api/datasets/{dataset_id}/mapping", '{"column_mapping": {"date_column": "date", "target_column": '
     '"revenue", "media_columns": {"tv_spend": {"channel_name": %s, "spend_type": "spend"}}}}'),
    ("POST", "/api/datasets/{dataset_id}/fixes", '{"kind": %s, "arguments": {}}'),
    ("POST", "/api/datasets/{dataset_id}/fixes", '{"kind": "fill_zero", "arguments": {"column": %s}}'),
    ("POST", "/api/datasets/{dataset_id}/reading", '{"sheet": %s}'),
    ("POST", "/api/models/run", '{"dataset_id": "{dataset_id}", "name": %s}'),
    ("POST", "/api/models/run", '{"dataset_id": "{dataset_id}", "config": %s}'),
    ("POST", "/api/models/run", '{"dataset_id": "{dataset_id}", "config": {"mode": "custom", "l_max": %s}}'),
    ("POST", "/api/models/run", '{"dataset_id": "{dataset_id}", "config": {"priors": %s}}'),
    ("POST", "/api/models/run", '{"dataset_id": "{dataset_id}", "config": {"random_seed": %s}}'),
    ("POST", "/api/models/preview", '{"dataset_id": "{dataset_id}", "config": %s}'),
    ("POST", "/api/models/{run_id}/comments", '{"text": %s}'),
    ("POST", "/api/models/{run_id}/shares", '{"days": %s}'),
    ("POST", "/api/models/{run_id}/evaluate", '{"allocation": {"TV": %s}}'),
    ("POST", "/api/models/{run_id}/optimize", '{"total_budget": %s}'),
    ("POST", "/api/scenarios", '{"run_id": "{run_id}", "name": %s, "allocation": {"TV": 1}}'),
    ("POST", "/api/scenarios", '{"run_id": "{run_id}", "name": "n", "allocation": {"TV": 1}, "locked": [%s]}'),
    ("PUT", "/api/scenarios/{scenario_id}", '{"name": %s}'),
    ("PATCH", "/api/workspace", '{"preferences": {"currency": %s}}'),
    ("PUT", "/api/auth/me", '{"full_name": %s}'),
    ("POST", "/api/workspace/invite", '{"role": "viewer", "email": %s}'),
    ("POST", "/api/auth/login", '{"email": %s, "password": %s}'),
    ("POST", "/api/auth/refresh", '{"refresh_token": %s}'),
    ("POST", "/api/auth/password/reset", '{"token": %s, "password": "Correct-horse-7"}'),
    ("POST", "/api/auth/register", '{"email": "odd@example.com", "password": "Correct-horse-7", "full_name": %s}'),
)  # fmt: skip


def test_json_that_no_program_sends_is_refused_in_words(api: TestClient, house: House) -> None:
    """Never a 500, and never a trace of the inside."""
    admin, wrong = house.people["admin"], list[str]()
    for method, path, body in FREE_FIELDS:
        for odd in ODD:
            lift_limits()
            content = _filled(body, house.things).replace("%s", odd).encode()
            headers = admin.headers | {"Content-Type": "application/json"}
            answer = api.request(method, _filled(path, house.things), content=content, headers=headers)
            if answer.status_code >= 500 or "Traceback" in answer.text:
                wrong.append(f"{method} {path} {body} with {odd[:30]}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


def _filled(template: str, things: dict[str, str]) -> str:
    for name, value in things.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def test_no_field_takes_an_address_to_fetch(api: TestClient) -> None:
    """Nothing to make the server call somebody else with; whoever adds such a field must think of that."""
    document: dict[str, Any] = api.get("/api/openapi.json").json()
    fields = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert len(fields) > 50
    assert not [name for name in fields if any(word in name.lower() for word in ("url", "uri", "webhook", "callback"))]
