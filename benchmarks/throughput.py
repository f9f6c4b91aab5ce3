"""How many fits a day by the number of workers, and what gives out first.

`python -m benchmarks.throughput` starts stores and workers of its own and prints three tables.

A. Measured: the same quick fits of several workspaces with one worker, then with two. Beside the rate stands how long a
   fit was worked on, and the pause of a worker between two fits.
B. What a fit costs the shared stores: transactions of Postgres and commands of Valkey, how many of them these stores
   carry at most, from as many connections as keep them busy on this machine, and their own time on a core. Who asks
   takes more of that machine than the stores do, so what they carry on machines of their own is more.
C. Simulated up to 1,000 workers, each with cores of its own: the rules of the line (`domain/queueing.py`) with the
   measured times. The last column is the share of what Postgres or Valkey carry, whichever is greater; where it passes
   100 % that store is the bottleneck.

Two workers on two cores take each other's time; the simulation does not know that, so the row of two workers in A is
below that of C on a small machine.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import psutil
from alembic.config import Config
from sqlalchemy import text

from alembic import command
from benchmarks.everyday import ROOT
from benchmarks.fit_figures import PUBLIC, Cell, load, public_market, show
from mixmodel_app.config import settings
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.queueing import Turn, places
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from mixmodel_app.logging import configure_logging
from mixmodel_app.storage.objects import objects

TEAMS = 4
CONFIG = {"mode": "quick", "random_seed": 7}
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
BUSY_THREADS = 8
BUSY_S = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One series of fits: their seconds, the pauses of a worker between them, and the fits per second of all."""

    workers: int
    seconds: list[float]
    pauses: list[float]
    rate: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fits", type=int, default=24)
    fits = parser.parse_args().fits
    with temporary_stores() as stores:
        os.environ.update(stores.env(), APP_ENV="local", RUNS_PER_WORKSPACE="1", OMP_NUM_THREADS="1")
        configure_logging(settings(), "cli")
        objects().prepare()
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        before = load()
        people = [_team(number) for number in range(TEAMS)]
        first, busy = _counters(), _core_seconds(stores)
        one = _series(people, fits, workers=1)
        cores = _core_seconds(stores)
        spent = [(now - then) / fits for now, then in zip(_counters(), first, strict=True)]
        took = [(now - then) / fits for now, then in zip(cores, busy, strict=True)]
        two = _series(people, fits, workers=2)
        _show_measured([one, two], before)
        carried = [_busy(_transaction), _busy(_command)]
        _show_costs(spent, took, carried, before)
    _show_simulated(one, spent, carried, before)


def _team(number: int) -> tuple[Principal, UUID]:
    """A person in a workspace of their own with a dataset that is ready."""
    from mixmodel_app.services import accounts, datasets

    pair = accounts.register(f"team{number}@example.com", "Correct-horse-7", f"Team {number}")
    principal = accounts.principal_from_access(pair.access_token)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weekly.csv"
        file.write_bytes(public_market(PUBLIC).csv())
        dataset_id = UUID(datasets.upload(principal, file, file.name)["id"])
    datasets.validate(principal, dataset_id)
    return principal, dataset_id


@contextmanager
def _workers(count: int) -> Iterator[None]:
    """Warm workers, as `mixmodel up` starts them."""
    from mixmodel_app.storage import queue

    started = [
        subprocess.Popen([sys.executable, "-m", "mixmodel_app.cli", "worker"], cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(count)
    ]
    while queue.live_workers() < count:
        time.sleep(0.2)
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _series(people: list[tuple[Principal, UUID]], fits: int, workers: int) -> Measured:
    from mixmodel_app.services import runs

    with _workers(workers):
        began = time.perf_counter()
        started = [
            (principal, UUID(runs.start(principal, dataset_id, None, CONFIG)["id"]))
            for _ in range(fits // len(people))
            for principal, dataset_id in people
        ]
        rows = [_ended(principal, run_id) for principal, run_id in started]
        took = time.perf_counter() - began
    spans = sorted((_moment(row["started_at"]), _moment(row["completed_at"])) for row in rows)
    pauses = [later[0] - earlier[1] for earlier, later in pairwise(spans)] if workers == 1 else []
    return Measured(workers, [end - start for start, end in spans], pauses, len(rows) / took)


def _ended(principal: Principal, run_id: UUID) -> dict[str, str]:
    from mixmodel_app.services import runs

    while (row := runs.get(principal, run_id))["status"] != "completed":
        if row["status"] in ("failed", "cancelled"):
            raise SystemExit(f"A fit did not complete: {row['error_message']}")
        time.sleep(0.5)
    return row


def _moment(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _counters() -> tuple[float, float]:
    """Transactions that Postgres has committed, commands that Valkey has processed."""
    from mixmodel_app.storage import db, redis

    with db.engine().connect() as connection:
        commits = connection.scalar(text("SELECT sum(xact_commit) FROM pg_stat_database"))
    info = redis.client().info("stats")
    assert isinstance(info, dict)
    return float(commits or 0), float(info["total_commands_processed"])


def _core_seconds(stores: EmbeddedStores) -> tuple[float, float]:
    """Seconds that Postgres, with all its processes, and Valkey have had a core so far."""
    assert stores.postgres.process is not None
    assert stores.valkey.process is not None
    postgres, valkey = psutil.Process(stores.postgres.process.pid), psutil.Process(stores.valkey.process.pid)
    ended = postgres.cpu_times()
    alive = [process.cpu_times() for process in (postgres, *postgres.children())]
    own = valkey.cpu_times()
    return (
        ended.children_user + ended.children_system + sum(times.user + times.system for times in alive),
        own.user + own.system,
    )


def _busy(do: Callable[[], None]) -> float:
    """How often `do` can be done a second by several threads at once."""
    done = [0] * BUSY_THREADS
    end = time.perf_counter() + BUSY_S

    def work(number: int) -> None:
        while time.perf_counter() < end:
            do()
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(BUSY_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / BUSY_S


def _transaction() -> None:
    """What a fit does most: a change of one row of its own."""
    from mixmodel_app.storage import db

    with db.engine().begin() as connection:
        connection.execute(text("UPDATE model_runs SET heartbeat_at = now() WHERE id = gen_random_uuid()"))


def _command() -> None:
    from mixmodel_app.storage import redis

    redis.client().incr("benchmark")


def _show_measured(series: list[Measured], before: float) -> None:
    rows: list[list[Cell]] = [
        [
            f"{each.workers} worker{'s' if each.workers > 1 else ''}",
            f"{each.rate * 3600:.0f}",
            f"{statistics.median(each.seconds):.2f}",
            f"{max(each.seconds):.2f}",
            f"{statistics.median(each.pauses):.3f}" if each.pauses else "",
        ]
        for each in series
    ]
    said = f"Load before: {before:.1f} on {os.cpu_count()} cores."
    show("A. Measured", ["", "fits an hour", "fit, median s", "worst s", "pause, median s"], rows, said, before)


def _show_costs(spent: list[float], took: list[float], carried: list[float], before: float) -> None:
    names = ("Postgres, transactions", "Valkey, commands")
    rows: list[list[Cell]] = [
        [name, f"{each:.0f}", f"{most:.0f}", f"{most / each:.0f}", f"{seconds * 1000:.1f}"]
        for name, each, most, seconds in zip(names, spent, carried, took, strict=True)
    ]
    head = ["", "per fit", "carried a second", "fits a second", "core ms per fit"]
    show("B. The shared stores", head, rows, "", before)


def _show_simulated(one: Measured, spent: list[float], carried: list[float], before: float) -> None:
    draw = random.Random(1)
    pause = max(0.0, statistics.median(one.pauses))
    rows: list[list[Cell]] = []
    for workers in SIZES:
        jobs = max(200, 20 * workers)
        waiting = [Turn(n, n % (2 * workers), draw.choice(one.seconds) + pause) for n in range(jobs)]
        found = places([], waiting, workers, share=max(1, workers - 1))
        ends = [found[turn.run].starts_in_s + turn.seconds for turn in waiting]
        rate = jobs / max(ends)
        use = max(rate * each / most for each, most in zip(spent, carried, strict=True))
        wait = statistics.median(place.starts_in_s for place in found.values())
        rows.append([workers, f"{rate * 3600:.0f}", f"{rate / workers * 3600:.0f}", f"{wait:.0f}", f"{use:.1%}"])
    head = ["workers", "fits an hour", "of each worker", "median wait s", "busiest store"]
    show("C. Simulated", head, rows, "Twenty runs for each worker, all asked for at once.", before)


if __name__ == "__main__":
    main()
