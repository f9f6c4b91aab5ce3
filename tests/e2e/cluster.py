"""What docker-compose.yml starts, from packages: nginx, two webs, two workers, a janitor, Postgres, Valkey and S3."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from mixmodel_app.local import frontend
from mixmodel_app.local.processes import die_with_parent, family, free_port, kill
from mixmodel_app.local.stack import EmbeddedStores
from tests.e2e.product import ROOT, Site
from tests.nginx import proxy
from tests.s3_server import S3Server

START_LIMIT_S = 180
STOP_LIMIT_S = 30
_CLI = (sys.executable, "-m", "mixmodel_app.cli")
_OWN = ("DATABASE_", "REDIS_", "STORAGE_", "S3_", "JWT_", "APP_ENV", "MIXMODEL_", "OIDC_", "CORS_")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Part:
    """One process of its own, which can be killed and started again."""

    def __init__(self, name: str, command: tuple[str, ...], env: Mapping[str, str], log: Path) -> None:
        self.name, self._command, self._env, self.log = name, command, dict(env), log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def kill(self) -> None:
        """With everything below it, at once, as a host that loses its power."""
        kill(family(self.process.pid))
        self.process.wait()

    def stop(self) -> None:
        """As Docker stops it: SIGTERM, then by force."""
        members = family(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            kill(members)
            self.process.wait()

    def check(self) -> None:
        assert self.process.poll() is None, f"{self.name} ended:\n{self.log.read_text()[-3000:]}"


class Web(Part):
    """One web process and the port behind the proxy that it listens on."""

    def __init__(self, name: str, env: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(name, (*_CLI, "web"), {**env, "MIXMODEL_PORT": str(self.port)}, log)

    def wait(self) -> None:
        """Until it serves."""
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            self.check()
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            try:
                if httpx.get(f"{self.url}/health/live", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)

    def roll(self) -> None:
        """Stop it in good order and start it again."""
        self.stop()
        self.start()
        self.wait()


class Cluster(Site):
    """The whole of it behind one address; `webs` and `workers` are its replicas."""

    def __init__(self, root: Path, stores: EmbeddedStores, files: S3Server, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.files = files
        self.env = stores.env() | files.env()
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_OWN)},
            **self.env,
            **_ONE_THREAD,
            "APP_ENV": "production",
            "RUNS_PER_WORKSPACE": "2",  # one team keeps both workers busy
            "MIXMODEL_PUBLIC_URL": self.url,
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        self._root = root
        self._homes = {**settings}
        subprocess.run((*_CLI, "migrate"), cwd=ROOT, env=self._with_home("migrate"), check=True)
        self.webs = [Web(name, self._with_home(name), self._log(name)) for name in ("web-1", "web-2")]
        self.workers = [
            Part(name, (*_CLI, "worker"), self._with_home(name), self._log(name)) for name in ("worker-1", "worker-2")
        ]
        janitor = (sys.executable, "-m", "workers.janitor")
        self.janitor = Part("janitor", janitor, self._with_home("janitor"), self._log("janitor"))

    def _with_home(self, name: str) -> dict[str, str]:
        """Each has a directory of its own, as each container has."""
        home = self._root / name
        home.mkdir(exist_ok=True)
        return {**self._homes, "MIXMODEL_HOME": str(home)}

    def _log(self, name: str) -> Path:
        return self._root / name / "log"

    def wait(self) -> None:
        """Until both webs serve and both workers wait for work."""
        for web in self.webs:
            web.wait()
        self.reach()
        deadline = time.monotonic() + START_LIMIT_S
        while len(self.redis.smembers("rq:workers")) < len(self.workers):  # pyright: ignore[reportArgumentType]
            assert time.monotonic() < deadline
            for worker in self.workers:
                worker.check()
            time.sleep(0.2)

    def stop(self) -> None:
        for part in (*self.webs, *self.workers, self.janitor):
            kill(family(part.process.pid))


@contextmanager
def cluster(root: Path) -> Iterator[Cluster]:
    """Everything, until the block ends.

    Args:
        root: an empty directory that the account of Postgres can enter.
    """
    frontend.build()
    with ExitStack() as stack:
        stores = stack.enter_context(EmbeddedStores(root))
        files = S3Server()
        stack.callback(files.stop)
        port = free_port()
        running = Cluster(root, stores, files, port)
        stack.callback(running.stop)
        place = root / "proxy"
        place.mkdir()
        stack.enter_context(proxy(place, *(web.port for web in running.webs), port=port))
        running.wait()
        stack.callback(running.leave)
        yield running
