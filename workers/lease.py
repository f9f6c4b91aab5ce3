"""Keeping a run while it is worked on: a heartbeat for others, and word from others that it must stop."""

import contextvars
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from mixmodel_app.domain.errors import FitCancelled
from mixmodel_app.engine.types import StopReason
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.repositories import leases

LOOK_EVERY_S = 0.25
BEAT_EVERY_S = 2.0
INSIST_AFTER_S = 0.3

_log = structlog.get_logger(__name__)


class LeaseKeeper:
    """Beats for a run in a thread of its own and learns when to stop.

    Args:
        soft_limit_s: seconds after which the work must end by itself.
    """

    def __init__(self, run_id: UUID, lease: UUID, soft_limit_s: float) -> None:
        self.run_id = run_id
        self.lease = lease
        self.deadline = time.monotonic() + soft_limit_s
        self._stop_wanted = threading.Event()
        self._interruptible = threading.Event()
        self._signalling = threading.Lock()  # no signal is sent once its handler may be gone
        self._sheltered = False
        self._done = threading.Event()
        context = contextvars.copy_context()  # its log lines name the request too
        self._thread = threading.Thread(target=context.run, args=(self._keep,), name=f"lease-{run_id}", daemon=True)

    def __enter__(self) -> "LeaseKeeper":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=10)

    @property
    def out_of_time(self) -> bool:
        return time.monotonic() > self.deadline

    def should_stop(self) -> StopReason | None:
        """Why the work must end: cancelled or taken over, or out of time. Cheap; ask as often as you like."""
        if self._stop_wanted.is_set():
            return StopReason.CANCELLED
        return StopReason.OUT_OF_TIME if self.out_of_time else None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Work that a cancel ends even where it never asks, such as a minute of array arithmetic.

        The cancel is raised between two steps of Python by a signal, which only the main thread of a process can take;
        in any other thread the work has to ask by itself. What must not be torn, such as a transaction, goes into
        `sheltered`.

        Raises:
            FitCancelled: inside the block.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGUSR1, self._interrupt)
        self._interruptible.set()
        try:
            yield
        finally:
            with self._signalling:
                self._interruptible.clear()
            signal.signal(signal.SIGUSR1, before)

    @contextmanager
    def sheltered(self) -> Iterator[None]:
        """A part of interruptible work that is left whole."""
        self._sheltered = True
        try:
            yield
        finally:
            self._sheltered = False

    def _interrupt(self, *_: object) -> None:
        if self._interruptible.is_set() and not self._sheltered:
            self._interruptible.clear()
            raise FitCancelled("The run was cancelled.")

    def _insist(self) -> None:
        """Interrupt the work until it gives way, after a moment in which it may end in its own order."""
        while not self._done.wait(INSIST_AFTER_S):
            with self._signalling:
                if self._interruptible.is_set():
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _keep(self) -> None:
        next_beat = 0.0
        while not self._done.wait(LOOK_EVERY_S):
            try:
                beat = time.monotonic() >= next_beat
                if self._look(beat=beat):
                    self._stop_wanted.set()
                    self._insist()
                    return
                if beat:
                    next_beat = time.monotonic() + BEAT_EVERY_S
            except Exception as error:  # noqa: BLE001 (the database may be away for a while; the work goes on)
                _log.warning("heartbeat failed", run_id=str(self.run_id), error=repr(error))

    def _look(self, *, beat: bool) -> bool:
        with system_transaction() as session:
            if leases.wants_stop(session, self.run_id, self.lease):
                return True
            return beat and not leases.write(session, self.run_id, self.lease)
