"""The installation as its page shows it: to admins what concerns their workspace, to operators all of it.

Queue and workers serve everybody, so an admin sees how many wait and work, and only of their own runs which. Operators
are named by `OPERATORS`; outside production, where nobody is named, every admin is one.
"""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from mixmodel_app import __version__
from mixmodel_app.config import settings
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import NotAllowed
from mixmodel_app.services import dataset_tables, health, runs
from mixmodel_app.storage import cache, inspection, pulse, queue
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import runs as repository

FAILED_SHOWN = 20
_USAGE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker as one person may see it: `run` and `run_id` of the workspace's own runs, `place` for operators."""

    busy: bool
    run: str
    run_id: str
    place: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows. Sizes are in bytes, times in seconds.

    Attributes:
        checks: "ok" or "error" by part, as in /health, and the janitor.
        failed: the newest failed runs of the workspace, as the API gives runs.
        used: size of the workspace's files; None when the storage does not answer.
        versions: name and version of what runs here.
        whole: sizes of the whole installation, for operators.
    """

    checks: dict[str, str]
    waiting: int
    oldest_s: float
    workers: tuple[WorkerView, ...]
    janitor_silence_s: float | None
    failed: tuple[dict[str, Any], ...]
    used: int | None
    versions: tuple[tuple[str, str], ...]
    whole: tuple[tuple[str, int], ...]


def is_operator(principal: Principal) -> bool:
    """Whether this admin looks after the whole installation."""
    if principal.role is not Role.ADMIN:
        return False
    named = settings().operation.operators
    return principal.email.lower() in named if named else not settings().is_production


def require_operator(principal: Principal) -> None:
    """Raise `NotAllowed` unless this person is an operator."""
    principal.require(Role.ADMIN)
    if not is_operator(principal):
        raise NotAllowed(
            "Only the operators of this installation may see this.", hint="The setting OPERATORS names their emails."
        )


def overview(principal: Principal) -> Overview:
    """The state of things now; admins only."""
    principal.require(Role.ADMIN)
    silence = pulse.silence(pulse.JANITOR)
    checks = {
        **health.check()["checks"],
        "janitor": "ok" if silence is not None and silence < pulse.LATE_S else "error",
    }
    with transaction(principal) as session:
        failed = tuple(runs.to_json(run) for run in repository.failed(session, principal, FAILED_SHOWN))
    return Overview(
        checks=checks,
        waiting=queue.waiting(),
        oldest_s=queue.oldest_seconds(),
        workers=_workers(principal),
        janitor_silence_s=silence,
        failed=failed,
        used=_used(principal.workspace_id) if checks["storage"] == "ok" else None,
        versions=_versions(),
        whole=_whole() if is_operator(principal) else (),
    )


def _workers(principal: Principal) -> tuple[WorkerView, ...]:
    found = queue.workers()
    with transaction(principal) as session:
        own = {
            run.id: run.name for run in repository.some(session, principal, [one.run_id for one in found if one.run_id])
        }
    all_of_it = is_operator(principal)
    return tuple(
        WorkerView(
            busy=one.run_id is not None,
            run=own.get(one.run_id, "") if one.run_id else "",
            run_id=str(one.run_id) if one.run_id and (all_of_it or one.run_id in own) else "",
            place=f"{one.host}, process {one.pid}" if all_of_it else "",
        )
        for one in found
    )


def _used(workspace_id: UUID) -> int:
    """Size of a workspace's files; a bucket is listed for it, so it is asked every five minutes at most."""
    key = f"usage:{workspace_id}"
    known = cache.read(key)
    if known is None:
        known = objects().size_of(f"{dataset_tables.ROOT}/{workspace_id}")
        cache.write(key, known, _USAGE_SECONDS)
    return int(known)


def _versions() -> tuple[tuple[str, str], ...]:
    postgres, valkey = inspection.postgres(), inspection.valkey()
    return (
        ("MixModel", __version__),
        ("Tables", postgres.revision),
        ("Postgres", postgres.version),
        (valkey.name, valkey.version),
        ("Python", platform.python_version()),
    )


def _whole() -> tuple[tuple[str, int], ...]:
    sizes = [("Database", inspection.postgres().size), ("Memory of the queue's server", inspection.valkey().used)]
    conf = settings()
    place = conf.home if conf.storage.is_s3 else Path(unquote(urlsplit(conf.storage.url).path))
    if place.exists():
        sizes.append(("Free on the web's disk", shutil.disk_usage(place).free))
    return tuple(sizes)
