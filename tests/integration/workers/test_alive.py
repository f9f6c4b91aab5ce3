"""What a container's health check says of its worker."""

import socket
from datetime import UTC, datetime, timedelta

from rq import Worker

from mixmodel_app.storage import queue, redis
from workers.alive import PATIENCE_S, main, worker_lives


def test_a_worker_lives_while_it_says_so(clean: None) -> None:
    host = socket.gethostname()
    assert main() == 1, "nobody has said anything"
    worker = Worker([queue.line(queue.QUICK)], connection=redis.raw_client(), serializer="json")
    worker.register_birth()
    assert main() == 0
    assert not worker_lives(redis.raw_client(), "another-host"), "each container answers for itself"
    late = datetime.now(UTC) - timedelta(seconds=PATIENCE_S + 1)
    redis.raw_client().hset(worker.key, "last_heartbeat", late.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    assert not worker_lives(redis.raw_client(), host)
