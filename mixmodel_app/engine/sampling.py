"""Sampling with nutpie in rounds, so that a person can watch it and stop it, and so that it ends when it is good.

A round is as many draws per chain as were asked for. After each, convergence is judged on exactly the draws up to its
end; where the targets are missed another round follows, up to a cap. Chains do not know when they will be judged, so
the same seed gives the same draws and the same number of rounds, however busy the machine is.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from mixmodel_app.domain.errors import FitCancelled, FitFailed
from mixmodel_app.domain.live import ChainState, LiveFit
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.progress import ProgressReporter, SamplingClock
from mixmodel_app.engine.provisional import provisional
from mixmodel_app.engine.target import Target
from mixmodel_app.engine.trace import Trace, read_trace
from mixmodel_app.engine.types import ShouldStop, StopReason

MOST_ROUNDS = 8
FEWEST_DRAWS = 50
_POLL_SECONDS = 0.05
_LOOK_SECONDS = 0.2
_PROGRESS_MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class SamplerPlan:
    """How to sample: `draws` per chain and round, `tune` steps per chain before them."""

    draws: int
    tune: int
    chains: int
    seed: int
    target_accept: float
    rounds: int = MOST_ROUNDS


@dataclass(frozen=True, slots=True)
class Sampled:
    """What came out: the draws, what they say, and whether time ran out before they were judged good enough."""

    trace: Trace
    posterior: Posterior
    incomplete: bool = False


Judge = Callable[[Posterior], float]
"""The share of the convergence targets that is reached: 1 or more when all are."""


def sample(target: Target, plan: SamplerPlan, judge: Judge, report: ProgressReporter, stop: ShouldStop) -> Sampled:
    """Draw the posterior.

    Whatever interrupts the wait (a cancel, a time limit raised by a signal handler) stops the sampler first.

    Raises:
        FitCancelled: when `stop` said so, or when time ran out before there was anything to keep.
        FitFailed: when the sampler finds no point to start from.
    """
    session = _Session(target, plan, judge, report)
    try:
        found = session.follow(stop)
    except BaseException:
        session.sampler.cancel()
        raise
    report(Stage.SAMPLING, 1.0, f"{found.trace.n_draws:,} draws in each of {plan.chains} chains", 0.0)
    return found


class _Session:
    """One run of the sampler and what is known of it."""

    def __init__(self, target: Target, plan: SamplerPlan, judge: Judge, report: ProgressReporter) -> None:
        self.target, self.plan, self.judge, self.report = target, plan, judge, report
        self.news = _News()
        self.clock = SamplingClock(plan.tune, plan.draws, plan.chains)
        self.looked = time.monotonic()
        self.whole: Trace | None = None
        self.sampler = _start(target.compiled, plan, self.news)

    def follow(self, stop: ShouldStop) -> Sampled:
        rounds = 0
        while True:
            self.news.wait(_POLL_SECONDS)
            finished = _is_finished(self.sampler)
            reason = stop()
            if reason is StopReason.CANCELLED:
                raise FitCancelled("The run was cancelled.")
            if reason is StopReason.OUT_OF_TIME:
                return self._kept()
            while rounds < self._rounds_done(finished):
                rounds += 1
                if (judged := self._judged(rounds, finished)) is not None:
                    return judged
            self._tell()

    def _rounds_done(self, finished: bool) -> int:
        """Whole rounds of the slowest chain."""
        if finished:
            return self.plan.rounds
        slowest = min((chain.finished for chain in self.news.chains), default=0)
        return max(slowest - self.plan.tune, 0) // self.plan.draws

    def _judged(self, rounds: int, finished: bool) -> Sampled | None:
        """The outcome when this round was good enough or the last, else None."""
        last = rounds == self.plan.rounds
        trace = self._look(finished).first(rounds * self.plan.draws)
        if trace.n_draws < rounds * self.plan.draws:
            raise RuntimeError("The sampler says that a round is done whose draws are not there.")
        if not finished:
            self.sampler.pause()  # the judge needs the cores, and what is drawn meanwhile is mostly not needed
        posterior = self.target.posterior(trace.values)
        reached = self.judge(posterior)
        if not last and reached < 1:
            self.clock.expect(rounds / max(reached, 0.1))
            if not finished:
                self.sampler.resume()
            return None
        if not finished:
            self.sampler.cancel()
        return Sampled(trace, posterior)

    def _kept(self) -> Sampled:
        """Time is up: what is there, if that is enough to show."""
        with _plain_errors():
            trace = read_trace(self.sampler.abort())
        if trace.n_draws < FEWEST_DRAWS:
            raise FitCancelled("Time ran out before there was anything to keep.")
        return Sampled(trace, self.target.posterior(trace.values), incomplete=True)

    def _look(self, finished: bool) -> Trace:
        """What has been drawn so far; nutpie hands out the whole only once."""
        if self.whole is not None:
            return self.whole
        with _plain_errors():
            trace = read_trace(self.sampler.wait() if finished else self.sampler.inspect())
        self.whole = trace if finished else None
        return trace

    def _tell(self) -> None:
        """Stage and fraction whenever they are news; what can be seen inside at most five times a second."""
        if not self.news.chains:
            return
        stage, fraction, eta = self.clock.read([chain.finished for chain in self.news.chains])
        live = None
        if time.monotonic() - self.looked >= _LOOK_SECONDS:
            self.looked = time.monotonic()
            seen = provisional(self.target, self._look(finished=False)) if stage is Stage.SAMPLING else LiveFit(())
            live = replace(seen, chains=self.news.chains)
        self.report(stage, fraction, self._message(stage), eta, live)

    def _message(self, stage: Stage) -> str:
        if stage is Stage.TUNING:
            return f"Tuning the sampler, {self.plan.chains} chains"
        return f"Sampling {self.plan.chains} chains"


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
        draws=plan.draws * plan.rounds,
        tune=plan.tune,
        chains=plan.chains,
        cores=plan.chains,
        seed=plan.seed,
        target_accept=plan.target_accept,
        adaptation="low_rank",
        return_raw_trace=True,
        progress_bar=False,
        blocking=False,
        progress_callback=news.receive,
        progress_rate=_PROGRESS_MILLISECONDS,
    )


class _News:
    """The last counts that nutpie's own thread reported, read by the thread that waits."""

    def __init__(self) -> None:
        self.chains: tuple[ChainState, ...] = ()
        self._arrived = threading.Event()

    def receive(self, chains: list[Any]) -> None:
        self.chains = tuple(
            ChainState(
                c.finished_draws, c.total_draws, bool(c.tuning), c.divergences, float(np.nan_to_num(c.step_size))
            )
            for c in chains
        )
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
