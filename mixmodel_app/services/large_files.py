"""Large tables are read one at a time: each takes about ten times its size in memory while it is read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LARGE_BYTES = 5 * 1024 * 1024

_turn = threading.Lock()


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold the one place for large files of this process while the block reads `path`; others need none."""
    if path.stat().st_size < LARGE_BYTES:
        yield
        return
    with _turn:
        yield
