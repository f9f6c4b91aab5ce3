"""Listings are arrays, newest first, and name their next page."""

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from tests.tables import weekly_csv


def test_pages_follow_one_another_without_gap_or_repeat(
    api: TestClient, register: Callable[..., dict[str, str]]
) -> None:
    headers = register()
    made = []
    for number in range(3):
        files = {"file": (f"{number}.csv", weekly_csv(), "text/csv")}
        made.append(api.post("/api/datasets/upload", files=files, headers=headers).json()["dataset_id"])
    first = api.get("/api/datasets?limit=2", headers=headers)
    assert [row["id"] for row in first.json()] == made[:0:-1]
    following = re.fullmatch(r'<(/api/datasets\?[^>]+)>; rel="next"', first.headers["link"])
    assert following is not None
    last = api.get(following[1], headers=headers)
    assert [row["id"] for row in last.json()] == made[:1]
    assert "link" not in last.headers


def test_a_limit_out_of_range_is_named(api: TestClient, register: Callable[..., dict[str, str]]) -> None:
    answer = api.get("/api/models?limit=0", headers=register())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"
