"""A large file is read and stored by another process, at its upload and when it is read again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mixmodel_app.ingest.table import Table
from mixmodel_app.services import datasets
from mixmodel_app.services.large_files import LARGE_BYTES
from tests.integration.scenes import Account
from tests.tables import weekly_csv


def _large() -> bytes:
    table = weekly_csv(60)
    line = table.splitlines()[-1] + b"\n"
    return table + line * ((LARGE_BYTES - len(table)) // len(line) + 1)


@pytest.fixture
def nothing_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Table:
        raise AssertionError("The table was read in this process.")

    monkeypatch.setattr(datasets, "read_table", refuse)


@pytest.mark.usefixtures("nothing_is_read_here")
def test_a_large_table_is_uploaded_and_read_again(ann: Account, bob: Account) -> None:
    content = _large()
    answer = ann.upload(content)
    assert answer.status_code == 201, answer.text
    dataset = answer.json()
    assert dataset["row_count"] == len(content.splitlines()) - 1
    assert len(dataset["preview_rows"]) == datasets.PREVIEW_ROWS
    assert ann.get(f"/api/datasets/{dataset['id']}").json()["row_count"] == dataset["row_count"]
    again = ann.post(f"/api/datasets/{dataset['id']}/reading", {"decimal": "."})
    assert again.status_code == 200, again.text
    assert again.json()["reading"] == {"decimal": "."}
    assert bob.post(f"/api/datasets/{dataset['id']}/reading", {"decimal": "."}).status_code == 404


@pytest.mark.usefixtures("nothing_is_read_here")
def test_what_is_no_table_is_refused_in_the_same_words(ann: Account, stored_files: Callable[[], list[Path]]) -> None:
    answer = ann.upload(b"PK" + bytes(LARGE_BYTES), "large.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_file")
    assert "large.xlsx" in answer.json()["detail"]
    assert stored_files() == []
