"""Migrations run against `DATABASE_URL`, one process at a time."""

from sqlalchemy import create_engine, text

from alembic import context
from mixmodel_app.config import settings
from mixmodel_app.storage import models

LOCK = 7_306_113  # any number that only MixModel's migrations use

engine = create_engine(settings().database.url)
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    # A change that waits for a table makes everybody after it wait too: rather give up, and be started again.
    connection.execute(text("SET lock_timeout = '15s'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=models.SQLModel.metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    connection.commit()
engine.dispose()
