"""The doctor on the web, on people, and as a command."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mixmodel_app import __version__
from mixmodel_app.config import Settings
from mixmodel_app.local.processes import free_port
from mixmodel_app.services import doctor
from mixmodel_app.services.doctor import people, web
from mixmodel_app.services.doctor.diagnosis import Diagnosis, State
from tests.integration.conftest import ROOT
from tests.integration.patients import broken, by_name, setting
from tests.integration.scenes import Account

__all__ = ["setting"]


class _Page(BaseHTTPRequestHandler):
    body = b"<html>another program</html>"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Health(_Page):
    body = json.dumps({"status": "healthy", "version": "0.0.1", "checks": {}}).encode()


@pytest.fixture
def serving() -> Iterator[Callable[[type[_Page]], int]]:
    running: list[ThreadingHTTPServer] = []

    def start(page: type[_Page]) -> int:
        server = ThreadingHTTPServer(("127.0.0.1", 0), page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server.server_address[1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


class TestWeb:
    def test_nobody_at_the_port(self, setting: Callable[..., Settings]) -> None:
        one = by_name(web.examine(setting(MIXMODEL_PORT=str(free_port()))))["web.reachable"]
        broken(one, "Nobody answers", "mixmodel up")

    def test_another_program_at_the_port(
        self, setting: Callable[..., Settings], serving: Callable[[type[_Page]], int]
    ) -> None:
        one = by_name(web.examine(setting(MIXMODEL_PORT=str(serving(_Page)))))["web.reachable"]
        broken(one, "something else", f"pid {os.getpid()}")

    def test_a_port_that_is_held_and_silent(self, setting: Callable[..., Settings]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as held:
            conf = setting(MIXMODEL_PORT=str(held.getsockname()[1]))
            held.settimeout(0)
            monkey = web._TIMEOUT_S
            web._TIMEOUT_S = 0.3
            try:
                broken(by_name(web.examine(conf))["web.reachable"], "timed out")
            finally:
                web._TIMEOUT_S = monkey

    def test_a_web_of_another_version(
        self, setting: Callable[..., Settings], serving: Callable[[type[_Page]], int]
    ) -> None:
        found = by_name(web.examine(setting(MIXMODEL_PORT=str(serving(_Health)))))
        assert found["web.reachable"].state is State.OK
        assert found["web.version"].state is State.WARNING
        assert __version__ in found["web.version"].message


def test_an_operator_without_an_account(setting: Callable[..., Settings], ann: Account) -> None:
    [one] = people.examine(setting(OPERATORS="Ann@Example.com, ops@example.com"))
    assert one.state is State.WARNING
    assert "ops@example.com" in one.message
    assert "ann@" not in one.message
    [well] = people.examine(setting(OPERATORS="ann@example.com"))
    assert well.state is State.OK


def test_one_area_that_fails_does_not_silence_the_others(
    setting: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_settings: Settings) -> Iterator[Diagnosis]:
        raise RuntimeError("ill itself")

    monkeypatch.setitem(doctor.AREAS, "secrets", fails)
    found = doctor.examine(setting())
    assert "ill itself" in found[0].message
    assert any(one.name == "database.reachable" for one in found)


def run(*arguments: str, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mixmodel_app.cli", "doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, done.stdout


def test_the_command_says_it_in_words_and_as_json(clean: None) -> None:
    dead = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    code, said = run(REDIS_URL=dead)
    assert code == 1
    assert "✗ redis.reachable" in said
    assert "✓ database.reachable" in said
    assert "→ Is it running" in said
    assert "hunter2" not in said
    code, said = run("--json", REDIS_URL=dead)
    report: dict[str, Any] = json.loads(said)
    assert (code, report["healthy"], report["version"]) == (1, False, __version__)
    assert {"name", "state", "message", "hint"} == set(report["findings"][0])


def test_a_wrong_setting_is_the_one_thing_said(clean: None) -> None:
    code, said = run(WORKER_CONCURRENCY="many")
    assert code == 1
    assert "✗ settings" in said
    assert "WORKER_CONCURRENCY" in said
    assert "database" not in said
