"""What the kernel says about memory: how much there is for this process, and how often it has killed for want of it.

A container has a limit below the machine's, and counters of its own: version 2 of control groups, else version 1, else
those of the whole machine.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

_GO_FIRST = 1000
"""As if it used all memory there is."""
_LIMITS = ("memory.max", "memory.limit_in_bytes")
_COUNTERS = ("memory.events", "memory.oom_control")


def limit_bytes(system: Path = Path("/")) -> int:
    """Bytes that this process and its kin may use."""
    found = [psutil.virtual_memory().total]
    for folder in _groups(system):
        for name in _LIMITS:
            with contextlib.suppress(OSError, ValueError):  # not there in this version; "max" for none
                found.append(int((folder / name).read_text()))
    return min(found)


def go_first() -> None:
    """Have the kernel choose this process when memory runs out, before its worker or a store on the same machine."""
    with contextlib.suppress(OSError):  # a sandbox without it loses nothing else
        Path("/proc/self/oom_score_adj").write_text(str(_GO_FIRST))


def kills(system: Path = Path("/")) -> int:
    """How often the kernel has killed for want of memory since some moment in the past; 0 where it does not tell."""
    for path in [*(folder / name for folder in _groups(system) for name in _COUNTERS), system / "proc/vmstat"]:
        with contextlib.suppress(OSError):
            for line in path.read_text().splitlines():
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
    return 0


def _groups(system: Path) -> Iterator[Path]:
    """Folders of this process' memory group; inside a container its own group may be the root of what it sees."""
    mounted = system / "sys/fs/cgroup"
    with contextlib.suppress(OSError):
        for line in (system / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                base = mounted / controllers
                yield base / path.lstrip("/")
                yield base
