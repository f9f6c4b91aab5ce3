"""What the kernel says about memory, in each of the places where it says it."""

from pathlib import Path

import psutil
import pytest

from workers import memory


def _system(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


@pytest.mark.parametrize(
    ("line", "folder", "limit", "counters"),
    [
        ("0::/kubepods/pod1", "sys/fs/cgroup/kubepods/pod1", "memory.max", "memory.events"),
        ("0::/", "sys/fs/cgroup", "memory.max", "memory.events"),
        ("4:memory:/docker/ab", "sys/fs/cgroup/memory/docker/ab", "memory.limit_in_bytes", "memory.oom_control"),
        ("4:memory:/not/seen/inside", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.oom_control"),
    ],
    ids=["version 2", "version 2 in a container", "version 1", "version 1 in a container"],
)
def test_a_group_has_a_limit_and_counters_of_its_own(
    tmp_path: Path, line: str, folder: str, limit: str, counters: str
) -> None:
    files = {"proc/self/cgroup": f"7:pids:/\n{line}\n", f"{folder}/{limit}": "4096\n"}
    files |= {f"{folder}/{counters}": "low 0\noom 9\noom_kill 3\n", "proc/vmstat": "oom_kill 99\n"}
    system = _system(tmp_path, **files)
    assert memory.limit_bytes(system) == 4096
    assert memory.kills(system) == 3


def test_without_a_limit_the_machine_is_it(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": "max\n",
        "proc/vmstat": "pgfault 5\noom_kill 2\n",
    }
    system = _system(tmp_path, **files)
    assert memory.limit_bytes(system) == psutil.virtual_memory().total
    assert memory.kills(system) == 2


def test_a_system_that_tells_nothing_has_killed_nobody(tmp_path: Path) -> None:
    assert memory.kills(tmp_path) == 0
    assert memory.limit_bytes(tmp_path) == psutil.virtual_memory().total
