"""Where a job comes from: the ids of the request behind it, which go with it into the worker's log lines."""

import re
from typing import Any
from uuid import UUID

import structlog
from rq.exceptions import NoSuchJobError
from rq.job import Job

from mixmodel_app.storage import redis

KEPT = ("request_id", "workspace_id")
_NAME = re.compile(r"fit_(?P<run_id>[0-9a-f-]{36})_(?P<attempt>\d+)")


def of_attempt(run_id: UUID, attempt: int) -> dict[str, str]:
    """What the job of this attempt is told: the ids of the current request, else those of the attempt before.

    The janitor queues runs again for nobody in particular; the request that began it all stays the origin.
    """
    here = _kept(structlog.contextvars.get_contextvars())
    if "request_id" in here or attempt < 2:
        return here
    try:
        before = Job.fetch(f"fit_{run_id}_{attempt - 1}", connection=redis.raw_client(), serializer="json")
    except NoSuchJobError:
        return here
    return _kept(before.meta)


def of_job(job: Job) -> dict[str, str]:
    """Ids for the log lines of a job: run, attempt, and what it was told."""
    named = _NAME.fullmatch(job.id)
    return {**(named.groupdict() if named else {}), **_kept(job.meta)}


def _kept(found: dict[str, Any]) -> dict[str, str]:
    return {name: str(found[name]) for name in KEPT if found.get(name)}
