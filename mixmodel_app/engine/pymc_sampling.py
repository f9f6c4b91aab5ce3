"""Compiling and sampling with nutpie, so that a person can watch and stop it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from mixmodel_app.domain.errors import FitCancelled, FitFailed
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.progress import ProgressReporter, SamplingClock
from mixmodel_app.engine.types import ShouldStop

_POLL_SECONDS = 0.1
_PROGRESS_MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class SamplerPlan:
    """How to sample: `draws` and `tune` per chain."""

    draws: int
    tune: int
    chains: int
    seed: int
    target_accept: float


def compile_model(model: Any, variables: list[str], should_stop: ShouldStop) -> Any:
    """Compile a PyMC model for nutpie, about ten seconds.

    A compilation cannot be interrupted, so it runs in a thread of its own, which is left to finish when the fit stops.

    Raises:
        FitCancelled: when `should_stop` says so.
    """
    nutpie = import_module("nutpie")
    freeze = import_module("pymc.model.transform.optimization").freeze_dims_and_data

    def work() -> Any:
        with np.errstate(divide="ignore"):  # PyTensor tries to simplify divisions by the zeros in the data, and warns
            return nutpie.compile_pymc_model(freeze(model), var_names=variables)

    return _in_thread(work, should_stop)


def _in_thread[T](work: Callable[[], T], should_stop: ShouldStop) -> T:
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
        _check(should_stop)
        thread.join(_POLL_SECONDS)
    if failure:
        raise failure[0]
    return outcome[0]


def sample(compiled: Any, plan: SamplerPlan, report: ProgressReporter, should_stop: ShouldStop) -> Any:
    """Draw the posterior; the draws after tuning as a DataTree.

    Whatever interrupts the wait (a cancel, a time limit raised by a signal handler) stops the sampler first.

    Raises:
        FitCancelled: when `should_stop` says so.
        FitFailed: when the sampler finds no point to start from.
    """
    news = _News()
    sampler = _start(compiled, plan, news)
    clock = SamplingClock(plan.tune, plan.draws, plan.chains)
    try:
        while not _is_finished(sampler):
            news.wait(_POLL_SECONDS)
            _check(should_stop)
            _tell(report, clock, news, plan)
    except BaseException:
        sampler.cancel()
        raise
    with _plain_errors():
        trace = sampler.wait()
    report(Stage.SAMPLING, 1.0, _message(Stage.SAMPLING, plan), 0.0)
    return trace


@contextmanager
def _plain_errors() -> Iterator[None]:
    """nutpie has one error for every failure of a chain, and it comes before the first draw."""
    try:
        yield
    except RuntimeError as error:
        raise FitFailed(
            "The sampler could not find a point to start from.",
            hint="Check the data for extreme values, and the priors for ranges that rule the data out.",
        ) from error


def _start(compiled: Any, plan: SamplerPlan, news: "_News") -> Any:
    """All chains run side by side, also on fewer cores, so that the stages follow each other."""
    return import_module("nutpie").sample(
        compiled,
        draws=plan.draws,
        tune=plan.tune,
        chains=plan.chains,
        cores=plan.chains,
        seed=plan.seed,
        target_accept=plan.target_accept,
        adaptation="low_rank",
        save_warmup=False,
        progress_bar=False,
        blocking=False,
        progress_callback=news.receive,
        progress_rate=_PROGRESS_MILLISECONDS,
    )


class _News:
    """The last counts that nutpie's own thread reported, read by the thread that waits."""

    def __init__(self) -> None:
        self.finished: list[int] = []
        self._arrived = threading.Event()

    def receive(self, chains: list[Any]) -> None:
        self.finished = [chain.finished_draws for chain in chains]
        self._arrived.set()

    def wait(self, seconds: float) -> None:
        self._arrived.wait(seconds)
        self._arrived.clear()


def _is_finished(sampler: Any) -> bool:
    try:
        with _plain_errors():
            return sampler.is_finished
    except TimeoutError:  # nutpie holds its lock while it samples
        return False


def _tell(report: ProgressReporter, clock: SamplingClock, news: _News, plan: SamplerPlan) -> None:
    if news.finished:
        stage, fraction, eta = clock.read(news.finished)
        report(stage, fraction, _message(stage, plan), eta)


def _message(stage: Stage, plan: SamplerPlan) -> str:
    if stage is Stage.TUNING:
        return f"Tuning the sampler, {plan.chains} chains"
    return f"Sampling {plan.chains} chains of {plan.draws:,} steps"


def _check(should_stop: ShouldStop) -> None:
    if should_stop():
        raise FitCancelled("The run was cancelled.")
