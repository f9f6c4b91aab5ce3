"""Ports, logs and what the terminal shows."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mixmodel_app.config import Settings
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import processes, up
from mixmodel_app.local.services import background, environment, web
from mixmodel_app.local.terminal import Terminal


def test_a_taken_port_names_its_user_and_another_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings.from_env({"MIXMODEL_PORT": str(port)})
        with pytest.raises(ConfigurationError) as caught:
            up._check_port(settings)
    sentence = caught.value.sentence()
    assert f"Port {port} is used by" in sentence
    assert f"pid {os.getpid()}" in sentence
    other = int(sentence.split("MIXMODEL_PORT=")[1].split()[0])
    assert other != port
    assert processes.port_is_free(other)


def test_a_free_port_is_free() -> None:
    assert processes.port_is_free(processes.free_port())


def test_a_long_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "logs/web.log"
    os.close(processes.append_to(log))
    log.write_bytes(b"x" * 5_000_001)
    os.close(processes.append_to(log))
    assert log.stat().st_size == 0
    assert (tmp_path / "logs/web.log.1").stat().st_size == 5_000_001


def test_stop_returns_at_once_for_a_process_that_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    processes.stop(process, processes.signal.SIGTERM, grace=0)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2026-11-23 [info     ] listening", False),
        ("2026-11-23 [warning  ] slow query", True),
        ("LOG:  terrors of the deep", False),
        ("mirrored 3 files", False),
        ("FATAL:  out of memory", True),
    ],
)
def test_only_noteworthy_lines_reach_the_terminal(line: str, shown: bool) -> None:
    out = io.StringIO()
    Terminal(out=out).line("web", line)
    assert bool(out.getvalue()) is shown
    loud = io.StringIO()
    Terminal(verbose=True, out=loud).line("web", line)
    assert line in loud.getvalue()


def test_a_failed_step_is_not_ticked_off() -> None:
    out = io.StringIO()
    with pytest.raises(RuntimeError), Terminal(out=out).step("Pages built"):
        raise RuntimeError
    assert out.getvalue() == ""


def test_each_worker_is_a_process_of_its_own_with_one_thread() -> None:
    settings = Settings.from_env({"WORKER_CONCURRENCY": "2", "MIXMODEL_PORT": "8123"})
    env = environment(settings, {"DATABASE_URL": "d"})
    found = {service.name: service for service in background(settings, env)}
    assert list(found) == ["worker-1", "worker-2", "janitor"]
    assert found["worker-1"].env["OMP_NUM_THREADS"] == "1"
    assert "OMP_NUM_THREADS" not in found["janitor"].env or "OMP_NUM_THREADS" in os.environ
    assert not any(service.essential for service in found.values())
    assert web(env).essential
    assert (env["DATABASE_URL"], env["MIXMODEL_PORT"]) == ("d", "8123")
