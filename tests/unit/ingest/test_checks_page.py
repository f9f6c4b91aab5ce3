"""docs/checks.md says what the docstrings of the checks say."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_of_checks_is_up_to_date() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "checks_page.py"))
    assert (ROOT / "docs" / "checks.md").read_text() == tool["page"](), "run python tools/checks_page.py"
