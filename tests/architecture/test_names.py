"""Tests have the same names in every process, or workers refuse to share them: none holds a moment or a set's order."""

import os
import subprocess
import sys

import pytest


def test_names_are_the_same_in_every_process(request: pytest.FixtureRequest) -> None:
    """What this process has found is found again, some seconds later and with sets of another order."""
    config = request.config
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", *config.args],
        cwd=config.invocation_params.dir,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    here = [item.nodeid for item in request.session.items]
    known = set(here)
    there = [name for name in done.stdout.splitlines() if name in known]
    assert sorted(known - set(there)) == []
    assert there == here
