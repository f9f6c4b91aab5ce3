"""Keeps processes alive: starts them, restarts what dies with growing pauses, and stops all of them quickly."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import processes
from mixmodel_app.local.terminal import Terminal

_QUICK_S = 30.0
"""A process that lived longer than this was healthy: its next failure counts as the first."""
_MAX_QUICK_FAILURES = 5
_LONGEST_PAUSE_S = 30.0
_STORE_CHECK_S = 0.5
_LAST_WORDS_S = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep alive.

    Attributes:
        grace: on a stop it gets SIGTERM, and SIGKILL with its children this many seconds later.
        essential: whether everything ends when it keeps failing; otherwise it is tried again for ever.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    grace: float = 1.5
    essential: bool = True


class Store(Protocol):
    """An embedded store, started and stopped by its owner; the supervisor only brings a crashed one back."""

    def start(self) -> None: ...

    def is_running(self) -> bool: ...


class Supervisor:
    """Runs services in one directory and writes each one's output to `<logs>/<name>.log`.

    Use it from the main thread: the kernel ties each child to the thread that started it.
    """

    def __init__(self, directory: Path, logs: Path, terminal: Terminal, pause: float = 0.2) -> None:
        self._children: list[_Child] = []
        self._directory = directory
        self._logs = logs
        self._terminal = terminal
        self._pause = pause
        self._keepers: list[asyncio.Task[None]] = []
        self._broken = asyncio.Event()

    async def start(self, *services: Service) -> None:
        """Start services; each is kept alive from now on."""
        for service in services:
            child = _Child(service, self._directory, self._logs, self._terminal, self._pause)
            self._children.append(child)
            await child.start()
            self._keep(child.keep())

    def watch(self, stores: Mapping[str, Store]) -> None:
        """Bring a store back when it dies."""
        for name, store in stores.items():
            self._keep(self._keep_store(name, store))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._broken.set())  # it only ends when it has given up, or in `stop`
        self._keepers.append(task)

    async def _keep_store(self, name: str, store: Store) -> None:
        while True:
            await asyncio.sleep(_STORE_CHECK_S)
            if not store.is_running():
                self._terminal.say(f"  ! {name} stopped and is started again")
                store.start()  # blocks for a moment on purpose: it has to happen in the main thread

    async def run_until(self, *waits: Coroutine[Any, Any, object]) -> None:
        """Wait until one of `waits` ends, or until a service or store is beyond help.

        Raises:
            ConfigurationError: a service fails again and again, or a store does not come back.
        """
        others = [asyncio.create_task(wait) for wait in (*waits, self._broken.wait())]
        try:
            done, _ = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
            for task in (*done, *(keeper for keeper in self._keepers if keeper.done())):
                task.result()
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def stop(self) -> None:
        """Stop all services at the same time and wait for them."""
        for task in self._keepers:
            task.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in self._children))

    async def run_once(self, service: Service) -> str:
        """Run a command that ends by itself and give back what it printed; its errors go to its log.

        Raises:
            ConfigurationError: it failed; the sentence quotes its last line.
        """
        child = _Child(service, self._directory, self._logs, self._terminal, pause=0)
        return await child.run_once()


class _Child:
    """The current process of one service."""

    def __init__(self, service: Service, directory: Path, logs: Path, terminal: Terminal, pause: float) -> None:
        self.service = service
        self.log = logs / f"{service.name}.log"
        self._directory = directory
        self._terminal = terminal
        self._pause = pause
        self._process: asyncio.subprocess.Process | None = None
        self._output: asyncio.Task[None] | None = None
        self._started = 0.0
        self._failures = 0
        self._last_line = ""

    async def _spawn(self, stdout: int, stderr: int) -> asyncio.subprocess.Process:
        self._started = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *self.service.command,
            env=dict(self.service.env),
            cwd=self._directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor only
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )
        return self._process

    async def keep(self) -> None:
        """Restart the process whenever it ends, after a pause that doubles; give up an essential one at some point."""
        while True:
            code = await self._ended()
            lived = time.monotonic() - self._started
            self._failures = 1 if lived > _QUICK_S else self._failures + 1
            if self._failures > _MAX_QUICK_FAILURES and self.service.essential:
                raise self._failed("keeps stopping")
            self._report(code)
            await asyncio.sleep(min(self._pause * 2 ** (self._failures - 1), _LONGEST_PAUSE_S))
            await self.start()

    def _report(self, code: int) -> None:
        if self._failures < _MAX_QUICK_FAILURES:
            said = f": {self._last_line}" if code > 0 and self._last_line else ""
            self._terminal.say(f"  ! {self.service.name} stopped ({_describe(code)}) and is started again{said}")
        elif self._failures == _MAX_QUICK_FAILURES:
            self._terminal.say(f"  ! {self._failed('keeps stopping').sentence()} It is tried again from time to time.")

    async def start(self) -> None:
        """Start the process and log what it says."""
        # A pipe of our own: with asyncio's, `wait` would also wait for grandchildren that hold it open.
        reading, writing = os.pipe()
        try:
            await self._spawn(writing, writing)
        finally:
            os.close(writing)
        self._output = asyncio.create_task(self._pump(reading))

    async def _ended(self) -> int:
        """Wait for the end of the process and of all that it started. Returns its exit code."""
        assert self._process is not None
        assert self._output is not None
        code = await self._process.wait()
        processes.kill_group(self._process.pid)  # else a grandchild keeps the port and the pipe open
        # Its last words; whatever it left outside its group may hold the pipe for longer.
        await asyncio.wait({self._output}, timeout=_LAST_WORDS_S)
        return code

    async def stop(self) -> None:
        """End the process, by force when its grace is over."""
        if self._process is None:
            return
        family = processes.family(self._process.pid)
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), self.service.grace)
        # A fit runs in a group of its own, and a large process needs a moment to die.
        await asyncio.to_thread(processes.kill, family)
        await self._ended()

    async def _pump(self, descriptor: int) -> None:
        stream = asyncio.StreamReader()
        with open(descriptor, "rb", buffering=0) as pipe:
            await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
            await self._copy(stream)

    async def _copy(self, stream: asyncio.StreamReader) -> None:
        handle = processes.append_to(self.log)
        rest = b""
        try:
            while chunk := await stream.read(65536):
                os.write(handle, chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._seen(line)
            self._seen(rest)
        finally:
            os.close(handle)

    def _seen(self, raw: bytes) -> None:
        if line := raw.decode(errors="replace").rstrip():
            self._last_line = line
            self._terminal.line(self.service.name, line)

    async def run_once(self) -> str:
        handle = processes.append_to(self.log)
        try:
            process = await self._spawn(asyncio.subprocess.PIPE, handle)
            output, _ = await process.communicate()
        finally:
            os.close(handle)
            if self._process is not None:
                processes.kill_group(self._process.pid)
        if process.returncode:
            self._last_line = _last_line(self.log)
            raise self._failed("failed")
        return output.decode()

    def _failed(self, how: str) -> ConfigurationError:
        words = (self._last_line or "it said nothing").rstrip(".")
        return ConfigurationError(f"{self.service.name} {how}: {words}.", hint=f"Log: {self.log}.")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _describe(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


async def until(check: Callable[[], Coroutine[Any, Any, bool]], every: float = 0.1) -> None:
    """Wait until `check` says yes."""
    while not await check():
        await asyncio.sleep(every)


async def http_ok(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Whether a GET is answered with 200 within two seconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            with contextlib.closing(writer):
                writer.write(request.encode())
                return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
