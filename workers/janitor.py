"""The janitor: every few seconds it finds runs whose worker is gone, and clears what has expired."""

import signal
import threading
import time
from datetime import timedelta

import structlog
from sqlalchemy import delete, text
from sqlmodel import col

from mixmodel_app.config import settings
from mixmodel_app.logging import configure_logging, init_sentry
from mixmodel_app.services import headlines, retention
from mixmodel_app.storage import pulse
from mixmodel_app.storage.db import engine, system_transaction
from mixmodel_app.storage.models import AuditEvent, LoginSession, PasswordReset, PersonalToken, now
from workers.recovery import SILENT_S, reconcile
from workers.sweep import sweep_objects
from workers.watch import Watch

EVERY_S = 1.0
SWEEP_EVERY_S = 3600.0
NOBODYS_DAYS = timedelta(days=30)
"""How long failed sign-ins that belong to no account are kept."""
ENDED_TOKENS = timedelta(days=30)
"""How long their owners see personal tokens that have expired, and so why a script has stopped."""
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
    watch = Watch(longest_gap_s=SILENT_S / 2)
    while not stop.is_set():
        try:
            sweep = time.monotonic() >= next_sweep
            if tidy(watch, sweep=sweep) and sweep:
                next_sweep = time.monotonic() + SWEEP_EVERY_S
            pulse.beat(pulse.JANITOR)
        except Exception as error:  # noqa: BLE001 (a store may be away for a while; the janitor comes back)
            watch.forget()
            _log.warning("pass failed", error=repr(error))
        stop.wait(EVERY_S)


def tidy(watch: Watch, *, sweep: bool) -> bool:
    """One pass; False when another janitor is at it."""
    with engine().connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            return False
        connection.commit()  # the lock stays; an open transaction would be ended for idling during a long sweep
        try:
            reconcile(watch)
            if sweep:
                with system_transaction() as session:
                    for model in (LoginSession, PasswordReset):
                        session.exec(delete(model).where(col(model.expires_at) < now()))
                    ended = col(PersonalToken.expires_at) < now() - ENDED_TOKENS
                    session.exec(delete(PersonalToken).where(ended))
                    nobodys = delete(AuditEvent).where(col(AuditEvent.workspace_id).is_(None))
                    session.exec(nobodys.where(col(AuditEvent.created_at) < now() - NOBODYS_DAYS))
                if gone := retention.apply():
                    _log.info("old runs cleared away by the retention rule", count=gone)
                if renewed := headlines.renew():
                    _log.info("headlines of older runs made", count=renewed)
                if orphans := sweep_objects():
                    _log.info("files without a row deleted", count=orphans)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()
    return True


if __name__ == "__main__":
    main()
