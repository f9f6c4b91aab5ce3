"""What a process counts for Prometheus while it works.

Several web processes share one directory (`PROMETHEUS_MULTIPROC_DIR`, set by `local.serving` before the web starts), so
that any of them answers for all. Without it, as in workers, the numbers stay in the process and nobody reads them: what
happens to fits is counted in Redis instead (`storage.tallies`), since workers have no port and come and go.

Labels are routes, handlers and states of the product, never anything that a person typed, so their number is bounded.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import REGISTRY

SHARED = "PROMETHEUS_MULTIPROC_DIR"
_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("mixmodel_http_requests", "Answers by route and status.", ("method", "route", "status"))
REQUEST_SECONDS = Histogram(
    "mixmodel_http_request_seconds",
    "Time to the first byte of an answer.",
    ("method", "route"),
    buckets=_LATENCIES,
)
EVENTS = Counter("mixmodel_events", "Events of pages by handler and outcome.", ("handler", "outcome"))
EVENT_SECONDS = Histogram(
    "mixmodel_event_seconds", "Time that the handler of a page's event took.", ("handler",), buckets=_LATENCIES
)
SOCKETS = Gauge("mixmodel_sockets", "Open pages.", multiprocess_mode="livesum")
STREAMS = Gauge("mixmodel_progress_streams", "Pages and programs that follow a run.", multiprocess_mode="livesum")
CONNECTIONS = Gauge(
    "mixmodel_connections_in_use",
    "Connections of the web's pools that are in use.",
    ("pool",),
    multiprocess_mode="livesum",
)
BROWSER_ERRORS = Counter("mixmodel_browser_errors", "Errors that browsers reported.")


@contextmanager
def open_in(gauge: Gauge) -> Iterator[None]:
    """Count something as open for the length of the block."""
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


def counted() -> CollectorRegistry:
    """What all web processes of this start have counted; what the ended ones held open is left out."""
    directory = os.environ.get(SHARED)
    if not directory:
        return REGISTRY
    _forget_ended(Path(directory))
    shared = CollectorRegistry()
    MultiProcessCollector(shared, directory)
    return shared


def _forget_ended(directory: Path) -> None:
    """Drop the live gauges of processes that were killed and could not do so themselves."""
    pids = {int(file.stem.rpartition("_")[2]) for file in directory.glob("gauge_live*_*.db")}
    for pid in pids:
        if not psutil.pid_exists(pid):
            mark_process_dead(pid, str(directory))
