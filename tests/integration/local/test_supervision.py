"""The supervisor on real processes: restart, stop, and nothing left when it is killed."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local.supervisor import Service, Supervisor, until
from mixmodel_app.local.terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]

# Starts a child of its own, tells both pids, then waits for ever.
PARENT = """
import pathlib, subprocess, sys, os, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that the Postgres account of a root user can enter, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-test-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def python(name: str, code: str, *arguments: str, grace: float = 2.0) -> Service:
    return Service(name, (sys.executable, "-c", code, *arguments), dict(os.environ), grace)


def supervisor(tmp_path: Path) -> tuple[Supervisor, io.StringIO]:
    out = io.StringIO()
    return Supervisor(tmp_path, tmp_path / "logs", Terminal(out=out), pause=0.01), out


async def pids(file: Path) -> list[int]:
    async def written() -> bool:
        return file.exists() and len(file.read_text().split()) == 2

    async with asyncio.timeout(20):
        await until(written, every=0.01)
    return [int(word) for word in file.read_text().split()]


def all_gone(family: list[int]) -> bool:
    """Whether every process is gone; the kernel may take a moment after SIGKILL."""
    alive = [psutil.Process(pid) for pid in family if psutil.pid_exists(pid)]
    return not psutil.wait_procs(alive, timeout=5)[1]


async def test_stop_ends_children_and_grandchildren(tmp_path: Path) -> None:
    sup, _ = supervisor(tmp_path)
    await sup.start(python("family", PARENT, str(tmp_path / "pids")))
    family = await pids(tmp_path / "pids")
    await sup.stop()
    assert all_gone(family)


async def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{PARENT}"
    sup, _ = supervisor(tmp_path)
    await sup.start(python("stubborn", stubborn, str(tmp_path / "pids"), grace=0.3))
    family = await pids(tmp_path / "pids")
    await sup.stop()
    assert all_gone(family)


async def test_a_grandchild_in_a_group_of_its_own_is_ended_too(tmp_path: Path) -> None:
    apart = PARENT.replace('time.sleep(600)"])', 'time.sleep(600)"], start_new_session=True)')
    assert apart != PARENT
    sup, _ = supervisor(tmp_path)
    await sup.start(python("worker", apart, str(tmp_path / "pids")))
    family = await pids(tmp_path / "pids")
    await sup.stop()
    assert all_gone(family)


async def test_a_killed_process_is_restarted_and_its_orphans_are_ended(tmp_path: Path) -> None:
    sup, out = supervisor(tmp_path)
    await sup.start(python("family", PARENT, str(tmp_path / "pids")))
    first = await pids(tmp_path / "pids")
    (tmp_path / "pids").unlink()
    os.kill(first[0], signal.SIGKILL)
    second = await pids(tmp_path / "pids")
    assert second[0] != first[0]
    assert all_gone(first)
    assert "family stopped (SIGKILL) and is started again" in out.getvalue()
    await sup.stop()


async def test_a_process_that_keeps_failing_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    sup, _ = supervisor(tmp_path)
    await sup.start(python("broken", "import sys; print('no such table'); sys.exit(3)"))
    with pytest.raises(ConfigurationError, match="broken keeps stopping: no such table"):
        async with asyncio.timeout(30):
            await sup.run_until()
    await sup.stop()


async def test_a_process_that_others_can_do_without_is_tried_again_for_ever(tmp_path: Path) -> None:
    code = "import pathlib, sys; f = pathlib.Path(sys.argv[1]); f.open('a').write('x'); sys.exit('no engine')"
    service = Service(
        "worker", (sys.executable, "-c", code, str(tmp_path / "starts")), dict(os.environ), essential=False
    )
    sup, out = supervisor(tmp_path)

    async def started_often() -> bool:
        return (tmp_path / "starts").exists() and (tmp_path / "starts").stat().st_size > 6

    await sup.start(service)
    async with asyncio.timeout(60):
        await sup.run_until(until(started_often, every=0.01))
    await sup.stop()
    assert out.getvalue().count("worker keeps stopping: no engine.") == 1


async def test_a_dead_store_comes_back(tmp_path: Path) -> None:
    class Store:
        running, starts = False, 0

        def start(self) -> None:
            self.running, self.starts = True, self.starts + 1
            revived.set()

        def is_running(self) -> bool:
            return self.running

    store, revived = Store(), asyncio.Event()
    sup, _ = supervisor(tmp_path)
    sup.watch({"Postgres": store})
    async with asyncio.timeout(10):
        await sup.run_until(revived.wait())
    await sup.stop()
    assert store.starts == 1


async def test_a_command_that_fails_is_one_sentence(tmp_path: Path) -> None:
    sup, _ = supervisor(tmp_path)
    with pytest.raises(ConfigurationError, match="migrate failed: no database"):
        await sup.run_once(python("migrate", "import sys; sys.exit('no database')"))
    assert await sup.run_once(python("sample", "print('{}')")) == "{}\n"


async def test_output_goes_to_logs_and_only_warnings_to_the_terminal(tmp_path: Path) -> None:
    code = "print('all is well'); print('[warning] disk'); import time; time.sleep(600)"
    sup, out = supervisor(tmp_path)
    await sup.start(python("web", f"import sys; sys.stdout.reconfigure(line_buffering=True)\n{code}"))

    async def warned() -> bool:
        return "disk" in out.getvalue()

    async with asyncio.timeout(20):
        await until(warned, every=0.01)
    await sup.stop()
    assert "all is well" not in out.getvalue()
    assert (tmp_path / "logs/web.log").read_text().splitlines() == ["all is well", "[warning] disk"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tie between parent and child exists on Linux only")
def test_kill_9_of_the_supervisor_leaves_nothing(open_home: Path) -> None:
    program = """
import asyncio, os, pathlib, sys
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.local.supervisor import Service, Supervisor
from mixmodel_app.local.terminal import Terminal
directory = pathlib.Path(sys.argv[1])
async def main(stores):
    sleeper = Service("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), dict(os.environ))
    supervisor = Supervisor(directory, directory / "logs", Terminal())
    await supervisor.start(sleeper)
    print("ready", stores.postgres.process.pid, stores.valkey.process.pid, flush=True)
    await asyncio.sleep(600)
stores = EmbeddedStores(directory)
with stores:
    asyncio.run(main(stores))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(open_home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 3
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
