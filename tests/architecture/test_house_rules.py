"""Rules of the house that no other tool checks."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.app_parts import CODE, ROOT, name, python_files, text_files, tree

MOST_LINES = 400
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("npm" + "mirror", "com"),
        ("proxy", "golang", "org"),
        ("conda", "anaconda", "org"),
    )
)
_GENERATED = (
    "reflex.lock/",
    "uploaded_files/",
    ".ruff_cache/",
    ".pytest_cache/",
    ".hypothesis/",
    ".import_linter_cache/",
)


@pytest.mark.parametrize("path", python_files(), ids=name)
def test_a_file_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MOST_LINES, "split it by subject"


def test_no_file_names_a_package_registry() -> None:
    files = [path for path in text_files() if not name(path).startswith(_GENERATED)]
    assert len(files) > 100
    found = [
        f"{name(path)}: {host}" for path in files for host in REGISTRIES if host in path.read_text(errors="replace")
    ]
    assert found == []


@pytest.mark.parametrize("path", python_files(*CODE), ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "a module starts with one sentence about what it is for"


def test_nothing_is_left_for_later() -> None:
    marks = {"TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"}
    found = [
        f"{name(path)}: {line.strip()}"
        for path in python_files()
        for line in path.read_text().splitlines()
        if marks & set(line.split())
    ]
    assert found == []


def test_the_arrows_of_the_architecture_run_downwards() -> None:
    command = shutil.which("lint-imports", path=Path(sys.executable).parent)
    assert command, "import-linter is among the development packages"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
