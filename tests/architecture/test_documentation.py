"""Documentation that cannot fall behind: settings, checks, commands and routes are looked up in the code."""

import argparse
import ast
import inspect
import re
from pathlib import Path

import pytest

from mixmodel_app.charts import base as charts
from mixmodel_app.engine.base import load_engines
from mixmodel_app.ingest.checks._base import CHECKS
from mixmodel_app.registry import import_all
from tests.architecture.app_parts import ROOT, tree

import_all("mixmodel_app.ingest.checks")
charts.all_charts()

MANUALS = ("README.md", "docs/deploying.md")
_READS = {"text", "choice", "flag", "whole", "words", "url", "get"}


def settings_read() -> list[str]:
    """The environment variables that config.py asks for."""
    calls = [node for node in ast.walk(tree(ROOT / "mixmodel_app" / "config.py")) if isinstance(node, ast.Call)]
    first = [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in _READS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    return sorted({value for value in first if isinstance(value, str) and value.isupper() and value != "XDG_DATA_HOME"})


def _manuals() -> str:
    return "\n".join((ROOT / file).read_text() for file in MANUALS if (ROOT / file).exists())


def test_settings_are_found_in_the_code() -> None:
    assert {"DATABASE_URL", "MIXMODEL_HOME", "RUN_SOFT_TIMEOUT_S", "S3_ACCESS_KEY"} <= set(settings_read())


@pytest.mark.parametrize("setting", settings_read())
def test_a_setting_is_documented(setting: str) -> None:
    assert setting in _manuals(), f"say what {setting} does in {' or '.join(MANUALS)}"


@pytest.mark.parametrize("code", CHECKS.keys())
def test_a_check_explains_itself(code: str) -> None:
    found = CHECKS.get(code)
    assert len(found.help.split()) >= 15, f"the docstring of {code} is its page: what it finds, why, how to fix it"
    assert found.title
    assert "." not in found.title


def test_check_codes_are_unique_and_look_alike() -> None:
    assert len(CHECKS) >= 15
    assert all(code.startswith("MM") and code[2:].isdigit() and len(code) == 5 for code, _ in CHECKS.items())


@pytest.mark.parametrize("chart", charts.all_charts(), ids=lambda chart: chart.key)
def test_a_chart_says_what_it_shows(chart: charts.Chart) -> None:
    assert inspect.getdoc(chart.build)


def test_engines_have_a_name_for_people() -> None:
    assert all(engine.label for engine in load_engines())


def test_every_command_has_help() -> None:
    from mixmodel_app import cli

    parser = cli._parser()
    subcommands = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    assert {"up", "fit", "worker", "migrate", "create-admin", "simulate"} <= set(subcommands.choices)
    assert all(choice.help for choice in subcommands._choices_actions)


@pytest.mark.parametrize("guide", ["chart", "engine"])
def test_there_is_a_guide_for_what_people_add(guide: str) -> None:
    assert (ROOT / "docs" / "extending" / f"{guide}.md").is_file()


def test_links_between_documents_lead_somewhere() -> None:
    import re

    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text()):
            assert (document.parent / Path(target)).exists(), f"{document.name} links to {target}"


def test_what_the_security_guide_points_at_exists() -> None:
    text = (ROOT / "docs/security.md").read_text()
    named = set(re.findall(r"`((?:mixmodel_app|tests|benchmarks|deploy)/[\w/.-]+\.\w+)`", text))
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
