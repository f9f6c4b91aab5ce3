"""The documented example of the client, as it stands in the docs, against a running MixModel."""

import re
from pathlib import Path

import httpx
import pytest

from mixmodel import ApiError, Client, RunFailed
from tests.e2e.product import PASSWORD, ROOT, Person, Product
from tests.tables import weekly_csv

pytestmark = pytest.mark.fit


def _example() -> str:
    found = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(), re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture
def anna(product: Product) -> Person:
    return product.new_person("Anna Script")


def test_the_example_of_the_docs_works(
    product: Product, anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weekly.csv").write_bytes(weekly_csv())
    monkeypatch.chdir(tmp_path)
    token = anna.post("/api/auth/tokens", {"name": "The example", "scope": "write"})["token"]
    exec(_example(), {"URL": product.url, "TOKEN": token})
    said = capsys.readouterr().out
    assert (tmp_path / "spring-plan.pdf").read_bytes().startswith(b"%PDF")
    [run] = anna.get("/api/models")
    shown = anna.get(f"/api/models/{run['id']}/results", view="manager")["channel_roas"]
    for name, roas in shown.items():
        assert f"{name} {roas}" in said


def test_what_is_wrong_is_said_in_the_servers_words(product: Product, anna: Person, tmp_path: Path) -> None:
    with pytest.raises(ApiError) as refused:
        Client.sign_in(product.url, anna.email, "Wrong-horse-7")
    assert refused.value.status == 401
    bad = tmp_path / "notes.txt"
    bad.write_text("no table")
    with Client.sign_in(product.url, anna.email, PASSWORD) as client:
        with pytest.raises(ApiError) as unreadable:
            client.upload(bad)
        assert unreadable.value.status == 400
        assert unreadable.value.request_id
        with pytest.raises(ApiError) as unknown:
            client.get_run("0198f7d2-0000-7000-8000-000000000001")
        assert unknown.value.status == 404


def test_a_token_that_may_not_or_does_not_work_is_an_error_with_its_code(product: Product, anna: Person) -> None:
    token = anna.post("/api/auth/tokens", {"name": "To read", "scope": "read"})["token"]
    with Client(product.url, token=token) as client, pytest.raises(ApiError) as narrow:
        client.run("0198f7d2-0000-7000-8000-000000000001")
    assert (narrow.value.status, narrow.value.code) == (403, "insufficient_scope")
    with Client(product.url, token=token[:-1]) as client, pytest.raises(ApiError) as unknown:
        client.results("0198f7d2-0000-7000-8000-000000000001")
    assert (unknown.value.status, unknown.value.code) == (401, "not_authenticated")


def test_a_cancelled_run_is_no_result(product: Product, anna: Person) -> None:
    dataset = anna.ready_dataset(weekly_csv(), "cancel.csv")
    with Client.sign_in(product.url, anna.email, PASSWORD) as client:
        run = client.run(dataset, mode="custom", n_samples=9000, tune_steps=4000, n_chains=4)
        anna.post(f"/api/models/{run.id}/cancel", {})
        with pytest.raises(RunFailed, match="cancelled"):
            client.wait(run.id, timeout_s=60)


def test_a_session_that_ran_out_is_renewed(product: Product, anna: Person) -> None:
    with Client.sign_in(product.url, anna.email, PASSWORD, http=httpx.Client(base_url=product.url)) as client:
        client._token = "no longer valid"
        with pytest.raises(ApiError, match="404"):
            client.get_run("0198f7d2-0000-7000-8000-000000000001")
