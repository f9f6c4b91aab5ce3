"""Runs: status, stages and progress."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from mixmodel_app.domain.live import LiveFit


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)


class Priority(StrEnum):
    """How urgent a run is among those of its own workspace that wait."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Greater comes first."""
        return {Priority.LOW: -1, Priority.NORMAL: 0, Priority.HIGH: 1}[self]

    @classmethod
    def of(cls, rank: int) -> "Priority":
        return {-1: cls.LOW, 0: cls.NORMAL, 1: cls.HIGH}[rank]


class Stage(StrEnum):
    """The parts of a run; each owns a share of the progress bar (see `share`)."""

    QUEUED = "queued"
    LOADING = "loading"
    PREPARING = "preparing"
    TUNING = "tuning"
    SAMPLING = "sampling"
    EXTRACTING = "extracting"
    DONE = "done"
    ERROR = "error"

    @property
    def share(self) -> tuple[int, int]:
        """First and last per cent of the bar."""
        return _SHARES[self]

    def percent(self, fraction: float) -> int:
        """Overall per cent when `fraction` (0 to 1) of this stage is done."""
        low, high = self.share
        return int(low + (high - low) * min(max(fraction, 0.0), 1.0))


_SHARES = {
    Stage.QUEUED: (0, 0),
    Stage.LOADING: (0, 10),
    Stage.PREPARING: (10, 15),
    Stage.TUNING: (15, 30),
    Stage.SAMPLING: (30, 90),
    Stage.EXTRACTING: (90, 100),
    Stage.DONE: (100, 100),
    Stage.ERROR: (100, 100),
}


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """One line of a run's progress, as the stream and the page carry it. `progress` is 0 to 100."""

    run_id: str
    status: RunStatus
    stage: Stage
    progress: int
    message: str
    eta_seconds: float | None = None
    live: LiveFit | None = None

    @property
    def is_final(self) -> bool:
        return self.status.is_final

    def to_json(self) -> dict[str, Any]:
        """`live` is there only while there is something to see."""
        raw: dict[str, Any] = {
            "run_id": self.run_id,
            "status": self.status.value,
            "stage": self.stage.value,
            "progress": self.progress,
            "message": self.message,
            "eta_seconds": self.eta_seconds,
        }
        return raw | {"live": self.live.to_json()} if self.live else raw

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        return cls(
            run_id=raw["run_id"],
            status=RunStatus(raw["status"]),
            stage=Stage(raw["stage"]),
            progress=int(raw["progress"]),
            message=raw["message"],
            eta_seconds=None if raw.get("eta_seconds") in (None, "") else float(raw["eta_seconds"]),
            live=LiveFit.from_json(raw["live"]) if raw.get("live") else None,
        )
