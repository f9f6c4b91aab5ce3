"""`mixmodel up` as a person runs it: one command, one URL, and nothing left however it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import socketio

from mixmodel_app.local.processes import free_port

ROOT = Path(__file__).resolve().parents[3]
MIXMODEL = (sys.executable, "-m", "mixmodel_app.cli")


class Running:
    """A started MixModel; `said` is what it printed until it served."""

    def __init__(self, home: Path, port: int) -> None:
        self.port = port
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
        self.process = subprocess.Popen(
            [*MIXMODEL, "up", "--home", str(home), "--port", str(port)],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        assert "Ctrl-C" in self.said, self.said

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, sig: signal.Signals) -> list[psutil.Process]:
        """Send the signal; gives what is still there of it and its children ten seconds later."""
        family = [*self.family(), psutil.Process(self.process.pid)]
        self.process.send_signal(sig)
        self.process.communicate()
        return psutil.wait_procs(family, timeout=10)[1]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mixmodel-test-") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def started(home: Path) -> Iterator[Running]:
    running = Running(home, free_port())
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def test_one_port_serves_pages_api_and_health(started: Running) -> None:
    assert f"http://localhost:{started.port}" in started.said
    assert "sample@mixmodel.local  password Mix-" in started.said
    assert started.get("/ping")[0] == 200
    assert "<html" in started.get("/login")[1]
    assert started.get("/api/docs")[0] == 200
    health = json.loads(started.get("/health")[1])
    assert (health["checks"]["database"], health["checks"]["redis"], health["checks"]["storage"]) == ("ok", "ok", "ok")


async def test_the_socket_is_on_the_same_port(started: Running) -> None:
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(
            f"http://127.0.0.1:{started.port}/?token={uuid.uuid4()}",
            socketio_path="/_event",
            namespace="/_event",
            transports=["websocket"],
        )
        assert client.connected


def test_the_pages_know_their_port(home: Path, started: Running) -> None:
    (client,) = home.glob("web/*/build/client")
    scripts = "".join(path.read_text() for path in client.rglob("*.js"))
    assert f"//localhost:{started.port}" in scripts
    assert "//localhost:48000" not in scripts


def test_a_second_instance_is_refused_with_the_address_of_the_first(home: Path, started: Running) -> None:
    second = subprocess.run(
        [*MIXMODEL, "up", "--home", str(home), "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert second.stderr.startswith(f"mixmodel: MixModel already runs at http://localhost:{started.port} ")
    assert second.stderr.count("\n") == 1


def test_an_administrator_is_made_from_another_terminal_and_can_sign_in(home: Path, started: Running) -> None:
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "mixmodel_app.cli",
            "create-admin",
            "--email",
            "ann@example.com",
            "--password",
            "Passw0rd1",
        ],
        cwd=ROOT,
        env={**os.environ, "MIXMODEL_HOME": str(home), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    request = urllib.request.Request(
        f"http://127.0.0.1:{started.port}/api/auth/login",
        json.dumps({"email": "ann@example.com", "password": "Passw0rd1"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.loads(answer.read())["token_type"] == "bearer"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tie between parent and child exists on Linux only")
def test_kill_9_leaves_nothing_and_the_next_start_builds_nothing_and_stops_cleanly(
    home: Path, started: Running
) -> None:
    assert started.end(signal.SIGKILL) == []
    again = Running(home, started.port)
    assert "Building" not in again.said
    assert {process.name() for process in again.family()} >= {"postgres", "valkey-server"}
    assert again.end(signal.SIGINT) == []
    assert again.process.returncode == 0
