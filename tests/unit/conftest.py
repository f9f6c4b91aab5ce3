"""What unit tests of texts share."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from mixmodel_app.wording import numbers

# A busy machine is no fault of the code: how long an example takes to make decides nothing.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


@pytest.fixture
def euros() -> Iterator[None]:
    """A workspace that shows its money in euros."""
    with numbers.looking(currency="€"):
        yield


@pytest.fixture(autouse=True)
def unbound() -> Iterator[None]:
    """What one test binds to its log lines is not in the next one's."""
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()
