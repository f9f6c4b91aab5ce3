"""The contract of an engine, and the registry that makes a new one appear by itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.types import EngineResults, PreparedData, ProgressCallback, ShouldStop
from mixmodel_app.registry import Registry, import_all


class BaseMMM(ABC):
    """One marketing-mix model: prepare, build, fit, extract. Fitting the same data again may reuse what was built.

    Args:
        config: draws, chains, shapes, priors and the seed.
    """

    key: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, config: RunConfig | None = None) -> None:
        self.config = config or RunConfig()

    @classmethod  # noqa: B027 - an engine without heavy libraries has nothing to load
    def warm_up(cls) -> None:
        """Load what a first fit would wait for; a worker calls it once, before it forks. Nothing by default."""

    def check_config(self, mapping: ColumnMapping | None = None) -> None:  # noqa: B027 (nothing to check by default)
        """Raise `InvalidInput` for settings that this engine or this mapping does not have. Cheap."""

    def prepare_data(self, df: pd.DataFrame, mapping: ColumnMapping) -> PreparedData:
        """Select, clean and scale the mapped columns; the same for every engine unless overridden.

        Raises:
            FitFailed: when the table cannot carry a model, with the reason.
            InvalidInput: when the configuration does not suit the data.
        """
        return prepare(df, mapping, self.config)

    @abstractmethod
    def build_model(self, data: PreparedData) -> None:
        """Set up the model for `data`. Raises `InvalidInput` for priors that it does not have."""

    @abstractmethod
    def fit(
        self,
        data: PreparedData,
        progress_callback: ProgressCallback | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        """Sample the posterior; builds the model first when that has not been done.

        Args:
            progress_callback: called in the calling thread; stages and fractions never go back.
            should_stop: asked at least four times a second. When time is up, what has been sampled is kept and marked
                as incomplete, if it is enough to show.

        Raises:
            FitCancelled: when `should_stop` said so and nothing is kept.
            FitFailed: when no posterior could be drawn.
        """

    @abstractmethod
    def extract_results(self) -> EngineResults:
        """Reduce the posterior to summaries and about 500 joint draws. Needs a finished `fit`."""

    @abstractmethod
    def serialize_model(self) -> bytes:
        """The posterior as a NetCDF file, readable by ArviZ and xarray. Needs a finished `fit`."""

    @abstractmethod
    def get_diagnostics(self) -> dict[str, Any]:
        """`{"parameters": {name: {rhat, ess_bulk, ess_tail}}, "divergences", "health"}` of a finished `fit`."""


ENGINES: Registry[type[BaseMMM]] = Registry("engine")


def engine(key: str, *, label: str) -> Callable[[type[BaseMMM]], type[BaseMMM]]:
    """Register a `BaseMMM` under `key`, with the `label` that people see in the run form."""

    def add(cls: type[BaseMMM]) -> type[BaseMMM]:
        cls.key, cls.label = key, label
        return ENGINES.register(key)(cls)

    return add


def load_engines() -> Registry[type[BaseMMM]]:
    """All engines of this package. Cheap: an engine module imports its library only inside a fit."""
    import_all("mixmodel_app.engine")
    return ENGINES


def create_engine(config: RunConfig) -> BaseMMM:
    """The engine that `config.engine` names.

    Raises:
        InvalidInput: when there is no such engine.
    """
    engines = load_engines()
    if config.engine not in engines:
        known = ", ".join(engines.keys())
        raise InvalidInput(
            f"There is no engine {config.engine!r}.", errors=(FieldError("config.engine", f"must be one of {known}"),)
        )
    return engines.get(config.engine)(config)
