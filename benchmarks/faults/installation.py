"""A MixModel of its own, with its processes by name and its stores from behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from benchmarks.faults import memory_group
from mixmodel_app.config import Settings
from mixmodel_app.local.home import Home, Instance
from mixmodel_app.local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 300
_AWAY_LIMIT_S = 120
_OWN = ("DATABASE_", "REDIS_", "STORAGE_", "JWT_", "APP_ENV", "MIXMODEL_")
_COUNT_ENDS = """
CREATE TABLE status_log (run_id uuid, status text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO status_log (run_id, status) VALUES (NEW.id, NEW.status); RETURN NEW; END $$;
CREATE TRIGGER log_status AFTER UPDATE ON model_runs FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION log_status();
"""


class Installation:
    """`mixmodel up` on a temporary home, until the block ends."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mixmodel-faults-"))
        self.objects = self.home / "objects"
        self.on_small_disk = self._mount_small_disk()
        self.port = free_port()
        self.said: list[str] = []
        env = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
        command = (sys.executable, "-m", "mixmodel_app.cli", "up", "--home", str(self.home), "--port", str(self.port))
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        memory_group.enter(self.process.pid)

    def __enter__(self) -> Self:
        try:
            self._wait_for_welcome()
            instance = Instance.read(Home(self.home))
            assert instance is not None
            self.env = instance.env
            self.url = f"http://127.0.0.1:{self.port}"
            settings = Settings.from_env(self.env)
            self.database = create_engine(settings.database.url, pool_pre_ping=True)
            self.redis = redis.Redis.from_url(settings.redis.url, decode_responses=True)
            with self.database.begin() as connection:
                connection.execute(text(_COUNT_ENDS))
            self.wait_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _mount_small_disk(self) -> bool:
        self.objects.mkdir()
        command = ("mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "mixmodel-faults", str(self.objects))
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False

    def _wait_for_welcome(self) -> None:
        ready = threading.Event()

        def read() -> None:
            for line in self.process.stdout or ():
                self.said.append(line)
                if "Ctrl-C" in line:
                    ready.set()

        threading.Thread(target=read, daemon=True).start()
        deadline = time.monotonic() + START_LIMIT_S
        while not ready.wait(0.2):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("MixModel did not start:\n" + "".join(self.said[-20:]))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        if self.on_small_disk:
            subprocess.run(("umount", "-l", str(self.objects)), check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    # Processes

    def process_of(self, name: str) -> psutil.Process | None:
        """`worker`, `horse` (the process of a fit), `web`, `janitor`, `postgres` or `valkey`; None while it is away."""
        if name == "horse":
            worker = self.process_of("worker")
            return next(iter(worker.children()), None) if worker else None
        marks = {
            "worker": ("mixmodel_app.cli", "worker"),
            "web": ("granian",),
            "janitor": ("workers.janitor",),
            "postgres": ("postgres", "-D"),
            "valkey": ("valkey-server",),
        }[name]
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                words = " ".join(child.cmdline())
                if all(mark in words for mark in marks) and child.status() != psutil.STATUS_ZOMBIE:
                    return child
        return None

    def signal(self, name: str, number: signal.Signals) -> bool:
        """False when there was no such process."""
        process = self.process_of(name)
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
            return True
        return False

    def wait_healthy(self, limit_s: float = 90) -> None:
        """Until every part answers, the worker included."""
        deadline = time.monotonic() + limit_s
        found: Any = None
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError, ValueError):
                found = httpx.get(f"{self.url}/health", timeout=5).json()
                if found["status"] == "healthy" and self.process_of("janitor"):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"The installation did not become healthy: {found}\n" + "".join(self.said[-20:]))

    # Stores

    def query(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a statement, which is committed; tried again while the database is away."""
        deadline = time.monotonic() + _AWAY_LIMIT_S
        while True:
            try:
                with self.database.begin() as connection:
                    found = connection.execute(text(statement), values)
                    return [dict(row) for row in found.mappings()] if found.returns_rows else []
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def row(self, run_id: str) -> dict[str, Any] | None:
        columns = (
            "status, stage, attempt, losses, lease_token, error_message, workspace_id, now() - heartbeat_at AS silent"
        )
        return next(iter(self.query(f"SELECT {columns} FROM model_runs WHERE id = :id", id=run_id)), None)

    def completions(self, run_id: str) -> int:
        count = "SELECT count(*) AS n FROM status_log WHERE run_id = :id AND status = 'completed'"
        return self.query(count, id=run_id)[0]["n"]

    def artifacts(self, run_id: str) -> list[Path]:
        return [path for path in self.files(run_id) if path.name.startswith("model")]

    def files(self, run_id: str) -> list[Path]:
        """Of a run, those that are still being written included."""
        return sorted(self.objects.glob(f"workspaces/*/runs/{run_id}/*/*"))

    def events(self, workspace_id: str, run_id: str, block_ms: int = 2000) -> Iterator[dict[str, str]]:
        """Progress events from behind, at once as they are told; ends when none comes for `block_ms`."""
        last = "0"
        while True:
            answer: Any = self.redis.xread({f"progress:{workspace_id}:{run_id}:events": last}, block=block_ms)
            if not answer:
                return
            for position, fields in answer[0][1]:
                last = position
                yield fields

    def lift_limits(self) -> None:
        for key in self.redis.scan_iter("limits*"):
            self.redis.delete(key)
