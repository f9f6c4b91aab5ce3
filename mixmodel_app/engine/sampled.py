"""An engine that samples a `ModelSpec` with nutpie: everything that does not depend on how the density is computed."""

import time
from abc import abstractmethod
from dataclasses import replace
from importlib import metadata
from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.run import Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.artifact import to_netcdf
from mixmodel_app.engine.base import BaseMMM
from mixmodel_app.engine.convergence import Convergence, judge, refusal
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.priors import resolve_priors
from mixmodel_app.engine.progress import ProgressReporter
from mixmodel_app.engine.results import assemble
from mixmodel_app.engine.sampling import Sampled, SamplerPlan, sample
from mixmodel_app.engine.spec import ModelSpec, check_settings, model_spec
from mixmodel_app.engine.target import Target
from mixmodel_app.engine.types import (
    EngineResults,
    PreparedData,
    ProgressCallback,
    SamplerReport,
    ShouldStop,
)

_ALL_DIVERGED = 0.99
_LIBRARIES = ("mixmodel", "pymc", "pymc-marketing", "nutpie", "numba", "numpy")
_CARE = {"tune": 1500, "chains": 4, "target_accept": 0.99}


class SampledEngine(BaseMMM):
    """Prepares, samples until it has converged, and reduces; subclasses say how the density is computed."""

    def __init__(self, config: RunConfig | None = None) -> None:
        super().__init__(config)
        self._data: PreparedData | None = None
        self._spec: ModelSpec | None = None
        self._target: Target | None = None
        self._posterior: Posterior | None = None
        self._sampled: Sampled | None = None
        self._sampler: SamplerReport | None = None
        self._results: EngineResults | None = None
        self._report = ProgressReporter()

    @abstractmethod
    def make_target(self, spec: ModelSpec, stop: ShouldStop) -> Target:
        """The model, ready for the sampler. Raises `FitFailed` or, when `stop` says so, `FitCancelled`."""

    def check_config(self, mapping: ColumnMapping | None = None) -> None:
        resolve_priors(self.config, mapping.channel_names if mapping else None)
        if mapping is not None:
            check_settings(self.config, mapping)

    def build_model(self, data: PreparedData) -> None:
        self._spec = model_spec(data)
        self._data, self._target = data, None

    def fit(
        self,
        data: PreparedData,
        progress_callback: ProgressCallback | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        stop = should_stop or (lambda: None)
        started = time.monotonic()
        self._report = ProgressReporter(progress_callback)
        self._report(Stage.PREPARING, 0.0, "Building the model")
        target = self._ready(data, stop)
        self._report(Stage.PREPARING, 1.0, "The model is ready")
        sampled = self._sample(target, stop)
        self._keep(sampled, time.monotonic() - started)
        self._report(Stage.EXTRACTING, 0.0, "Summarising the draws")

    def _ready(self, data: PreparedData, stop: ShouldStop) -> Target:
        if self._data is not data or self._spec is None:
            self.build_model(data)
        assert self._spec is not None
        if self._target is None:
            self._target = self.make_target(self._spec, stop)
        return self._target

    def _sample(self, target: Target, stop: ShouldStop) -> Sampled:
        """Sample; where that did not converge, once more with smaller steps, longer tuning and four chains.

        Raises:
            FitFailed: when the second attempt did not converge either.
        """
        plan = self._plan()
        found = sample(target, plan, _reached, self._report, stop)
        if found.incomplete or not _convergence(found).is_bad:
            return found
        careful = replace(
            plan,
            tune=max(plan.tune * 2, _CARE["tune"]),
            chains=max(plan.chains, _CARE["chains"]),
            target_accept=max(plan.target_accept, _CARE["target_accept"]),
        )
        found = sample(target, careful, _reached, self._report, stop)
        outcome = _convergence(found)
        if outcome.is_bad and not found.incomplete:
            raise refusal(outcome)
        return found

    def _plan(self) -> SamplerPlan:
        config = self.config
        return SamplerPlan(
            draws=config.n_samples,
            tune=config.tune_steps,
            chains=config.n_chains,
            seed=config.random_seed,
            target_accept=config.target_accept,
        )

    def _keep(self, sampled: Sampled, seconds: float) -> None:
        diverging = sampled.trace.statistics["diverging"]
        self._sampled, self._posterior, self._results = sampled, sampled.posterior, None
        self._sampler = SamplerReport(
            divergences=int(diverging.sum()),
            transitions=diverging.size,
            n_chains=diverging.shape[0],
            seconds=seconds,
            energy=sampled.trace.statistics["energy"],
            incomplete=sampled.incomplete,
            divergent=tuple(int(count) for count in diverging.sum(axis=1)),
        )

    @property
    def posterior(self) -> Posterior:
        """The draws of a finished `fit`, for what is not in the results, such as `engine.loo`."""
        return self._fitted()[1]

    def extract_results(self) -> EngineResults:
        _, posterior, sampler = self._fitted()
        if self._results is None:
            self._results = assemble(
                posterior,
                sampler,
                engine=self.key,
                versions=library_versions(),
                report=lambda done: self._report(Stage.EXTRACTING, done, "Summarising the draws"),
            )
        self._report(Stage.EXTRACTING, 1.0, "The results are ready")
        return self._results

    def serialize_model(self) -> bytes:
        sampled, posterior, sampler = self._fitted()
        facts = {
            "engine": self.key,
            "versions": library_versions(),
            "divergences": sampler.divergences,
            "transitions": sampler.transitions,
        }
        return to_netcdf(posterior.to_dataset(), sampled.trace.statistics, posterior.spec.data, facts)

    def get_diagnostics(self) -> dict[str, Any]:
        results = self.extract_results().results
        return {
            "parameters": {
                p.name: {"rhat": p.rhat, "ess_bulk": p.ess_bulk, "ess_tail": p.ess_tail} for p in results.parameters
            },
            "divergences": results.divergences,
            "health": {check.code: check.status.value for check in results.health},
        }

    def _fitted(self) -> tuple[Sampled, Posterior, SamplerReport]:
        if self._sampled is None or self._posterior is None or self._sampler is None:
            raise RuntimeError("fit() has to finish first.")
        return self._sampled, self._posterior, self._sampler


def _reached(posterior: Posterior) -> float:
    return judge(posterior).reached


def _convergence(found: Sampled) -> Convergence:
    diverging = found.trace.statistics["diverging"]
    _check_usable(found.posterior, float(diverging.mean()))
    return judge(found.posterior, diverging)


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
