"""Results that a caller has already are not sent again."""

import pytest

from tests.integration.scenes import Account

pytestmark = pytest.mark.fit


@pytest.fixture
def path(finished: tuple[str, str]) -> str:
    return f"/api/models/{finished[1]}/results"


def test_results_carry_a_tag_of_their_content(ann: Account, path: str) -> None:
    first, again, other = ann.get(path), ann.get(path), ann.get(path, view="manager")
    assert first.headers["etag"] == again.headers["etag"] != other.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.json()["hdi_prob"] == 0.94


@pytest.mark.parametrize("written", ["{tag}", "W/{tag}", '"else", {tag}', "*"])
def test_what_is_the_same_is_not_sent_again(ann: Account, path: str, written: str) -> None:
    tag = ann.get(path).headers["etag"]
    found = ann.call("GET", path, headers=ann.headers | {"If-None-Match": written.format(tag=tag)})
    assert found.status_code == 304
    assert found.content == b""
    assert found.headers["etag"] == tag


def test_another_tag_gets_the_results(ann: Account, path: str) -> None:
    found = ann.call("GET", path, headers=ann.headers | {"If-None-Match": '"something"'})
    assert found.status_code == 200


def test_who_may_not_see_results_is_not_told_that_they_are_the_same(ann: Account, bob: Account, path: str) -> None:
    tag = ann.get(path).headers["etag"]
    assert bob.call("GET", path, headers=bob.headers | {"If-None-Match": tag}).status_code == 404
