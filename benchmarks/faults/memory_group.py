"""A memory group of the kernel for the installation, so that memory can run out for it alone (Linux, as root)."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

_PLACES = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "-1"),
    (Path("/sys/fs/cgroup"), "memory.max", "max"),
)
_NAME = "mixmodel-faults"
_KEPT = ("total_rss", "total_shmem", "anon", "shmem", "kernel")
"""What the kernel cannot drop to make room, by the names of both versions."""
_STEP = 4 << 20
_LIMIT_S = 20


def _place() -> tuple[Path, str, str] | None:
    """The group, and how this version of control groups names the limit and its absence."""
    for base, limit, none in _PLACES:
        group = base / _NAME
        with contextlib.suppress(OSError):
            group.mkdir(exist_ok=True)
            if (group / limit).exists():
                return group, limit, none
            group.rmdir()
    return None


def available() -> bool:
    return _place() is not None


def enter(pid: int) -> None:
    """Move a process; what it starts from now on begins where it is. Nothing happens where there are no groups."""
    if place := _place():
        (place[0] / "cgroup.procs").write_text(str(pid))


def remove() -> None:
    """Leave nothing behind; to be called when nobody is in the group any more."""
    for base, *_ in _PLACES:
        with contextlib.suppress(OSError):
            (base / _NAME).rmdir()


@contextlib.contextmanager
def no_room() -> Iterator[None]:
    """Hardly any room above what is in use; the kernel refuses a limit below that, so it is come at from below."""
    place = _place()
    assert place is not None
    group, limit, none = place
    wanted = _in_use(group)
    deadline = time.monotonic() + _LIMIT_S
    try:
        while time.monotonic() < deadline:
            try:
                (group / limit).write_text(str(wanted))
                break
            except OSError:
                wanted += _STEP
        yield
    finally:
        (group / limit).write_text(none)


def _in_use(group: Path) -> int:
    lines = (line.split() for line in (group / "memory.stat").read_text().splitlines())
    return sum(int(value) for name, value in lines if name in _KEPT)
