"""PyMC-Marketing's own graph as a sampling target: slower by a compilation of about ten seconds."""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FitCancelled, FitFailed
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.pymc_model import build_mmm, variable_names
from mixmodel_app.engine.spec import ModelSpec
from mixmodel_app.engine.summarise import contribution
from mixmodel_app.engine.types import ShouldStop

_POLL_SECONDS = 0.1


class PyMCTarget:
    """Built and compiled at once.

    Raises:
        FitFailed: when PyMC-Marketing cannot build the model.
        FitCancelled: when `stop` says so while it is compiled.
    """

    def __init__(self, spec: ModelSpec, stop: ShouldStop) -> None:
        try:
            model = build_mmm(spec).model
        except (ValueError, TypeError) as error:
            raise FitFailed(f"The model could not be built: {error}", hint="Check the mapping and the data.") from error
        self.spec = spec
        self.channels = spec.data.channels
        self.compiled = compile_model(model, list(variable_names(spec).values()), stop)

    def returns(self, values: dict[str, Array]) -> Array:
        posterior, data = self.posterior(values), self.spec.data
        chains, draws = posterior.values["sigma"].shape
        joint = posterior.model_draws()
        total = np.stack([contribution(joint, data, c).sum(axis=1) for c in range(len(self.channels))], axis=1)
        spend = np.where(data.used & np.isfinite(data.unit_cost), data.spend.sum(axis=0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spend > 0, total / spend, np.nan).reshape(chains, draws, -1)

    def posterior(self, values: dict[str, Array]) -> Posterior:
        """A block without labels has an axis of length 1 in PyMC, which says nothing."""
        found = {name: values[theirs] for name, theirs in variable_names(self.spec).items()}
        plain = {drivers.block.name for drivers in self.spec.drivers if not drivers.block.labels}
        return Posterior(
            {name: v[:, :, 0] if name in plain and v.ndim == 3 else v for name, v in found.items()}, self.spec
        )


def compile_model(model: Any, variables: list[str], stop: ShouldStop) -> Any:
    """Compile a PyMC model for nutpie, about ten seconds.

    A compilation cannot be interrupted, so it runs in a thread of its own, which is left to finish when the fit stops.

    Raises:
        FitCancelled: when `stop` says so.
    """
    nutpie = import_module("nutpie")
    freeze = import_module("pymc.model.transform.optimization").freeze_dims_and_data

    def work() -> Any:
        with np.errstate(divide="ignore"):  # PyTensor tries to simplify divisions by the zeros in the data, and warns
            return nutpie.compile_pymc_model(freeze(model), var_names=variables)

    return _in_thread(work, stop)


def _in_thread[T](work: Callable[[], T], stop: ShouldStop) -> T:
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            failure.append(error)

    thread = threading.Thread(target=run, name="model-compilation", daemon=True)
    thread.start()
    while thread.is_alive():
        if stop() is not None:
            raise FitCancelled("The run was stopped while its model was compiled.")
        thread.join(_POLL_SECONDS)
    if failure:
        raise failure[0]
    return outcome[0]
