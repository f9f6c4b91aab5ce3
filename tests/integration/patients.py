"""Settings that tests of the doctor break, and how they read what it says."""

from collections.abc import Callable, Iterator

import pytest

from mixmodel_app.config import Settings, settings
from mixmodel_app.services.doctor.diagnosis import Diagnosis, State
from tests.integration.conftest import forget_connections


@pytest.fixture
def setting(clean: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Settings]]:
    """Change settings for one test; gives what they come to."""

    def change(**values: str) -> Settings:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        forget_connections()
        return settings()

    yield change
    monkeypatch.undo()
    forget_connections()


def by_name(found: Iterator[Diagnosis]) -> dict[str, Diagnosis]:
    return {one.name: one for one in found}


def broken(one: Diagnosis, *words: str) -> None:
    """A problem whose sentence or advice has these words."""
    assert one.state is State.PROBLEM, one
    assert one.hint
    assert all(word in f"{one.message} {one.hint}" for word in words), one
