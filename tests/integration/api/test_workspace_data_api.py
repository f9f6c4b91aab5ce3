"""The audit log, the archive of a workspace, and its deletion."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.exports.archive import stream_zip
from mixmodel_app.services import accounts
from mixmodel_app.storage import db, queue, redis
from mixmodel_app.storage.objects import objects
from tests.integration.conftest import PASSWORD
from tests.integration.scenes import Account, count, lift_limits

SECRETS = ("hashed_password", "token_hash", "$2b$")


def _actions(account: Account, **query: str) -> list[str]:
    answer = account.get("/api/workspace/audit", **query)
    assert answer.status_code == 200, answer.text
    return [event["action"] for event in answer.json()]


def _archive(account: Account) -> dict[str, bytes]:
    lift_limits()
    answer = account.get("/api/workspace/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="mixmodel-workspace-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_log_says_who_did_what_when_and_from_where(api: TestClient, ann: Account) -> None:
    before = datetime.now(UTC)
    dataset_id = ann.ready_dataset()
    run_id = ann.start(dataset_id)
    ann.get(f"/api/datasets/{dataset_id}/table.csv")
    ann.call("DELETE", f"/api/models/{run_id}")
    ann.call("DELETE", f"/api/datasets/{dataset_id}")
    ann.call("PUT", "/api/workspace", json={"name": "Louder Harbour"})
    lift_limits()
    api.post("/api/auth/login", json={"email": "ann@example.com", "password": "Wrong-horse-7"})
    events = ann.get("/api/workspace/audit").json()
    assert [(event["action"], event["subject"]) for event in events] == [
        ("sign_in_failed", ""),
        ("workspace_renamed", "Louder Harbour"),
        ("dataset_deleted", "weekly.csv"),
        ("run_deleted", "weekly, custom fit"),
        ("exported", "weekly.csv as csv"),
        ("registered", ""),
    ]
    assert {event["actor"] for event in events} == {"ann@example.com"}
    assert {event["address"] for event in events} == {"testclient"}
    assert datetime.fromisoformat(events[0]["created_at"]) > before


def test_people_and_passwords_stand_in_the_log(api: TestClient, ann: Account) -> None:
    invitation = ann.post("/api/workspace/invite", {"email": "cay@example.com", "role": "viewer"}).json()
    accounts.register("cay@example.com", PASSWORD, "Cay", invite_token=invitation["token"])
    cay = next(p for p in ann.get("/api/workspace/members").json() if p["email"] == "cay@example.com")
    ann.call("PUT", f"/api/workspace/members/{cay['id']}/role", json={"role": "member"})
    ann.call("DELETE", f"/api/workspace/members/{cay['id']}")
    change = {"current_password": PASSWORD, "new_password": "Another-horse-8"}
    ann.call("PUT", "/api/auth/password", json=change)
    found = {event["action"]: event for event in ann.get("/api/workspace/audit").json()}
    assert found["invited"]["subject"] == "cay@example.com as viewer"
    assert found["joined"]["actor"] == "cay@example.com"
    assert found["role_changed"]["subject"] == "cay@example.com: viewer → member"
    assert found["member_removed"]["subject"] == "cay@example.com"
    assert "password_changed" in found
    assert "horse" not in json.dumps(found)


def test_the_log_is_filtered_and_paged(ann: Account) -> None:
    for number in range(5):
        ann.call("PUT", "/api/workspace", json={"name": f"Name {number}"})
    assert _actions(ann, action="workspace_renamed") == ["workspace_renamed"] * 5
    assert _actions(ann, actor="nobody@example.com") == []
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=1)
    assert len(_actions(ann, **{"from": str(today), "to": str(today)})) == 6
    assert _actions(ann, **{"from": str(tomorrow)}) == []
    assert _actions(ann, to=str(today - timedelta(days=1))) == []
    assert len(_actions(ann, to="9999-12-31")) == 6
    assert ann.get("/api/workspace/audit", action="nonsense").status_code == 422
    first = ann.get("/api/workspace/audit", limit="4")
    rest = ann.api.get(first.links["next"]["url"], headers=ann.headers)
    ids = [event["id"] for event in (*first.json(), *rest.json())]
    assert len(set(ids)) == 6


def test_the_csv_holds_everything_and_no_formula(ann: Account) -> None:
    ann.call("PUT", "/api/workspace", json={"name": '=HYPERLINK("http://evil.example")'})
    answer = ann.get("/api/workspace/audit.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["created_at", "actor", "action", "subject", "address"]
    assert rows[1][2:4] == ["exported", "audit log"]
    assert rows[2][3] == '\'=HYPERLINK("http://evil.example")'
    assert len(rows) == 4
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_the_csv_goes_on_beyond_one_page(ann: Account) -> None:
    with db.engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_events (id, workspace_id, actor, action, subject, address) "
                "SELECT gen_random_uuid(), id, 'x', 'signed_in', '', '' FROM workspaces, generate_series(1, 250)"
            )
        )
    rows = list(csv.reader(io.StringIO(ann.get("/api/workspace/audit.csv").text)))
    assert len(rows) == 1 + 250 + 2


@pytest.mark.fit
def test_the_archive_holds_everything_and_no_secret(ann: Account, finished: tuple[str, str]) -> None:
    dataset_id, run_id = finished
    ann.post(f"/api/models/{run_id}/comments", {"text": "Looks right."})
    link = ann.post(f"/api/models/{run_id}/shares", {}).json()
    invitation = ann.post("/api/workspace/invite", {}).json()
    files = _archive(ann)
    folder, names = f"datasets/{dataset_id}/", set(files)
    assert {f"{folder}dataset.json", f"runs/{run_id}/results.json"} <= names
    assert any(name.startswith(f"{folder}raw-") and name.endswith(".csv") for name in names)
    assert any(name.startswith(f"{folder}table-") and name.endswith(".parquet") for name in names)
    assert any(name.startswith(f"runs/{run_id}/") and name.endswith(".nc") for name in names)
    about = json.loads(files["workspace.json"])
    assert (about["name"], about["members"][0]["email"]) == ("Quiet Harbour", "ann@example.com")
    run = json.loads(files[f"runs/{run_id}/run.json"])
    assert run["comments"][0]["text"] == "Looks right."
    assert run["links"][0]["id"] == link["id"]
    texts = b"".join(content for name, content in files.items() if name.endswith((".json", ".csv", ".txt"))).decode()
    for secret in (*SECRETS, link["token"], invitation["token"], "Quiet Harbour's secret"):
        assert secret not in texts
    assert "missing.txt" not in names
    assert _actions(ann, action="workspace_exported") == ["workspace_exported"]


def test_an_archive_of_others_holds_nothing_of_ours(ann: Account, bob: Account) -> None:
    dataset_id = ann.ready_dataset()
    files = _archive(bob)
    assert not [name for name in files if dataset_id in name]
    assert b"ann@example.com" not in b"".join(files.values())


def test_a_file_that_is_gone_is_listed(ann: Account) -> None:
    dataset_id = ann.ready_dataset()
    prefix = f"workspaces/{ann.principal.workspace_id}/datasets/{dataset_id}"
    raw = next(key for key in objects().list_older(prefix, timedelta(hours=-1)) if "/raw-" in key)
    objects().delete(raw)
    files = _archive(ann)
    assert files["missing.txt"].decode() == raw
    assert f"datasets/{dataset_id}/dataset.json" in files


def test_an_archive_is_written_as_it_goes() -> None:
    """Its memory is that of one piece, not of the whole."""
    piece = bytes(range(256)) * 4096
    files = [(f"{number}.bin", (piece for _ in range(8))) for number in range(3)]
    sizes = []
    whole = io.BytesIO()
    for chunk in stream_zip(files, datetime(2026, 1, 1, tzinfo=UTC)):
        sizes.append(len(chunk))
        whole.write(chunk)
    with zipfile.ZipFile(whole) as archive:
        assert archive.read("2.bin") == piece * 8
    assert len(sizes) > 20
    assert max(sizes) < 2 * len(piece)


def test_deletion_asks_for_the_name(ann: Account) -> None:
    for name in ("", "quiet harbour", "Quiet"):
        answer = ann.call("DELETE", "/api/workspace", params={"name": name})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "name"
    assert ann.get("/api/workspace").json()["name"] == "Quiet Harbour"


def test_a_deleted_workspace_leaves_nothing(
    api: TestClient, ann: Account, bob: Account, stored_files: Callable[[], list[Path]]
) -> None:
    kept = bob.ready_dataset()
    his_files = len(stored_files())
    invitation = ann.post("/api/workspace/invite", {"email": "cay@example.com"}).json()
    accounts.register("cay@example.com", PASSWORD, "Cay", invite_token=invitation["token"])
    ann.start(ann.ready_dataset())
    ann.get("/api/workspace/stats")
    workspace_id = str(ann.principal.workspace_id)
    assert queue.waiting() == 1
    assert len(stored_files()) > his_files
    assert ann.call("DELETE", "/api/workspace", params={"name": "Quiet Harbour"}).status_code == 204
    assert ann.get("/api/auth/me").status_code == 401
    assert queue.waiting() == 0
    assert len(stored_files()) == his_files
    assert not [key for key in redis.client().scan_iter("*") if workspace_id in key]
    tables: dict[str, Any] = {name: count(name) for name in ("workspaces", "users", "datasets", "model_runs")}
    assert tables == {"workspaces": 1, "users": 1, "datasets": 1, "model_runs": 0}
    assert bob.get(f"/api/datasets/{kept}").status_code == 200


@pytest.mark.fit
def test_cached_results_go_with_it(ann: Account, finished: tuple[str, str]) -> None:
    assert ann.get(f"/api/models/{finished[1]}/results").status_code == 200
    assert redis.client().exists(f"results:{finished[1]}")
    ann.call("DELETE", "/api/workspace", params={"name": "Quiet Harbour"})
    assert not redis.client().exists(f"results:{finished[1]}")


def test_the_form_deletes_and_forgets_the_cookies(api: TestClient, ann: Account) -> None:
    cookie = {"cookie": f"mm_access={ann.headers['Authorization'].removeprefix('Bearer ')}"}
    wrong = api.post("/api/session/delete-workspace", data={"name": "x"}, headers=cookie, follow_redirects=False)
    assert wrong.headers["location"].startswith("/settings/data?error=invalid_input&about=delete")
    form = {"name": "Quiet Harbour"}
    answer = api.post("/api/session/delete-workspace", data=form, headers=cookie, follow_redirects=False)
    assert answer.headers["location"] == "/login?done=deleted"
    assert len(answer.headers.get_list("set-cookie")) == 2
    assert count("workspaces") == 0
