"""The application taken apart for the architecture tests: states, handlers, routes, files."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import reflex as rx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from mixmodel_app.registry import import_all

ROOT = Path(__file__).resolve().parents[2]
CODE = ("mixmodel_app", "workers")
_NOT_OURS = {".venv", ".web", ".git", ".mixmodel", "node_modules", "__pycache__", ".states"}


def all_states() -> list[type[rx.State]]:
    """`rx.State` and every state class below it, once every page has been imported; always in the same order."""
    import_all("mixmodel_app.pages")

    def below(state: Any) -> Iterator[Any]:
        yield state
        for child in sorted(state.get_substates(), key=lambda child: child.get_full_name()):
            yield from below(child)

    return list(below(rx.State))


def our_states() -> list[type[rx.State]]:
    return [state for state in all_states() if state.__module__.startswith("mixmodel_app.")]


def handlers_of(state: Any) -> dict[str, Any]:
    """The events that a socket client may call on this state, by name: those of its own, not its parent's."""
    inherited = state.get_parent_state().event_handlers if state.get_parent_state() else {}
    return {name: found for name, found in state.event_handlers.items() if inherited.get(name) is not found}


def routes_of(app: FastAPI) -> tuple[list[APIRoute], list[BaseRoute]]:
    """The routes of the API, those of included routers too, and whatever else is served (mounts, documentation)."""
    found = list(_flat(app.routes))
    return [one for one in found if isinstance(one, APIRoute)], [one for one in found if not isinstance(one, APIRoute)]


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _flat(included.routes)


def dependencies_of(dependant: Dependant) -> set[object]:
    """Everything that a route asks for before it runs."""
    found: set[object] = {dependant.call}
    for below in dependant.dependencies:
        found |= dependencies_of(below)
    return found


def python_files(*tops: str) -> list[Path]:
    """Every Python file of the project, or of some of its directories."""
    roots = [ROOT / top for top in tops] if tops else [ROOT]
    return sorted(path for root in roots for path in _files_below(root) if path.suffix == ".py")


def text_files() -> list[Path]:
    """Every text file of the project, lock files included."""
    return sorted(path for path in _files_below(ROOT) if path.is_file() and _is_text(path))


def _files_below(root: Path) -> Iterator[Path]:
    """The environment and the build hold tens of thousands of files: their directories are not even entered."""
    for folder, folders, files in root.walk():
        folders[:] = [name for name in folders if name not in _NOT_OURS]
        yield from (folder / name for name in files if name not in _NOT_OURS)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)
