"""Both embedded stores together, for the supervisor and for integration tests."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from mixmodel_app.local.home import Home
from mixmodel_app.local.postgres import EmbeddedPostgres
from mixmodel_app.local.valkey import EmbeddedValkey


class EmbeddedStores:
    """Postgres and Valkey on one data directory.

    ```python
    with EmbeddedStores(home) as stores:
        os.environ |= stores.env()
    ```
    """

    def __init__(self, home: Path) -> None:
        self.home = Home(home.absolute())
        self.home.prepare()
        self.postgres = EmbeddedPostgres(self.home)
        self.valkey = EmbeddedValkey(self.home)

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    @property
    def storage_url(self) -> str:
        return self.home.objects.as_uri()

    def env(self) -> dict[str, str]:
        """The settings that other processes need to use these stores."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "STORAGE_URL": self.storage_url,
            "JWT_SECRET_KEY": self.home.secret("jwt"),
            "MIXMODEL_HOME": str(self.home.root),
        }

    def start(self) -> None:
        """Start both, from the main thread; what was started is stopped again when the other fails."""
        try:
            self.valkey.start()
            self.postgres.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextlib.contextmanager
def temporary_stores() -> Iterator[EmbeddedStores]:
    """Empty stores that are gone afterwards, in a directory that the Postgres account of a root user can enter too."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-") as directory, EmbeddedStores(Path(directory)) as stores:
        yield stores
