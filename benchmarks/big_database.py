"""How fast the API reads when the database is large: 100,000 runs and 10,000 datasets, half of them one workspace's.

`python -m benchmarks.big_database [--runs 100000] [--datasets 10000] [--rounds 60] [--older]` fills an embedded
Postgres by SQL and asks the API in this process, as people of a large and of a small workspace, with row-level
security. Printed are milliseconds of the whole request; "cold" drops what Redis and this process keep before each. The
promise is a p95 below 50 ms. `--older` fills runs of a version that kept no headline beside the results.
"""

import argparse
import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.local.stack import temporary_stores
from tests.factories import make_results
from tests.tables import weekly_csv

PROMISE_MS = 50.0
WORKSPACES = 50
SHARE = 0.5
"""Of everything that the large workspace has; the others share the rest."""
RESULTS_EVERY = 20
"""One run in so many has results, and the newest do: half a megabyte each would make the filling the longest part."""

_DATASETS = """
INSERT INTO datasets (id, workspace_id, filename, s3_key, table_key, reading, fixes, row_count, profile, column_mapping,
                      validation_report, status, version, created_at)
SELECT uuidv7(make_interval(mins => -n)), :workspace, 'weekly ' || n || '.csv', 'raw', 'table', '{}', '[]', 156,
       CAST(:profile AS jsonb), CAST(:mapping AS jsonb), CAST(:report AS jsonb), 'validated', 1,
       now() - make_interval(mins => n)
FROM generate_series(1, :count) n
"""
_RUNS = """
INSERT INTO model_runs (id, workspace_id, dataset_id, name, status, stage, progress, message, config, column_mapping,
                        data_notes, results, headline, draws_key, fingerprint, attempt, created_at, started_at,
                        completed_at)
SELECT uuidv7(make_interval(mins => -n)), :workspace, ids[1 + n % array_length(ids, 1)], 'Run ' || n,
       (ARRAY['completed', 'completed', 'completed', 'failed'])[1 + n % 4], 'done', 100, 'Done',
       CAST(:config AS jsonb), CAST(:mapping AS jsonb), '{}',
       CASE WHEN n <= 40 OR n % :every = 0 THEN CAST(:results AS jsonb) END,
       CASE WHEN n % 4 <> 3 AND (n <= 40 OR n % :every = 0) THEN CAST(:headline AS json) END, :draws, md5(n::text), 1,
       now() - make_interval(mins => n), now() - make_interval(mins => n), now() - make_interval(mins => n)
FROM generate_series(1, :count) n, (SELECT array_agg(id) ids FROM datasets WHERE workspace_id = :workspace) d
"""
_AUDIT = """
INSERT INTO audit_events (id, workspace_id, actor, action, subject, address, created_at)
SELECT uuidv7(make_interval(mins => -n)), :workspace, 'ann@example.com', 'exported', 'run ' || n, '',
       now() - make_interval(mins => n) FROM generate_series(1, :count) n
"""


@dataclass(frozen=True)
class Person:
    """Someone signed in, with a dataset and a run with results of their workspace."""

    api: TestClient
    headers: dict[str, str]
    workspace: UUID
    dataset: str = ""
    run: str = ""

    def get(self, path: str) -> Any:
        answer = self.api.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--older", action="store_true")
    options = parser.parse_args()
    with temporary_stores() as stores:
        os.environ |= {**stores.env(), "APP_ENV": "test"}
        from mixmodel_app.api.app import create_api
        from mixmodel_app.storage import schema
        from mixmodel_app.storage.objects import objects

        objects().prepare()
        schema.upgrade()
        with TestClient(create_api()) as api:
            gc.freeze()  # as the web does once it has started
            large, small = fill(api, options.runs, options.datasets, older=options.older)
            print(f"{'request':<34}{'workspace':<11}{'p50':>8}{'p95':>8}{'max':>8}  ms")
            worst = max(measure(large, "large", options.rounds), measure(small, "small", options.rounds))
    print(f"worst p95 {worst:.1f} ms, promised {PROMISE_MS:.0f}")


def fill(api: TestClient, runs: int, datasets: int, *, older: bool = False) -> tuple[Person, Person]:
    """Two people, and everything around them."""
    from mixmodel_app.services.suggestions import headline
    from mixmodel_app.storage import db
    from mixmodel_app.storage.objects import objects

    began = time.perf_counter()
    found = make_results(n_periods=156)
    draws = draws_for([channel.name for channel in found.channels])
    objects().put("draws.npz", draws)
    kept = None if older else headline(found, ResponseDraws.from_bytes(draws)).to_json()
    large, small = person(api, "large@example.com"), person(api, "small@example.com")
    values = {
        **_template(large),
        "config": json.dumps({"mode": "quick", "n_samples": 500, "n_chains": 4}),
        "results": json.dumps(found.to_json()),
        "headline": kept and json.dumps(kept),
        "draws": "draws.npz",
        "every": RESULTS_EVERY,
    }
    with db.engine().begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        others = [small.workspace, *(_workspace(connection, n) for n in range(WORKSPACES - 2))]
        sizes = [(large.workspace, SHARE), *((other, (1 - SHARE) / len(others)) for other in others)]
        for workspace, share in sizes:
            for statement, total in ((_DATASETS, datasets), (_RUNS, runs), (_AUDIT, runs)):
                asked = {**values, "workspace": workspace, "count": round(total * share)}
                connection.execute(text(statement), asked)
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        size = connection.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
    print(f"{runs:,} runs and {datasets:,} datasets, {size}, filled in {time.perf_counter() - began:.0f} s\n")
    return _with_ids(large), _with_ids(small)


def person(api: TestClient, email: str) -> Person:
    body = {"email": email, "password": "Benchmark-run-1", "full_name": "Bench"}
    headers = {"Authorization": f"Bearer {api.post('/api/auth/register', json=body).json()['access_token']}"}
    workspace = UUID(api.get("/api/workspace", headers=headers).json()["id"])
    return Person(api, headers, workspace)


def _template(who: Person) -> dict[str, str]:
    """What reading and checking a real file leave in its row."""
    from mixmodel_app.storage import db

    upload = who.api.post("/api/datasets/upload", headers=who.headers, files={"file": ("a.csv", weekly_csv())})
    dataset = upload.json()["id"]
    who.api.post(f"/api/datasets/{dataset}/validate", headers=who.headers)
    query = text("SELECT profile, column_mapping, validation_report FROM datasets WHERE id = :id")
    with db.engine().connect() as connection:
        row = connection.execute(query, {"id": dataset}).one()
    return {name: json.dumps(value) for name, value in zip(("profile", "mapping", "report"), row, strict=True)}


def draws_for(channels: list[str]) -> bytes:
    """Five hundred joint draws of plausible curves."""
    rng = np.random.default_rng(1)
    size = (500, len(channels))
    weights = rng.beta(4, 6, size)[:, :, None] ** np.arange(8)
    spend = rng.gamma(2.0, 5_000.0, (156, len(channels)))
    return ResponseDraws(
        channels=tuple(channels),
        saturation="logistic",
        weights=weights / weights.sum(axis=-1, keepdims=True),
        params={"lam": rng.gamma(20, 0.12, size)},
        beta=rng.gamma(5, 0.02, size),
        media_scale=spend.max(axis=0),
        target_scale=5e5,
        unit_cost=np.ones(len(channels)),
        spend=spend,
        media=spend,
    ).to_bytes()


def _workspace(connection: Any, number: int) -> UUID:
    insert = text("INSERT INTO workspaces (id, name) VALUES (uuidv7(), :name) RETURNING id")
    return connection.scalar(insert, {"name": f"Workspace {number}"})


def _with_ids(who: Person) -> Person:
    from mixmodel_app.storage import db

    query = text("SELECT dataset_id, id FROM model_runs WHERE workspace_id = :w AND results IS NOT NULL LIMIT 1")
    with db.engine().connect() as connection:
        dataset, run = connection.execute(query, {"w": who.workspace}).one()
    return Person(who.api, who.headers, who.workspace, str(dataset), str(run))


def measure(who: Person, size: str, rounds: int) -> float:
    """Print a line for each request; gives the worst p95 in milliseconds."""
    from mixmodel_app.services import stored_results
    from mixmodel_app.storage import cache

    def forget() -> None:
        cache.forget_all()
        stored_results.forget()

    runs = who.get("/api/models?limit=100").json()
    after = runs[min(len(runs), 50) - 1]["id"]
    keep: Callable[[], None] = lambda: None  # noqa: E731
    requests: list[tuple[str, str, Callable[[], None]]] = [
        ("datasets", "/api/datasets", keep),
        ("runs", "/api/models", keep),
        ("runs, next page", f"/api/models?cursor={after}", keep),
        ("runs of one dataset", f"/api/models?dataset_id={who.dataset}", keep),
        ("one dataset", f"/api/datasets/{who.dataset}", keep),
        ("one run", f"/api/models/{who.run}", keep),
        ("results, executive", f"/api/models/{who.run}/results?view=executive", keep),
        ("results, manager", f"/api/models/{who.run}/results?view=manager", keep),
        ("results, analyst", f"/api/models/{who.run}/results?view=analyst", keep),
        ("results, executive, cold", f"/api/models/{who.run}/results?view=executive", forget),
        ("results, manager, cold", f"/api/models/{who.run}/results?view=manager", forget),
        ("results, analyst, cold", f"/api/models/{who.run}/results?view=analyst", forget),
        ("statistics", "/api/workspace/stats", keep),
        ("statistics, cold", "/api/workspace/stats", forget),
        ("audit log", "/api/workspace/audit", keep),
        ("scenarios", "/api/scenarios", keep),
    ]
    worst = 0.0
    for name, path, before in requests:
        times = np.array([_timed(who, path, before) for _ in range(rounds + 3)][3:])
        p50, p95 = np.percentile(times, [50, 95])
        worst = max(worst, float(p95))
        print(f"{name:<34}{size:<11}{p50:>8.1f}{p95:>8.1f}{times.max():>8.1f}", flush=True)
    return worst


def _timed(who: Person, path: str, before: Callable[[], None]) -> float:
    before()
    began = time.perf_counter()
    who.get(path)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
