"""The tables' schema: made and changed by the migrations in `alembic/`, asked for its revision here."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from alembic import command

_CONFIG = Path(__file__).resolve().parents[2] / "alembic.ini"


def upgrade(revision: str = "head") -> None:
    """Bring the database to a revision. Several processes may do so at the same time: one works, the others wait."""
    command.upgrade(Config(_CONFIG), revision)


def drop_all() -> None:
    """Take every table away, with all that is in it."""
    command.downgrade(Config(_CONFIG), "base")


def is_known(revision: str) -> bool:
    """Whether this version has the migrations that lead to `revision`."""
    try:
        return ScriptDirectory.from_config(Config(_CONFIG)).get_revision(revision) is not None
    except CommandError:
        return False
