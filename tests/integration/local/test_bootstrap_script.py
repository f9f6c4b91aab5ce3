"""tools/bootstrap finds a Python that really is new enough, on whatever it is given. No package is installed here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose locks are empty, so that there is nothing to fetch, and a bare PATH."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/bootstrap", tmp_path / "tools/bootstrap")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cksum", "grep", "chmod", "printf", "mkdir", "cat"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
    return tmp_path


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def bootstrap(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["tools/bootstrap", *arguments],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout / "home"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def python_of(checkout: Path) -> tuple[int, ...]:
    code = "import sys; print(*sys.version_info[:2])"
    out = subprocess.run([checkout / ".venv/bin/python", "-c", code], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in out.stdout.split())


def test_an_old_python_and_a_dead_shim_are_passed_over(checkout: Path) -> None:
    program(checkout / "bin/python3.14", "echo 'pyenv: python3.14: command not found' >&2; exit 127")
    program(checkout / "bin/python3.13", "exit 1  # answers the version test like Python 3.11")
    (checkout / "bin/python3").symlink_to(sys.executable)
    done = bootstrap(checkout)
    assert done.returncode == 0, done.stderr
    assert python_of(checkout) >= (3, 12)


def test_a_named_python_comes_first(checkout: Path) -> None:
    done = bootstrap(checkout, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr


def test_a_uv_shim_that_does_not_run_is_not_used(checkout: Path) -> None:
    program(checkout / "bin/uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    assert bootstrap(checkout, PYTHON=sys.executable).returncode == 0


def test_without_any_python_it_says_what_to_do(checkout: Path) -> None:
    if any(Path(place).exists() for place in ("/usr/local/bin/python3.12", "/usr/local/bin/python3.13")):
        pytest.skip("this machine has a Python in a place that bootstrap knows by heart")
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert "MixModel needs Python 3.12 or newer" in done.stderr
    assert not (checkout / ".venv").exists()


def test_the_second_time_nothing_happens_and_a_new_lock_is_noticed(checkout: Path) -> None:
    assert bootstrap(checkout, "dev", PYTHON=sys.executable).returncode == 0
    again = bootstrap(checkout, "dev", PYTHON="/does/not/exist")
    assert (again.returncode, again.stderr) == (0, "")
    runtime = bootstrap(checkout, PYTHON="/does/not/exist")
    assert (runtime.returncode, runtime.stderr) == (0, ""), "the development environment serves `make run` too"
    (checkout / "requirements.lock").write_text("# something\n")
    assert "Preparing" in bootstrap(checkout, PYTHON=sys.executable).stderr


def test_the_command_runs_on_the_files_of_the_checkout(checkout: Path) -> None:
    assert bootstrap(checkout, PYTHON=sys.executable).returncode == 0
    (checkout / "mixmodel_app").mkdir()
    (checkout / "mixmodel_app/cli.py").write_text("import sys; print('here', *sys.argv[1:])")
    out = subprocess.run([checkout / ".venv/bin/mixmodel", "up"], cwd="/", capture_output=True, text=True, check=False)
    assert out.stdout == "here up\n", out.stderr


def test_an_unknown_argument_is_refused(checkout: Path) -> None:
    assert bootstrap(checkout, "production").returncode == 2


@pytest.mark.parametrize(
    "script", ["tools/bootstrap", "tools/chromium", "tools/e2e", "tools/lock", ".ci/run", "deploy/create-database.sh"]
)
def test_every_script_is_plain_sh(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert subprocess.run(["sh", "-n", ROOT / script], check=False).returncode == 0


def test_a_skipped_browser_test_is_a_failure_in_ci(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/e2e", tmp_path / "tools/e2e")
    program(tmp_path / "tools/chromium", "echo 'no Chromium: none' >&2; exit 1")
    here = subprocess.run(
        ["tools/e2e"], cwd=tmp_path, env={"PATH": os.defpath}, capture_output=True, text=True, check=False
    )
    assert here.returncode == 0
    assert "BROWSER TESTS SKIPPED" in here.stderr
    ci = subprocess.run(
        ["tools/e2e"], cwd=tmp_path, env={"PATH": os.defpath, "CI": "true"}, capture_output=True, text=True, check=False
    )
    assert ci.returncode == 1


def test_make_alone_prints_its_targets() -> None:
    # A make above this one (`make test`) would have this one announce its directory.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    out = subprocess.run(["make"], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    targets = [line.split()[1] for line in out.splitlines()]
    assert {"run", "test", "lint", "fmt", "types", "unit", "integration", "e2e", "lock", "clean"} <= set(targets)
    assert len(targets) <= 12
