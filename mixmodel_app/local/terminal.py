"""What the start prints: a few calm lines, and the warnings of the processes behind it."""

import contextlib
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

_NOTEWORTHY = re.compile(r"\b(warning|error|critical|fatal|panic)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Writes for a person. `verbose` shows every line of every process instead of the noteworthy ones."""

    verbose: bool = False
    out: TextIO = sys.stdout

    def say(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def done(self, text: str, seconds: float | None = None) -> None:
        """One finished step."""
        self.say(f"  ✓ {text}" + (f" ({seconds:.1f} s)" if seconds is not None else ""))

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Tick the step off with its duration, unless it fails."""
        started = time.monotonic()
        yield
        self.done(text, time.monotonic() - started)

    def wait(self, text: str) -> None:
        """Something that takes long enough to need a word before it starts."""
        self.say(f"  … {text}")

    def line(self, service: str, text: str) -> None:
        """One line of a process's output."""
        if self.verbose or _NOTEWORTHY.search(text):
            self.say(f"  {service:>8} | {text}")
