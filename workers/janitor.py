"""The janitor: every few seconds it finds runs whose worker is gone, and clears what has expired."""

import signal
import threading
import time

import structlog
from sqlalchemy import delete, text
from sqlmodel import col

from mixmodel_app.config import settings
from mixmodel_app.logging import configure_logging, init_sentry
from mixmodel_app.storage.db import engine, transaction
from mixmodel_app.storage.models import LoginSession, now
from workers.recovery import reconcile

EVERY_S = 5.0
SWEEP_EVERY_S = 3600.0
_LOCK = 7_306_114  # any number that only the janitor uses

_log = structlog.get_logger(__name__)


def main() -> None:
    """Work until told to stop."""
    conf = settings()
    conf.require_services()
    configure_logging(conf, "janitor")
    init_sentry(conf, "janitor")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    next_sweep = 0.0
    while not stop.is_set():
        try:
            sweep = time.monotonic() >= next_sweep
            if tidy(sweep=sweep) and sweep:
                next_sweep = time.monotonic() + SWEEP_EVERY_S
        except Exception as error:  # noqa: BLE001 (a store may be away for a while; the janitor comes back)
            _log.warning("pass failed", error=repr(error))
        stop.wait(EVERY_S)


def tidy(*, sweep: bool) -> bool:
    """One pass; False when another janitor is at it."""
    with engine().connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            return False
        try:
            reconcile()
            if sweep:
                with transaction() as session:
                    session.exec(delete(LoginSession).where(col(LoginSession.expires_at) < now()))
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()
    return True


if __name__ == "__main__":
    main()
