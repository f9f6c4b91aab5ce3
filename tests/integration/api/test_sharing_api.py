"""Links that anyone may read until they end, and comments of the team."""

from html import escape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.logging import redact
from mixmodel_app.storage import db
from tests.integration.scenes import Account

pytestmark = pytest.mark.fit


@pytest.fixture
def run_id(finished: tuple[str, str]) -> str:
    return finished[1]


def _share(account: Account, run_id: str, **body: Any) -> dict[str, Any]:
    answer = account.post(f"/api/models/{run_id}/shares", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _as(role: str, email: str = "ann@example.com") -> None:
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE users SET role = :role WHERE email = :email"), {"role": role, "email": email})


def test_a_link_shows_its_view_to_anyone(api: TestClient, ann: Account, run_id: str) -> None:
    link = _share(ann, run_id, view="manager")
    found = api.get(f"/api/shared/{link['token']}")
    assert found.status_code == 200
    assert found.headers["x-robots-tag"] == "noindex, nofollow"
    assert found.headers["cache-control"] == "no-store"
    assert found.json()["view"] == "manager"
    assert found.json()["results"] == ann.get(f"/api/models/{run_id}/results", view="manager").json()


@pytest.mark.parametrize(
    ("view", "chart", "hidden"), [("executive", "decomposition_donut", "waterfall"), ("manager", "waterfall", "loo")]
)
def test_a_link_is_a_page_for_people(
    api: TestClient, ann: Account, run_id: str, view: str, chart: str, hidden: str
) -> None:
    link = _share(ann, run_id, view=view)
    found = api.get(link["path"])
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert found.headers["x-robots-tag"] == "noindex, nofollow"
    assert found.headers["cache-control"] == "no-store"
    headline = ann.get(f"/api/models/{run_id}/results", view="executive").json()["headline"]
    assert escape(headline) in found.text
    assert f'id="chart-{chart}"' in found.text
    assert f'id="chart-{hidden}"' not in found.text
    assert "<script" not in found.text
    assert "<a " not in found.text, "a page that leads nowhere"


def test_a_link_that_has_ended_says_so_to_people(api: TestClient, ann: Account, run_id: str) -> None:
    link = _share(ann, run_id)
    ann.call("DELETE", f"/api/shares/{link['id']}")
    ended, unknown = api.get(link["path"]), api.get("/shared/nothing-like-it")
    assert ended.status_code == unknown.status_code == 404
    assert "does not exist or has ended" in ended.text
    assert ended.text == unknown.text
    assert ended.headers["x-robots-tag"] == "noindex, nofollow"


def test_a_token_is_told_once_and_kept_nowhere(ann: Account, run_id: str) -> None:
    token = _share(ann, run_id)["token"]
    listed = ann.get(f"/api/models/{run_id}/shares").json()
    assert len(listed) == 1
    assert token not in str(listed)
    with db.engine().connect() as connection:
        row = connection.execute(text("SELECT * FROM shares")).mappings().one()
    assert token not in str(dict(row))
    assert redact(f"GET /api/shared/{token} and /shared/{token}") == "GET /api/shared/[hidden] and /shared/[hidden]"


def test_a_link_ends_when_it_is_revoked_or_over(api: TestClient, ann: Account, run_id: str) -> None:
    first, second = _share(ann, run_id), _share(ann, run_id, days=1)
    assert ann.call("DELETE", f"/api/shares/{first['id']}").status_code == 204
    assert api.get(f"/api/shared/{first['token']}").status_code == 404
    assert api.get(f"/api/shared/{second['token']}").status_code == 200
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE shares SET expires_at = now() - interval '1 second'"))
    over, unknown = api.get(f"/api/shared/{second['token']}"), api.get("/api/shared/nothing-like-it")
    assert over.status_code == unknown.status_code == 404
    assert over.json()["detail"] == unknown.json()["detail"], "which of them it was is not told"
    assert [link["is_open"] for link in ann.get(f"/api/models/{run_id}/shares").json()] == [False, False]


def test_a_link_is_no_way_to_anything_else(api: TestClient, ann: Account, run_id: str) -> None:
    token = _share(ann, run_id)["token"]
    for path in (f"/api/models/{run_id}/results", f"/api/models/{run_id}", "/api/datasets"):
        assert api.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_links_of_others_do_not_exist_and_viewers_make_none(ann: Account, bob: Account, run_id: str) -> None:
    link = _share(ann, run_id)
    assert bob.post(f"/api/models/{run_id}/shares", {}).status_code == 404
    assert bob.get(f"/api/models/{run_id}/shares").status_code == 404
    assert bob.call("DELETE", f"/api/shares/{link['id']}").status_code == 404
    _as("viewer")
    assert ann.post(f"/api/models/{run_id}/shares", {}).status_code == 403
    assert ann.call("DELETE", f"/api/shares/{link['id']}").status_code == 403
    assert ann.get(f"/api/models/{run_id}/shares").status_code == 200


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 366}, {"view": "everything"}])
def test_a_wrong_link_is_refused(ann: Account, run_id: str, body: dict[str, Any]) -> None:
    assert ann.post(f"/api/models/{run_id}/shares", body).status_code == 422


def test_what_is_not_finished_is_not_shared(ann: Account) -> None:
    waiting = ann.start(ann.ready_dataset())
    assert ann.post(f"/api/models/{waiting}/shares", {}).status_code == 409


def test_comments_are_kept_in_order_and_deleted_by_their_author(ann: Account, run_id: str) -> None:
    for words in ("TV looks high.", "  <b>Agreed</b>\n"):
        assert ann.post(f"/api/models/{run_id}/comments", {"text": words}).status_code == 201
    found = ann.get(f"/api/models/{run_id}/comments").json()
    assert [comment["text"] for comment in found] == ["TV looks high.", "<b>Agreed</b>"]
    assert found[0]["author"] == "Ann Example"
    assert ann.call("DELETE", f"/api/comments/{found[0]['id']}").status_code == 204
    assert len(ann.get(f"/api/models/{run_id}/comments").json()) == 1


def test_comments_know_roles_and_workspaces(ann: Account, bob: Account, run_id: str) -> None:
    comment = ann.post(f"/api/models/{run_id}/comments", {"text": "Ours."}).json()
    assert bob.get(f"/api/models/{run_id}/comments").status_code == 404
    assert bob.post(f"/api/models/{run_id}/comments", {"text": "Mine?"}).status_code == 404
    assert bob.call("DELETE", f"/api/comments/{comment['id']}").status_code == 404
    _as("viewer")
    assert ann.post(f"/api/models/{run_id}/comments", {"text": "Me too."}).status_code == 403
    assert not ann.get(f"/api/models/{run_id}/comments").json()[0]["may_delete"], "viewers only read"
    assert ann.call("DELETE", f"/api/comments/{comment['id']}").status_code == 403
    _as("member")
    assert ann.get(f"/api/models/{run_id}/comments").json()[0]["may_delete"]


@pytest.mark.parametrize("words", ["", "   ", "x" * 4001])
def test_a_comment_has_something_to_say(ann: Account, run_id: str, words: str) -> None:
    answer = ann.post(f"/api/models/{run_id}/comments", {"text": words})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "text"
