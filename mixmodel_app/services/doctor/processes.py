"""Workers, janitor, queue, and the server for letters."""

import smtplib
from collections.abc import Iterator

from redis.exceptions import RedisError

from mixmodel_app.config import Settings
from mixmodel_app.services import mail
from mixmodel_app.services.doctor.diagnosis import Diagnosis, ok, problem, reason_of, warning
from mixmodel_app.storage import pulse, queue

LONG_WAIT_S = 600.0


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Whoever does the work in the background."""
    try:
        yield _workers()
        yield _janitor()
        yield _queue()
    except RedisError:
        yield problem("processes.workers", "Workers cannot be seen without Redis.", "Put right Redis first.")
    yield _mail(settings)


def _workers() -> Diagnosis:
    name, found = "processes.workers", queue.workers()
    if not found:
        return problem(name, "No worker is alive: runs wait for ever.", "Start one: `mixmodel worker`.")
    busy = sum(worker.run_id is not None for worker in found)
    are = "worker is" if len(found) == 1 else "workers are"
    return ok(name, f"{len(found)} {are} alive, {busy} of them busy with a fit.")


def _janitor() -> Diagnosis:
    name, silence = "processes.janitor", pulse.silence(pulse.JANITOR)
    hint = "Start it with `python -m workers.janitor`; look at its log."
    if silence is None:
        return problem(name, "The janitor has not been heard of: runs whose worker died stay as they are.", hint)
    if silence > pulse.LATE_S:
        return problem(name, f"The janitor was heard of {silence / 60:.0f} minutes ago for the last time.", hint)
    return ok(name, f"The janitor was heard of {silence:.0f} s ago.")


def _queue() -> Diagnosis:
    name, waiting, oldest = "processes.queue", queue.waiting(), queue.oldest_seconds()
    if oldest > LONG_WAIT_S:
        message = f"{waiting} runs wait, the first for {oldest / 60:.0f} minutes."
        return warning(name, message, "Start more workers: WORKER_CONCURRENCY, or workers on more hosts.")
    return ok(name, f"{waiting} {'run waits' if waiting == 1 else 'runs wait'} for a worker.")


def _mail(settings: Settings) -> Diagnosis:
    name = "processes.mail"
    if not settings.mail.url:
        return ok(name, "There is no server for letters: people hand links over themselves.")
    try:
        mail.check()
    except (OSError, smtplib.SMTPException) as error:
        message = f"The server for letters does not take ours: {reason_of(error)}."
        return problem(name, message, "Look at SMTP_URL: host, port, user and password.")
    return ok(name, "The server for letters lets us in.")
