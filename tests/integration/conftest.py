"""Real stores for integration tests: one embedded Postgres and Valkey for the session, emptied before each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.types import ASGIApp

from alembic import command
from mixmodel_app import config
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from mixmodel_app.services import passwords
from tests.integration.scenes import Account, CompletedFit, fit_once, lift_limits
from tests.integration.signing_in import Browser
from tests.oidc_provider import Provider

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct-horse-7"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The many short files of api/ come last: a long one at the end would keep one worker busy and the other idle."""
    items.sort(key=lambda item: item.path.parent.name == "api")


@pytest.fixture(autouse=True)
def unbound() -> None:
    """What one test binds to its log lines is not in the next one's."""
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[int]:
    """Hundreds of people sign up in these tests: their passwords take the least work. Gives the product's cost."""
    cost = passwords.ROUNDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "ROUNDS", 4)
        yield cost
    passwords._decoy.cache_clear()


@pytest.fixture
def real_hashes(cheap_hashes: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords that take the work which they take in the product."""
    monkeypatch.setattr(passwords, "ROUNDS", cheap_hashes)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.fixture(scope="session")
def stores() -> Iterator[EmbeddedStores]:
    """Both stores with all tables; the environment names them for the rest of the session."""
    from mixmodel_app.storage.objects import objects

    before = dict(os.environ)
    with temporary_stores() as running:
        os.environ.update(running.env(), APP_ENV="test")
        forget_connections()
        objects().prepare()
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield running
        forget_connections()
    os.environ.clear()
    os.environ.update(before)
    config.settings.cache_clear()


@pytest.fixture
def clean(stores: EmbeddedStores) -> None:
    """Nothing in the tables and nothing in Redis."""
    _empty()


@pytest.fixture(scope="session")
def application(stores: EmbeddedStores) -> ASGIApp:
    """The API with its layers. It keeps nothing between requests, so one serves all tests."""
    from mixmodel_app.api.app import create_api
    from mixmodel_app.api.headers import SecurityHeaders
    from mixmodel_app.api.upload_guard import UploadGuard

    return SecurityHeaders(UploadGuard(create_api()), policy="default-src 'self'", https_only=False)


@pytest.fixture
def api(clean: None, application: ASGIApp) -> Iterator[TestClient]:
    """Someone who calls the API, in process."""
    with TestClient(application, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def long_api(application: ASGIApp) -> Iterator[TestClient]:
    """The same for all tests of a file, which share what is in the stores; nothing is there at first."""
    _empty()
    with TestClient(application, raise_server_exceptions=False) as client:
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
def running_provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def provider(running_provider: Provider, clean: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A sign-in provider that behaves, named in the settings."""
    from mixmodel_app.services import provider as ours

    running_provider.reset()
    ours.forget()
    for name, value in running_provider.env().items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    yield running_provider
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def browser(api: TestClient, provider: Provider) -> Browser:
    """Someone who is not signed in, where there is a provider."""
    return Browser(api)


@pytest.fixture
def setting(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Changes a setting for one test."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        config.settings.cache_clear()

    return change


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


def _empty() -> None:
    from mixmodel_app.storage import db, redis

    with db.engine().begin() as connection:
        connection.execute(text("TRUNCATE workspaces CASCADE"))
    redis.client().flushdb()


def forget_connections() -> None:
    from mixmodel_app.storage import db, limiter, objects, redis

    for made in (db.engine, db.replica_engine):
        if made.cache_info().currsize:
            made().dispose()
    caches = (db.engine, db.replica_engine, redis.client, redis.raw_client, objects.objects, limiter._limiter)
    for cached in (*caches, config.settings):
        cached.cache_clear()
