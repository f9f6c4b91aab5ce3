"""`mixmodel doctor`: the report in the terminal."""

import json
import sys
from collections.abc import Callable
from typing import Any

from mixmodel_app import __version__
from mixmodel_app.config import Settings, SettingsError
from mixmodel_app.services.doctor import examine
from mixmodel_app.services.doctor.diagnosis import Diagnosis, State, ok, problem

_MARKS = {State.OK: "✓", State.WARNING: "!", State.PROBLEM: "✗"}


def report(attach: Callable[[], Settings], *, as_json: bool) -> int:
    """Print what is wrong, and everything else that was looked at; gives the exit code.

    Args:
        attach: reads the settings, of the instance that runs here when there is one.

    Returns:
        1 when something is broken, else 0; warnings alone are 0.
    """
    found = _findings(attach)
    broken = [one for one in found if one.state is State.PROBLEM]
    _say(json.dumps(_as_json(found), indent=2) if as_json else _as_text(found))
    return 1 if broken else 0


def _findings(attach: Callable[[], Settings]) -> list[Diagnosis]:
    try:
        settings = attach()
        settings.require_services()
    except SettingsError as error:
        return [problem("settings", str(error), "docs/deploying.md lists all settings.")]
    return [ok("settings", f"Every setting can be used ({settings.app_env})."), *examine(settings)]


def _as_json(found: list[Diagnosis]) -> dict[str, Any]:
    healthy = all(one.state is not State.PROBLEM for one in found)
    return {"version": __version__, "healthy": healthy, "findings": [one.to_json() for one in found]}


def _as_text(found: list[Diagnosis]) -> str:
    lines = [f"MixModel {__version__}"]
    for one in found:
        lines.append(f"  {_MARKS[one.state]} {one.name:<22} {one.message}")
        if one.hint:
            lines.append(f"    {'':<22} → {one.hint}")
    counts = {state: sum(one.state is state for one in found) for state in State}
    verdict = "Nothing is wrong." if not counts[State.PROBLEM] else f"{_times(counts[State.PROBLEM], 'problem')}."
    if counts[State.WARNING]:
        verdict += f" {_times(counts[State.WARNING], 'warning')}."
    return "\n".join([*lines, verdict])


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
