"""Answers that are dear to make and change seldom, as JSON with a time to live. Callers check permission first."""

import json
from typing import Any
from uuid import UUID

from mixmodel_app.storage import redis

RESULTS_SECONDS = 3600
STATS_SECONDS = 300


def results_key(run_id: UUID) -> str:
    return f"results:{run_id}"


def stats_key(workspace_id: UUID) -> str:
    return f"dashboard:stats:{workspace_id}"


def read(key: str) -> Any | None:
    """The cached value, or None."""
    raw = redis.client().get(key)
    return json.loads(raw) if isinstance(raw, str) else None


def write(key: str, value: Any, seconds: int) -> None:
    redis.client().set(key, json.dumps(value), ex=seconds)


def drop(*keys: str) -> None:
    redis.client().delete(*keys)
