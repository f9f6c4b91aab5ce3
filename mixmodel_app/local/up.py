"""`mixmodel up`: everything on one machine with one command, and nothing left of it after Ctrl-C."""

import asyncio
import contextlib
import json
import os
import signal
import threading
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mixmodel_app import __version__
from mixmodel_app.config import Settings
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import frontend, processes
from mixmodel_app.local.home import Home, Instance, only_instance
from mixmodel_app.local.services import background, environment, one_shot, web
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.local.supervisor import Supervisor, http_ok, until
from mixmodel_app.local.terminal import Terminal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_START_LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class _Start:
    settings: Settings
    home: Home
    terminal: Terminal

    @property
    def url(self) -> str:
        return f"http://localhost:{self.settings.web.port}"


def up(settings: Settings, terminal: Terminal) -> None:
    """Run MixModel in the foreground until Ctrl-C, SIGTERM or a closed terminal.

    Raises:
        ConfigurationError: it cannot start or go on, as one sentence: port taken, second instance, full disk, …
    """
    start = _Start(settings, Home(settings.home), terminal)
    terminal.say(f"MixModel {__version__}")
    start.home.prepare()
    with _interruptible(), only_instance(start.home):
        _check_port(settings)
        terminal.done(f"Data in {start.home.root}")
        _build_pages(start)
        with _stores(start) as stores:
            asyncio.run(_serve(start, stores))
    terminal.say("Stopped.")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let every way of stopping unwind the blocks below, so that each of them ends what it has started."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_port(settings: Settings) -> None:
    port = settings.web.port
    if not processes.port_is_free(port, settings.web.host):
        raise ConfigurationError(
            f"Port {port} is used by {processes.port_user(port)}.",
            hint=f"Stop it, or choose another port: MIXMODEL_PORT={processes.free_port()} make run",
        )


def _build_pages(start: _Start) -> None:
    if frontend.is_current():
        return
    start.terminal.wait("Building the pages; the first time this takes about a minute")
    with start.terminal.step("Pages built"):
        frontend.build()


@contextlib.contextmanager
def _stores(start: _Start) -> Iterator[EmbeddedStores]:
    stores = EmbeddedStores(start.home.root)
    with start.terminal.step("Postgres and Valkey"):
        stores.start()
    try:
        yield stores
    finally:
        stores.stop()


async def _serve(start: _Start, stores: EmbeddedStores) -> None:
    began = time.monotonic()
    stopped = _stop_event()
    env = environment(start.settings, stores.env())
    Instance(os.getpid(), start.url, stores.env()).write(start.home)
    supervisor = Supervisor(frontend.PROJECT, start.home.logs, start.terminal)
    try:
        supervisor.watch({"Postgres": stores.postgres, "Valkey": stores.valkey})
        await supervisor.run_until(_start_up(start, supervisor, env, began), stopped.wait())
        if not stopped.is_set():
            await supervisor.run_until(stopped.wait())
        start.terminal.say("\nStopping …")
    finally:
        await supervisor.stop()


def _stop_event() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _start_up(start: _Start, supervisor: Supervisor, env: dict[str, str], began: float) -> None:
    """From the running stores to the printed URL; the workers' heavy imports wait until the pages are there."""
    await supervisor.start(web(env))
    sample, _ = await asyncio.gather(_prepare_data(supervisor, env), _until_serving(start))
    start.terminal.done("Database and web", time.monotonic() - began)
    await supervisor.start(*background(start.settings, env))
    _welcome(start, json.loads(sample))
    if start.settings.web.open_browser:
        threading.Thread(target=webbrowser.open, args=(start.url,), daemon=True).start()


async def _prepare_data(supervisor: Supervisor, env: dict[str, str]) -> str:
    await supervisor.run_once(one_shot("migrate", env))
    return await supervisor.run_once(one_shot("sample", env))


async def _until_serving(start: _Start) -> None:
    async def serves() -> bool:
        port = start.settings.web.port
        return await http_ok(port, "/health/live") and await http_ok(port, "/")

    try:
        async with asyncio.timeout(_START_LIMIT_S):
            await until(serves)
    except TimeoutError:
        log = start.home.logs / "web.log"
        raise ConfigurationError(f"The web did not answer within {_START_LIMIT_S} s.", hint=f"Log: {log}.") from None


def _welcome(start: _Start, sample: dict[str, str]) -> None:
    say = start.terminal.say
    say(f"\n  Open    {start.url}")
    say(f"  Sample  {sample['email']}  password {sample['password']}")
    say(f"  Logs    {start.home.logs}")
    say("  Stop    Ctrl-C")
