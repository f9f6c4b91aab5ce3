"""The examples of docs/extending, as a data scientist would put them into a copy of the project."""

import re
import shutil
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUIDES = ROOT / "docs" / "extending"
_EXAMPLE = re.compile(r"Put this into `([\w/]+\.py)`:\n\n( *)```python\n(.*?)\n\2```", re.DOTALL)
_LEFT = (".git", ".venv", ".web", ".mixmodel", ".states", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")
_NOT_COPIED = shutil.ignore_patterns(*_LEFT, "external", "uploaded_files")


def example(guide: str) -> tuple[str, str]:
    """The file that a guide tells to make, from the project's root, and what to put into it."""
    found = _EXAMPLE.search((GUIDES / f"{guide}.md").read_text())
    assert found is not None, f"{guide}.md has no example that names its file"
    return found.group(1), textwrap.dedent(found.group(3)) + "\n"


def copy_with_examples(target: Path, *guides: str) -> Path:
    """A copy of the project in which the examples lie where their guides put them, and no other line differs."""
    shutil.copytree(ROOT, target, ignore=_NOT_COPIED)
    for guide in guides:
        name, source = example(guide)
        assert not (target / name).exists(), f"{name} is there already"
        (target / name).write_text(source)
    return target
