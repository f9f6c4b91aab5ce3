"""Progress of a fit: never back, and a report for every 5 % of the bar even when a fit is over in a second."""

import time
from dataclasses import dataclass, field

from mixmodel_app.domain.live import LiveFit
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.types import FitProgress, ProgressCallback

# Parts of a stage that are reported on their own: sampling fills most of the bar, tuning a seventh of it.
_STEPS = {Stage.TUNING: 0.25, Stage.SAMPLING: 0.05}
_ORDER = [Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING]


@dataclass
class ProgressReporter:
    """Passes progress on to `callback`, in order: earlier stages and smaller fractions are dropped.

    Every mark of `_STEPS` that was passed since the last report is reported on its own, also when the next stage began.
    """

    callback: ProgressCallback | None = None
    _stage: Stage = Stage.PREPARING
    _fraction: float = field(default=-1.0)

    def __call__(
        self,
        stage: Stage,
        fraction: float,
        message: str,
        eta_seconds: float | None = None,
        live: LiveFit | None = None,
    ) -> None:
        fraction = min(max(fraction, 0.0), 1.0)
        if _ORDER.index(stage) < _ORDER.index(self._stage):
            return
        if stage is not self._stage:
            if self._stage in _STEPS:
                self._advance(1.0, message, eta_seconds)
            self._stage, self._fraction = stage, -1.0
        self._advance(fraction, message, eta_seconds, live)

    def _advance(self, fraction: float, message: str, eta_seconds: float | None, live: LiveFit | None = None) -> None:
        """Send every mark up to `fraction`, the last with what is seen inside: news also where the bar stands."""
        marks = self._marks(fraction) if fraction > self._fraction else []
        if live is not None and not marks:
            marks = [self._fraction]
        for mark in marks:
            shown = live if mark == marks[-1] else None
            self._send(FitProgress(self._stage, mark, message, eta_seconds, shown))
        self._fraction = max(self._fraction, fraction)

    def _marks(self, fraction: float) -> list[float]:
        step = _STEPS.get(self._stage)
        if step is None:
            return [fraction]
        first = int(max(self._fraction, 0.0) / step + 1e-9) + 1 if self._fraction >= 0 else 0
        passed = [number * step for number in range(first, int(fraction / step + 1e-9) + 1)]
        return passed if passed and abs(passed[-1] - fraction) < 1e-9 else [*passed, fraction]

    def _send(self, progress: FitProgress) -> None:
        if self.callback is not None:
            self.callback(progress)


_ENOUGH_DRAWS = 4000
"""Draws of all chains together after which the first judgement is probably the last."""


@dataclass
class SamplingClock:
    """Turns counts of sampler steps into stage, fraction and time left. `rounds` are expected to be needed."""

    tune: int
    draws: int
    chains: int
    rounds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.rounds = self.rounds or (1.0 if self.draws * self.chains >= _ENOUGH_DRAWS else 2.0)

    def expect(self, rounds: float) -> None:
        """A judgement says how many rounds will be needed in all."""
        self.rounds = rounds

    def read(self, finished: list[int]) -> tuple[Stage, float, float | None]:
        """Stage, fraction of it and seconds left, from the steps that each chain has done (tuning included).

        The stage is tuning until every chain has left it.
        """
        wanted = self.draws * self.rounds * self.chains
        tuned = sum(min(done, self.tune) for done in finished) / (self.tune * self.chains)
        drawn = min(sum(max(done - self.tune, 0) for done in finished) / wanted, 1.0)
        share = min(sum(finished) / (self.tune * self.chains + wanted), 1.0)
        eta = (time.monotonic() - self.started) * (1 - share) / share if share > 0.02 else None
        return (Stage.TUNING, tuned, eta) if tuned < 1 else (Stage.SAMPLING, drawn, eta)
