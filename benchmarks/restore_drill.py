"""The restore drill: backup under load, wipe, restore; then every finished run must open with identical numbers.

`python -m benchmarks.restore_drill [--people 3] [--runs 4]` starts MixModel on a temporary data directory, lets people
upload and fit, takes a backup with `mixmodel backup` while runs start and finish, and goes on until all have ended.
Then the directory is deleted and restored, MixModel is started again, and the JSON of each run, its results in all
views, the preview of its data and its model file are compared. Ends with 1 when anything differs.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.everyday import ROOT, Product
from mixmodel_app.local.processes import free_port
from tests.tables import weekly_csv

PASSWORD = "Restore-drill-1"
CONFIG = {"mode": "custom", "n_samples": 200, "tune_steps": 300, "n_chains": 2}
PAUSE_S = 13.0
"""Between two runs of one person: five may be started in a minute."""
OPEN = ("queued", "running")


@dataclass
class Person:
    """Someone with a workspace, and what they saw of each finished run."""

    product: Product
    email: str
    token: str = ""
    runs: list[str] = field(default_factory=list)
    dataset: str = ""
    seen: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        self.product.token = self.token
        return self.product.call(method, path, body, kind)

    def enter(self, path: str) -> None:
        body = {"email": self.email, "password": PASSWORD, "full_name": "Drill"}
        self.token = self.product.call("POST", f"/api/auth/{path}", body)["access_token"]

    def upload(self) -> None:
        mark = "drill-boundary"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="weekly.csv"\r\n\r\n'
        body = head.encode() + weekly_csv() + f"\r\n--{mark}--\r\n".encode()
        found = self.call("POST", "/api/datasets/upload", body, f"multipart/form-data; boundary={mark}")
        self.dataset = found["id"]
        self.call("POST", f"/api/datasets/{self.dataset}/validate")

    def start(self, number: int) -> None:
        asked = {"dataset_id": self.dataset, "name": f"Run {number}", "config": CONFIG | {"random_seed": number}}
        self.runs.append(self.call("POST", "/api/models/run", asked)["id"])

    def states(self) -> dict[str, str]:
        return {run["id"]: run["status"] for run in self.call("GET", "/api/models?limit=100")}

    def look(self, run: str) -> str:
        """A digest of all that a finished run shows."""
        paths = (f"/api/models/{run}", f"/api/models/{run}/results", f"/api/datasets/{self.dataset}/preview")
        answers = [json.dumps(self.call("GET", path), sort_keys=True).encode() for path in paths]
        request = urllib.request.Request(
            f"{self.product.url}/api/models/{run}/artifact", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            answers.append(answer.read())
        return hashlib.sha256(b"\0".join(answers)).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--runs", type=int, default=4, help="of each person")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mixmodel-drill-") as folder:
        Path(folder).chmod(0o711)
        return drill(Path(folder) / "home", Path(folder) / "backup.zip", options.people, options.runs)


def drill(home: Path, archive: Path, people: int, runs: int) -> int:
    port = free_port()
    product = Product(home, port)
    everyone = [Person(product, f"drill{number}@example.com") for number in range(people)]
    lock = threading.Lock()  # the product's client holds one token at a time
    try:
        for person in everyone:
            person.enter("register")
            person.upload()
        starter = threading.Thread(target=start_all, args=(everyone, runs, lock))
        starter.start()
        wait_until(lambda: sum(count(everyone, lock, "completed")) >= people, "first runs")
        backup_s, at_backup = take_backup(home, archive, everyone, lock)
        starter.join()
        wait_until(lambda: not any(count(everyone, lock, *OPEN)), "all runs")
        for person in everyone:
            person.seen = {run: person.look(run) for run, state in person.states().items() if state == "completed"}
    finally:
        product.stop()
    size = archive.stat().st_size / 1e6
    shutil.rmtree(home)
    restore_s = command(home, "restore", str(archive))
    return compare(home, port, everyone, finished_in(archive), (backup_s, size, restore_s, at_backup))


def finished_in(archive: Path) -> dict[str, bool]:
    """The runs in a backup, and whether they were finished."""
    csv.field_size_limit(sys.maxsize)
    with zipfile.ZipFile(archive) as content, content.open("database/model_runs.csv") as rows:
        found = csv.DictReader(io.TextIOWrapper(rows, "utf-8", newline=""))
        return {row["id"]: row["status"] == "completed" for row in found}


def start_all(everyone: list[Person], runs: int, lock: threading.Lock) -> None:
    for number in range(1, runs + 1):
        for person in everyone:
            with lock:
                person.start(number)
        time.sleep(PAUSE_S)


def count(everyone: list[Person], lock: threading.Lock, *states: str) -> list[int]:
    """Of each person, the number of runs in one of these states."""
    with lock:
        return [sum(state in states for state in person.states().values()) for person in everyone]


def wait_until(done: Any, what: str) -> None:
    deadline = time.monotonic() + 1200
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited too long for {what}")
        time.sleep(0.5)


def take_backup(home: Path, archive: Path, everyone: list[Person], lock: threading.Lock) -> tuple[float, int]:
    """Seconds, and the number of runs that were not over when it began."""
    unfinished = sum(count(everyone, lock, *OPEN))
    return command(home, "backup", str(archive)), unfinished


def command(home: Path, *arguments: str) -> float:
    """Run `mixmodel` on a home; gives its seconds."""
    own = ("DATABASE_", "REDIS_", "STORAGE_", "JWT_", "MIXMODEL_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mixmodel_app.cli", *arguments],
        cwd=ROOT,
        env={**env, "MIXMODEL_HOME": str(home)},
        check=True,
    )
    return time.perf_counter() - began


def compare(
    home: Path, port: int, everyone: list[Person], kept: dict[str, bool], measured: tuple[float, float, float, int]
) -> int:
    """Start on what was restored and print the table; 1 when a run is missing or differs."""
    product = Product(home, port)
    lock = threading.Lock()
    finished = same = again = began = 0
    try:
        for person in everyone:
            person.product = product
            person.enter("login")
            done = [run for run in person.runs if kept.get(run)]
            finished += len(done)
            same += sum(person.look(run) == person.seen[run] for run in done)
        wait_until(lambda: not any(count(everyone, lock, *OPEN)), "interrupted runs")
        began = sum(not kept[run] for person in everyone for run in person.runs if run in kept)
        again = sum(count(everyone, lock, "completed")) - finished
    finally:
        product.stop()
    backup_s, size, restore_s, at_backup = measured
    rows = {
        "runs fitted in all": sum(len(person.runs) for person in everyone),
        "queued or running when the backup began": at_backup,
        "backup under load, s": f"{backup_s:.1f}",
        "archive, MB": f"{size:.1f}",
        "restore into an empty home, s": f"{restore_s:.1f}",
        "finished runs in the backup": finished,
        "of them identical after the restore": same,
        "unfinished runs in the backup, fitted anew": f"{again} of {began}",
    }
    for name, value in rows.items():
        print(f"{name:<46}{value:>10}")
    return 0 if finished and same == finished and again == began else 1


if __name__ == "__main__":
    sys.exit(main())
