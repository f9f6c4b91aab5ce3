"""The state of the whole installation as Prometheus reads it: parts, queue, workers, janitor, fits.

Every web process answers the same, so sums over replicas make no sense: take the maximum. Nothing names a workspace.
"""

import platform
from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from mixmodel_app import __version__
from mixmodel_app.config import settings
from mixmodel_app.services import health
from mixmodel_app.storage import pulse, queue, tallies
from mixmodel_app.storage.tallies import Tallies


class InstallationGauges(Collector):
    """Asks the stores at each scrape; a part that does not answer is missing, and `mixmodel_part_up` says so."""

    def collect(self) -> Iterator[Metric]:
        build = {"version": __version__, "python": platform.python_version(), "environment": settings().app_env}
        yield InfoMetricFamily("mixmodel_build", "What runs here.", build)
        parts = health.check()["checks"]
        yield _parts(parts)
        yield GaugeMetricFamily(
            "mixmodel_postgres_pool_limit", "Connections that one process may open.", settings().database.pool_max
        )
        yield GaugeMetricFamily(
            "mixmodel_redis_pool_limit", "Connections that one pool may open.", settings().redis.max_connections
        )
        if parts["redis"] == "ok":
            try:
                yield from (*_queue(), *_fits(tallies.read()))
            except RedisError:  # it went away in between; the next scrape says that it is down
                return


def _parts(checks: dict[str, str]) -> Metric:
    family = GaugeMetricFamily("mixmodel_part_up", "Whether a part answers, as in /health.", labels=("part",))
    for name, state in checks.items():
        family.add_metric((name,), 1.0 if state == "ok" else 0.0)
    return family


def _queue() -> Iterator[Metric]:
    yield GaugeMetricFamily("mixmodel_queue_length", "Runs that wait for a worker.", queue.waiting())
    yield GaugeMetricFamily(
        "mixmodel_queue_oldest_seconds", "How long the first of them has waited.", queue.oldest_seconds()
    )
    workers = GaugeMetricFamily("mixmodel_workers", "Live workers by what they do.", labels=("state",))
    found = queue.workers()
    busy = sum(worker.run_id is not None for worker in found)
    workers.add_metric(("busy",), busy)
    workers.add_metric(("idle",), len(found) - busy)
    yield workers
    silence = pulse.silence(pulse.JANITOR)
    if silence is not None:
        yield GaugeMetricFamily("mixmodel_janitor_silence_seconds", "Since the janitor was heard of.", silence)


def _fits(found: Tallies) -> Iterator[Metric]:
    ended = CounterMetricFamily("mixmodel_fits", "Runs that ended, by outcome.", labels=("outcome",))
    for status, number in found.ended.items():
        ended.add_metric((status.value,), number)
    yield ended
    yield CounterMetricFamily("mixmodel_fit_retries", "Attempts that were started again.", found.again)
    seconds = HistogramMetricFamily("mixmodel_fit_stage_seconds", "Time in each stage of a run.", labels=("stage",))
    for stage, times in found.stages.items():
        buckets = [(str(float(bound)), float(number)) for bound, number in times.below.items()]
        seconds.add_metric((stage.value,), [*buckets, ("+Inf", float(times.count))], times.total)
    yield seconds
