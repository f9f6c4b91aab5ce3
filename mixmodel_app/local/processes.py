"""Child processes that never outlive their parent, and ports."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1


def die_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send `sig` to the child when the thread that started it ends.

    Linux only, None elsewhere: there the next start takes over what a killed parent left behind. Start such children
    from the main thread, since the kernel watches the thread and not the process.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the kernel was told to watch it
            os._exit(1)

    return prepare


def kill_group(leader: int) -> None:
    """Kill whatever is left in the process group that `leader` (a pid started in its own session) made."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def family(pid: int) -> list[psutil.Process]:
    """A process with all that descends from it, also what has moved to a process group of its own."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def kill(members: Iterable[psutil.Process], patience: float = 2.0) -> None:
    """Kill what is left of a family and wait until it runs no more (it may stay a zombie until init sees it)."""
    left = list(members)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + patience
    while any(_runs(process) for process in left) and time.monotonic() < deadline:
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(process: subprocess.Popen[bytes], sig: signal.Signals, grace: float) -> None:
    """Ask a child to end, wait up to `grace` seconds, then kill its whole group."""
    if process.poll() is None:
        process.send_signal(sig)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_group(process.pid)
    process.wait()


def append_to(log: Path) -> int:
    """A file descriptor that appends to `log`; a log over 5 MB is set aside once, as `<name>.1`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > 5_000_000:
        log.replace(log.with_name(f"{log.name}.1"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def free_port() -> int:
    """A TCP port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `host:port` now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_user(port: int) -> str:
    """The program that listens on `port`, as "name, pid 42"; "another program" when this account may not know."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:  # pyright: ignore[reportAttributeAccessIssue]
                return f"{psutil.Process(connection.pid).name()}, pid {connection.pid}"
    return "another program"
