"""MixModel as a person starts it, and people who use its API, for the browser and socket tests."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from uuid import uuid4

import httpx
import psutil
import redis
from sqlalchemy import Engine, create_engine

from mixmodel_app.config import Settings
from mixmodel_app.local.home import Home, Instance
from mixmodel_app.local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct-horse-7"
START_LIMIT_S = 240
STOP_LIMIT_S = 20
_SAMPLE = re.compile(r"Sample\s+(\S+)\s+password\s+(\S+)")
_LAST_LINE = "Ctrl-C"


class Site:
    """A running MixModel at `url`, and its stores from behind, as `env` names them."""

    url: str
    env: dict[str, str]

    def reach(self) -> None:
        """Connect, once it runs."""
        self.http = httpx.Client(base_url=self.url, timeout=30)
        self.database: Engine = create_engine(Settings.from_env(self.env).database.url)
        self.redis = redis.Redis.from_url(self.env["REDIS_URL"], decode_responses=True)

    def leave(self) -> None:
        self.http.close()
        self.database.dispose()
        self.redis.close()

    def lift_limits(self) -> None:
        """Forget who has asked how often."""
        for key in self.redis.scan_iter("limits*"):
            self.redis.delete(key)

    def new_person(self, name: str = "Ann Example", workspace: str | None = None) -> "Person":
        """Someone with an account and an empty workspace of their own."""
        self.lift_limits()
        email = f"{name.split()[0].lower()}-{uuid4().hex[:8]}@example.com"
        form = {"email": email, "password": PASSWORD, "full_name": name, "workspace_name": workspace or f"{name} Ltd"}
        return self._person(email, PASSWORD, self._entered("/api/session/register", form))

    def sample_person(self) -> "Person":
        """The account that the welcome names."""
        return self.person(self.sample_email, self.sample_password)

    def person(self, email: str, password: str) -> "Person":
        """Someone who has an account already."""
        self.lift_limits()
        return self._person(
            email, password, self._entered("/api/session/login", {"email": email, "password": password})
        )

    def _entered(self, path: str, form: dict[str, str]) -> dict[str, str]:
        """The cookies that a browser holds after this form."""
        with httpx.Client(base_url=self.url, timeout=30) as browser:
            answer = browser.post(path, data=form)
            assert answer.status_code == 303, answer.text
            assert "error" not in answer.headers["location"], answer.headers["location"]
            return dict(browser.cookies)

    def _person(self, email: str, password: str, cookies: dict[str, str]) -> "Person":
        answer = self.http.post("/api/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        api = httpx.Client(base_url=self.url, headers=headers, timeout=60)
        return Person(email, password, cookies, api, body["user"])


class Product(Site):
    """`mixmodel up` in a process of its own, with a data directory and a port of its own.

    Args:
        project: where the sources lie, for a copy of them.
        env: settings beside those of a first start.
    """

    def __init__(self, home: Path, project: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.said: list[str] = []
        self._process = _start(home, self.port, project, env or {})
        self._lines = _lines_of(self._process)
        try:
            self.sample_email, self.sample_password = self._read_welcome()
        except BaseException:
            self._process.kill()
            raise
        instance = Instance.read(Home(home))
        assert instance is not None, "a running instance says where its stores are"
        self.env = instance.env
        self.reach()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()
        self.stop()

    def _read_welcome(self) -> tuple[str, str]:
        """Wait for the last line of the welcome; gives the sample account that it names."""
        found = None
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            assert line is not None, "MixModel ended instead of starting:\n" + "".join(self.said)
            self.said.append(line)
            found = _SAMPLE.search(line) or found
            if _LAST_LINE in line:
                assert found is not None, "the welcome names the sample account"
                return found.group(1), found.group(2)

    def stop(self) -> None:
        """SIGTERM; then nothing that was started may be left."""
        family = self.processes()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(STOP_LIMIT_S)
        _, left = psutil.wait_procs(family, timeout=3)
        names = [process.cmdline() for process in left]
        for process in left:
            process.kill()
        assert code == 0, f"ended with code {code}:\n" + "".join(self.said[-20:])
        assert not names, f"left behind: {names}"

    def processes(self) -> list[psutil.Process]:
        """Everything that this instance runs, the supervisor left out."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def process(self, *words: str) -> psutil.Process:
        """The first process, by age, whose command line has all these words."""
        found = [p for p in self.processes() if set(words) <= set(_command(p))]
        return min(found, key=lambda process: process.create_time())


@dataclass(frozen=True)
class Person:
    """Someone with an account. `api` signs its calls; `cookies` are a browser's session of the same account."""

    email: str
    password: str
    cookies: dict[str, str]
    api: httpx.Client
    user: dict[str, Any]

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, **query: str) -> Any:
        """The JSON answer of a call that must succeed."""
        answer = self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None) -> Any:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def ready_dataset(self, content: bytes, filename: str = "weekly.csv") -> str:
        """Upload and validate under the detected mapping; gives the id."""
        answer = self.api.post("/api/datasets/upload", files={"file": (filename, content)})
        assert answer.status_code == 201, answer.text
        dataset_id = answer.json()["dataset_id"]
        report = self.post(f"/api/datasets/{dataset_id}/validate")
        assert report["is_valid"], report["errors"]
        return dataset_id

    def start_run(self, dataset_id: str, name: str = "", **config: object) -> str:
        """Queue a fit; gives the run's id."""
        return self.post("/api/models/run", {"dataset_id": dataset_id, "name": name, "config": config})["id"]

    def follow(self, run_id: str, limit_s: float = 120) -> Iterator[dict[str, Any]]:
        """Progress events until the final one. Fails when it takes longer than `limit_s`."""
        deadline = time.monotonic() + limit_s
        with self.api.stream("GET", f"/api/models/{run_id}/progress") as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                assert time.monotonic() < deadline, f"the run has not ended within {limit_s} s"
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def until(self, run_id: str, status: str, limit_s: float = 120) -> dict[str, Any]:
        """The first event with this status; fails when the run ends in another."""
        seen = []
        for event in self.follow(run_id, limit_s):
            seen.append(event)
            if event["status"] == status:
                return event
        raise AssertionError(f"the run never was {status}; its last event: {seen[-1:]}")


def temporary_home() -> "tempfile.TemporaryDirectory[str]":
    """A data directory directly below the temporary one: as root, Postgres' account must be able to pass through."""
    return tempfile.TemporaryDirectory(prefix="mixmodel-e2e-", ignore_cleanup_errors=True)


def _start(home: Path, port: int, project: Path, more: Mapping[str, str]) -> subprocess.Popen[str]:
    own = ("DATABASE_", "REDIS_", "STORAGE_", "JWT_", "APP_ENV", "MIXMODEL_", "OIDC_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return subprocess.Popen(
        [sys.executable, "-m", "mixmodel_app.cli", "up"],
        cwd=project,
        env=env | {"MIXMODEL_HOME": str(home), "MIXMODEL_PORT": str(port), "MIXMODEL_OPEN_BROWSER": "0", **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _lines_of(process: subprocess.Popen[str]) -> "queue.Queue[str | None]":
    """What the process says, line by line, then None; read all the time, so that it never blocks on a full pipe."""
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    return lines


def _read(source: IO[str] | None, lines: "queue.Queue[str | None]") -> None:
    assert source is not None
    for line in source:
        lines.put(line)
    lines.put(None)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
