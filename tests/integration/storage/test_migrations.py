"""The migrations lead to the tables of `storage.models`, back to nothing, and forth again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from alembic import command
from mixmodel_app import config
from mixmodel_app.local.stack import temporary_stores

ALEMBIC = Config(Path(__file__).resolve().parents[3] / "alembic.ini")


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of its own, which the settings name while the test runs."""
    with temporary_stores() as stores:
        for name, value in (stores.env() | {"APP_ENV": "test"}).items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()
        yield stores.database_url
    config.settings.cache_clear()


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found - {"alembic_version"}


def test_up_matches_the_models_down_leaves_nothing_and_up_works_again(url: str) -> None:
    command.upgrade(ALEMBIC, "head")
    command.check(ALEMBIC)
    made = _tables(url)
    assert {"workspaces", "users", "datasets", "model_runs"} <= made
    command.downgrade(ALEMBIC, "base")
    assert _tables(url) == set()
    command.upgrade(ALEMBIC, "head")
    command.check(ALEMBIC)
    assert _tables(url) == made
