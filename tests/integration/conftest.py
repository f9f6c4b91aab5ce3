"""Real stores for integration tests: one embedded Postgres and Valkey for the session, emptied before each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import text

from alembic import command
from mixmodel_app import config
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from tests.integration.scenes import Account, CompletedFit, fit_once, lift_limits

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct-horse-7"


@pytest.fixture(scope="session")
def stores() -> Iterator[EmbeddedStores]:
    """Both stores with all tables; the environment names them for the rest of the session."""
    before = dict(os.environ)
    with temporary_stores() as running:
        os.environ.update(running.env(), APP_ENV="test")
        _forget_connections()
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield running
        _forget_connections()
    os.environ.clear()
    os.environ.update(before)
    config.settings.cache_clear()


@pytest.fixture
def clean(stores: EmbeddedStores) -> None:
    """Nothing in the tables and nothing in Redis."""
    from mixmodel_app.storage import db, redis

    with db.engine().begin() as connection:
        connection.execute(text("TRUNCATE workspaces CASCADE"))
    redis.client().flushdb()


@pytest.fixture
def api(clean: None) -> Iterator[TestClient]:
    """The API with its layers, in process."""
    from functools import partial

    from mixmodel_app.api.app import create_api
    from mixmodel_app.api.headers import SecurityHeaders
    from mixmodel_app.api.upload_guard import UploadGuard

    layered = partial(SecurityHeaders, policy="default-src 'self'", https_only=False)(UploadGuard(create_api()))
    with TestClient(layered, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def register(api: TestClient) -> Callable[..., dict[str, str]]:
    """Make an account; gives the headers that sign its requests."""

    def make(email: str = "ann@example.com", **fields: str) -> dict[str, str]:
        lift_limits()
        body = {"email": email, "password": PASSWORD, "full_name": "Ann Example"} | fields
        answer = api.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return make


@pytest.fixture
def ann(api: TestClient, register: Callable[..., dict[str, str]]) -> Account:
    """Someone with an empty workspace."""
    return Account(api, register("ann@example.com", workspace_name="Quiet Harbour"))


@pytest.fixture
def bob(api: TestClient, register: Callable[..., dict[str, str]]) -> Account:
    """Someone in another workspace."""
    return Account(api, register("bob@example.com", full_name="Bob Other"))


@pytest.fixture(scope="session")
def completed_fit(stores: EmbeddedStores, tmp_path_factory: pytest.TempPathFactory) -> CompletedFit:
    """One real fit for the whole session; ask for `finished` to have it in a workspace."""
    return fit_once(tmp_path_factory.mktemp("fit"))


@pytest.fixture
def finished(completed_fit: CompletedFit, ann: Account) -> tuple[str, str]:
    """Ids of a dataset and of its finished run in Ann's workspace."""
    return completed_fit.copy_for(ann.principal)


@pytest.fixture
def stored_files(stores: EmbeddedStores) -> Callable[[], list[Path]]:
    """Gives the files that the storage holds at the moment of the call, those of other tests left out."""
    folder = stores.home.objects
    before = {path for path in folder.rglob("*") if path.is_file()}
    return lambda: sorted(path for path in folder.rglob("*") if path.is_file() and path not in before)


def _forget_connections() -> None:
    from mixmodel_app.storage import db, limiter, objects, redis

    for made in (db.engine, db.replica_engine):
        if made.cache_info().currsize:
            made().dispose()
    caches = (db.engine, db.replica_engine, redis.client, redis.raw_client, objects.objects, limiter._limiter)
    for cached in (*caches, config.settings):
        cached.cache_clear()
