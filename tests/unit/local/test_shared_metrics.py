"""Several web processes count into one directory, and any of them answers for all."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mixmodel_app.config import Settings
from mixmodel_app.local.serving import web_env
from mixmodel_app.metrics import SHARED

ROOT = Path(__file__).resolve().parents[3]


def run(directory: Path, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        env={**os.environ, SHARED: str(directory)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


COUNT = """
    import os
    from mixmodel_app.metrics import EVENTS, STREAMS
    EVENTS.labels("RunState.load", "ok").inc()
    STREAMS.inc()
    if {killed}: os.kill(os.getpid(), 9)
"""
SHOW = """
    from prometheus_client import generate_latest
    from mixmodel_app.metrics import STREAMS, counted
    STREAMS.inc()
    print(generate_latest(counted()).decode())
"""


def test_counts_add_up_and_what_ended_processes_held_open_is_forgotten(tmp_path: Path) -> None:
    for killed in (False, False, True):
        program = COUNT.format(killed=killed)
        if killed:
            with pytest.raises(AssertionError):
                run(tmp_path, program)
        else:
            run(tmp_path, program)
    text = run(tmp_path, SHOW)
    assert 'mixmodel_events_total{handler="RunState.load",outcome="ok"} 3.0' in text
    assert "mixmodel_progress_streams 1.0" in text


def test_each_web_has_a_directory_of_its_own(tmp_path: Path) -> None:
    places = {
        web_env(Settings.from_env({"MIXMODEL_HOME": str(tmp_path), "MIXMODEL_PORT": port}), tmp_path)[SHARED]
        for port in ("8000", "8001")
    }
    assert len(places) == 2
    assert all(Path(place).is_relative_to(tmp_path) for place in places)
