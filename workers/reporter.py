"""What a fit tells while it works: to Redis a few times a second, to the row of the run once a second."""

import contextvars
import threading
import time
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog

from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.engine.types import FitProgress
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import ModelRun
from mixmodel_app.storage.progress import Teller
from mixmodel_app.storage.repositories import leases
from workers.patience import OUTAGE

TELL_EVERY_S = 0.25
"""What happens within this time is told together; a new stage is told at once."""
LARGEST_STEP = 5
"""Per cent of the bar. What lies within such a step is told as its end only."""
ROW_EVERY_S = 1.0
"""The row follows the stream at most this often; whoever comes late reads the stream's last entry first."""
SILENCE_S = 2.0
"""How long nothing is told after Redis did not answer."""

_log = structlog.get_logger(__name__)


class Reporter:
    """Turns the engine's progress into events and, less often, into the row. Never goes back.

    Redis is told in a thread of its own, so that the fit never waits for it. Whatever was said is told when the block
    ends, also the last that came too soon after the one before.
    """

    def __init__(self, run: ModelRun, lease: UUID) -> None:
        self.run = run
        self.lease = lease
        self.last: dict[str, Any] = {}
        self.percent = 0
        self.row_written = 0.0
        self._due: list[ProgressEvent] = []
        self._told = 0
        self._said = threading.Condition()
        self._closing = False
        context = contextvars.copy_context()  # its log lines name the request too
        self._thread = threading.Thread(target=context.run, args=(self._tell,), name=f"tell-{run.id}", daemon=True)

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._said:
            self._closing = True
            self._said.notify()
        self._thread.join()

    def say(self, step: FitProgress) -> None:
        """Let everybody know. A step that shows nothing new is not told."""
        self.percent = max(self.percent, step.stage.percent(step.fraction))
        event = ProgressEvent(
            str(self.run.id), RunStatus.RUNNING, step.stage, self.percent, step.message, step.eta_seconds, step.live
        )
        shown = asdict(event) | {"eta_seconds": None}
        if shown == self.last:
            return
        self.last = shown
        with self._said:
            self._due = _gathered(self._told, self._due, event)
            self._said.notify()
        if time.monotonic() - self.row_written >= ROW_EVERY_S:
            self.row_written = time.monotonic()
            self._write_row(event)

    def _tell(self) -> None:
        """Tell what is due until the block ends; after a failure let a moment pass."""
        teller, stage, silent_until = Teller(self.run.workspace_id, self.run.id), None, 0.0
        while due := self._next(stage):
            stage = due[-1].stage
            for _, events in groupby(due, key=lambda event: event.stage):
                if time.monotonic() >= silent_until and not teller.tell(list(events)):
                    silent_until = time.monotonic() + SILENCE_S

    def _next(self, stage: Stage | None) -> list[ProgressEvent]:
        """Wait for what is to be told after `stage` was; empty when the block has ended and all is told."""
        with self._said:
            self._said.wait_for(
                lambda: self._closing or any(each.stage is not stage for each in self._due), TELL_EVERY_S
            )
            self._said.wait_for(lambda: self._closing or self._due)
            due, self._due = self._due, []
            self._told = due[-1].progress if due else self._told
            return due

    def _write_row(self, event: ProgressEvent) -> None:
        values = {"stage": event.stage.value, "progress": event.progress, "message": event.message}
        try:
            with system_transaction() as session:
                leases.write(session, self.run.id, self.lease, **values)
        except OUTAGE as error:
            _log.warning("progress is not written", error=repr(error))


def _gathered(told: int, due: list[ProgressEvent], event: ProgressEvent) -> list[ProgressEvent]:
    """What is due with one more event, which takes the place of the last within the same step of the bar.

    Args:
        told: per cent of the bar that was told before.
    """
    if not due or due[-1].stage is not event.stage:
        return [*due, event]
    *before, last = due
    if event.progress - (before[-1].progress if before else told) > LARGEST_STEP:
        return [*due, event]
    return [*before, replace(event, live=event.live or last.live)]
