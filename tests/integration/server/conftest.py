"""The product's web server on a port of its own, with its stores, and raw connections to it."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
import pytest

from mixmodel_app.config import Settings
from mixmodel_app.local.processes import free_port
from mixmodel_app.local.serving import web_command
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.logging import granian_config
from tests.integration.server.served import APP

PATIENCE_S = 1
SOCKETS = 3


class Web:
    """Granian with the product's own options; `log` is what it has written."""

    def __init__(self, home: Path, **env: str) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        given = {**os.environ, **env, "MIXMODEL_PORT": str(self.port)}
        settings = Settings.from_env(given)
        config = home / f"web-logging-{self.port}.json"
        config.write_text(json.dumps(granian_config(settings)))
        self._process = subprocess.Popen(
            web_command(settings, config, APP), env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.log: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        self._wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.log.extend(iter(self._process.stdout.readline, ""))

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, "".join(self.log)
            assert time.monotonic() < deadline, "".join(self.log)
            try:
                if httpx.get(f"{self.url}/health/live").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)

    def connect(self) -> "Wire":
        return Wire(self.port)

    def lines_with(self, text: str, limit_s: float = 20) -> list[str]:
        """Log lines that hold `text`, once there is one; [] when none comes."""
        deadline = time.monotonic() + limit_s
        while True:
            found = [line for line in self.log if text in line]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Wire:
    """One raw connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, *lines: str, end: bool = True) -> None:
        """Lines of a request's head; `end` closes the head."""
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode() + (b"\r\n" if end else b""))

    def hear(self) -> bytes:
        """Everything until the server hangs up."""
        heard = b""
        try:
            while piece := self.socket.recv(65536):
                heard += piece
        except ConnectionResetError:
            pass
        return heard

    def hear_of_refusal(self) -> bytes:
        """The same of a server that refuses a body and then waits whether it comes all the same: none will."""
        heard = self.answer()
        with suppress(OSError):  # where it has hung up already
            self.socket.shutdown(socket.SHUT_WR)
        return heard + self.hear()

    def answer(self) -> bytes:
        """What comes with the next read: the head of an answer."""
        return self.socket.recv(65536)

    def trickle(self, piece: bytes, pause_s: float, limit_s: float) -> float:
        """Send `piece` again and again; gives the seconds until the server hung up."""
        started = time.monotonic()
        while time.monotonic() - started < limit_s:
            try:
                self.socket.sendall(piece)
                self.socket.settimeout(pause_s)
                if not self.socket.recv(65536):
                    return time.monotonic() - started
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                return time.monotonic() - started
        return limit_s


@pytest.fixture(scope="module")
def start_web(stores: EmbeddedStores) -> Iterator[Callable[..., Web]]:
    """Start a web server with more settings; all are stopped with the file: others want the stores for themselves."""
    running: list[Web] = []

    def start(**env: str) -> Web:
        running.append(Web(stores.home.root, **env))
        return running[-1]

    yield start
    for web in running:
        web.stop()


@pytest.fixture(scope="module")
def web(start_web: Callable[..., Web]) -> Web:
    """One with little patience, for all tests of a file."""
    return start_web(MIXMODEL_SLOW_CLIENT_S=str(PATIENCE_S), MIXMODEL_SOCKETS_PER_ADDRESS=str(SOCKETS))
