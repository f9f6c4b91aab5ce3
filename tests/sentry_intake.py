"""A Sentry to report to: takes envelopes over HTTP and keeps the events in them."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli


class SentryIntake(ThreadingHTTPServer):
    """Reports go to `dsn`; `texts` are the envelopes as they came, unpacked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Intake)
        self.texts: list[str] = []

    @property
    def dsn(self) -> str:
        return f"http://0123456789abcdef@127.0.0.1:{self.server_address[1]}/42"

    def errors(self, at_least: int = 1, limit_s: float = 10) -> list[dict[str, Any]]:
        """The errors that came, once there are so many or the time is over."""
        deadline = time.monotonic() + limit_s
        while len(found := self.events()) < at_least and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def events(self, kind: str = "event") -> list[dict[str, Any]]:
        """What has come by now: "event" for errors, "transaction" for traces."""
        found = []
        for text in self.texts:
            lines = [json.loads(line) for line in text.splitlines()[1:]]
            found += [body for head, body in zip(lines[::2], lines[1::2], strict=False) if head.get("type") == kind]
        return found


class _Intake(BaseHTTPRequestHandler):
    server: SentryIntake

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("content-encoding", ""), bytes)
        self.server.texts.append(unpack(body).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def sentry_intake() -> Iterator[SentryIntake]:
    """A running one."""
    with SentryIntake() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
