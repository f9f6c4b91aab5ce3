"""Write docs/checks.md, the page of all checks, from their docstrings: `python tools/checks_page.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import Check
from mixmodel_app.ingest.report import all_checks

PAGE = Path(__file__).resolve().parents[1] / "docs" / "checks.md"
_HEAD = """# The checks on data

What MixModel looks for in a table before a fit. This page is written by `tools/checks_page.py` from the docstrings of
`mixmodel_app/ingest/checks`; change them, not this file. `benchmarks/checks.py` prints how often each check is wrong on
clean tables and how often it finds a fault that was planted.

The words used here: the *outcome* is what you want to explain, such as revenue; a *channel* is one kind of advertising;
a *control* is another driver, such as price or holidays. *Carryover* is effect that arrives after the spend. A *range*
is where the true value probably lies. A finding names the rows by their line in your file, the header being line 1.
"""
_PARTS = {
    Severity.ERROR: ("Errors", "They block a run."),
    Severity.WARNING: ("Warnings", "A run needs a decision to continue."),
    Severity.SUGGESTION: ("Suggestions", "Offers that could make the model better."),
}


def page() -> str:
    """The whole page as Markdown, checks in the order of their codes."""
    checks = sorted(all_checks(), key=lambda check: check.code)
    parts = [_HEAD]
    for severity, (title, meaning) in _PARTS.items():
        parts.append(f"## {title}\n\n{meaning}\n")
        parts += [_entry(check) for check in checks if check.severity is severity]
    return "\n".join(parts)


def _entry(check: Check) -> str:
    text = check.help.replace("\nWhy it matters:", "\n\n*Why it matters:*").replace(
        "\nHow to fix:", "\n\n*How to fix:*"
    )
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    return f"### {check.code} {check.title}\n\n" + "\n\n".join(paragraphs) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
