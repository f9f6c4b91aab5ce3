"""The PyMC-Marketing engine: a real `MMM`, sampled by nutpie with a low-rank mass matrix.

This module stays cheap to import: PyMC loads inside a fit, so that the web can name the engine without it.
"""

import time
from importlib import import_module, metadata
from typing import Any

import numpy as np

from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.run import RunConfig, Stage
from mixmodel_app.engine.artifact import to_netcdf
from mixmodel_app.engine.base import BaseMMM, engine
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.priors import resolve_priors
from mixmodel_app.engine.progress import ProgressReporter
from mixmodel_app.engine.pymc_model import TREND, build_mmm
from mixmodel_app.engine.pymc_sampling import SamplerPlan, compile_model, sample
from mixmodel_app.engine.results import assemble
from mixmodel_app.engine.types import EngineResults, PreparedData, ProgressCallback, SamplerReport, ShouldStop

# A step of the sampler costs a ten-thousandth of compiling the model, so short fits take more steps than they keep:
# the kept draws are then close to independent, and a quick look converges nearly as well as a full fit.
FEWEST_STEPS = 4000

_ALL_DIVERGED = 0.99
_LIBRARIES = ("mixmodel", "pymc", "pymc-marketing", "nutpie")
_NAMES = {"intercept_contribution": "intercept", f"{TREND}_delta": "trend", "y_sigma": "sigma"}
_STAND_INS = {"level": "intercept_contribution", "gain": "saturation_beta"}


@engine("pymc", label="PyMC-Marketing")
class PyMCEngine(BaseMMM):
    """Geometric or Weibull adstock, logistic or Hill saturation, yearly season, controls and a linear trend."""

    def __init__(self, config: RunConfig | None = None) -> None:
        super().__init__(config)
        self._data: PreparedData | None = None
        self._mmm: Any = None
        self._compiled: Any = None
        self._posterior: Posterior | None = None
        self._statistics: Any = None
        self._sampler: SamplerReport | None = None
        self._results: EngineResults | None = None
        self._report = ProgressReporter()

    @classmethod
    def warm_up(cls) -> None:
        warm_up()

    def check_config(self) -> None:
        resolve_priors(self.config)

    def build_model(self, data: PreparedData) -> None:
        try:
            self._mmm = build_mmm(data)
        except (ValueError, TypeError) as error:
            raise FitFailed(f"The model could not be built: {error}", hint="Check the mapping and the data.") from error
        self._data, self._compiled = data, None

    def fit(
        self,
        data: PreparedData,
        progress_callback: ProgressCallback | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        stop = should_stop or (lambda: False)
        started = time.monotonic()
        self._report = ProgressReporter(progress_callback)
        self._report(Stage.PREPARING, 0.0, "Building the model")
        if self._data is not data:
            self.build_model(data)
        if self._compiled is None:
            self._report(Stage.PREPARING, 0.3, "Compiling the model, about ten seconds")
            self._compiled = compile_model(self._mmm.model, self._variables(), stop)
        self._report(Stage.PREPARING, 1.0, "The model is compiled")
        trace = sample(self._compiled, self._plan(), self._report, stop)
        self._keep(trace, data, time.monotonic() - started)
        self._report(Stage.EXTRACTING, 0.0, "Summarising the draws")

    def extract_results(self) -> EngineResults:
        data, posterior, sampler = self._fitted()
        if self._results is None:
            self._results = assemble(
                data,
                posterior.model_draws(),
                posterior.parameters(),
                sampler,
                engine=self.key,
                versions=library_versions(),
                report=lambda done: self._report(Stage.EXTRACTING, done, "Summarising the draws"),
            )
        self._report(Stage.EXTRACTING, 1.0, "The results are ready")
        return self._results

    def serialize_model(self) -> bytes:
        data, posterior, sampler = self._fitted()
        facts = {
            "engine": self.key,
            "versions": library_versions(),
            "divergences": sampler.divergences,
            "transitions": sampler.transitions,
        }
        return to_netcdf(posterior.to_dataset(), self._statistics, data, facts)

    def get_diagnostics(self) -> dict[str, Any]:
        results = self.extract_results().results
        return {
            "parameters": {
                p.name: {"rhat": p.rhat, "ess_bulk": p.ess_bulk, "ess_tail": p.ess_tail} for p in results.parameters
            },
            "divergences": results.divergences,
            "health": {check.code: check.status.value for check in results.health},
        }

    def _fitted(self) -> tuple[PreparedData, Posterior, SamplerReport]:
        if self._data is None or self._posterior is None or self._sampler is None:
            raise RuntimeError("fit() has to finish first.")
        return self._data, self._posterior, self._sampler

    def _variables(self) -> list[str]:
        """The parameters of the stock model: where another one is sampled instead, what follows from it."""
        names = [str(variable.name) for variable in self._mmm.model.free_RVs]
        return [_STAND_INS.get(name, name) for name in names]

    def _thinning(self) -> int:
        return max(1, -(-FEWEST_STEPS // (self.config.n_samples * self.config.n_chains)))

    def _plan(self) -> SamplerPlan:
        config = self.config
        return SamplerPlan(
            draws=config.n_samples * self._thinning(),
            tune=config.tune_steps,
            chains=config.n_chains,
            seed=config.random_seed,
            target_accept=config.target_accept,
        )

    def _keep(self, trace: Any, data: PreparedData, seconds: float) -> None:
        diverging = trace["sample_stats"]["diverging"].values
        every = slice(self._thinning() - 1, None, self._thinning())
        values = {
            _NAMES.get(name, name): np.asarray(trace["posterior"][name].values[:, every], dtype=float)
            for name in self._variables()
        }
        posterior = Posterior(_without_single_axis(values), data)
        _check_usable(posterior, float(diverging.mean()))
        self._posterior, self._results = posterior, None
        self._statistics = trace["sample_stats"].to_dataset().isel(draw=every)
        self._sampler = SamplerReport(int(diverging.sum()), diverging.size, diverging.shape[0], seconds)


def _without_single_axis(values: dict[str, Any]) -> dict[str, Any]:
    """The trend has one change point and so an axis of length 1, which says nothing."""
    return {name: draws[:, :, 0] if name == "trend" else draws for name, draws in values.items()}


def _check_usable(posterior: Posterior, diverged: float) -> None:
    if not posterior.is_finite or not posterior.is_moving or diverged >= _ALL_DIVERGED:
        raise FitFailed(
            "The sampler could not explore the model: its chains did not move or left the numbers.",
            hint="Look for extreme values in the data and for priors that contradict them, then fit again.",
        )


def library_versions() -> dict[str, str]:
    """Versions of what computed a fit, by distribution name; what is not installed is left out."""
    versions: dict[str, str] = {}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # mixmodel itself, when it runs from a checkout
            continue
    return versions


def warm_up() -> None:
    """Load what a first fit would wait for, in a worker before it forks: libraries, and numba by a tiny model.

    Nothing is sampled, so no thread outlives the call; JAX stays unloaded.
    """
    for library in ("arviz", "pymc_marketing.mmm", "pymc.dims", "xarray", "h5netcdf"):
        import_module(library)
    pymc = import_module("pymc")
    with pymc.Model() as model:
        pymc.Normal("x")
    import_module("nutpie").compile_pymc_model(model)
