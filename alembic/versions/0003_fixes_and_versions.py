"""fixes and versions of datasets

Revision: 0003, after 0002
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.add_column("datasets", sa.Column("read_key", _TEXT(length=512), nullable=True))
    op.add_column("datasets", sa.Column("digest", _TEXT(length=64), nullable=True))
    op.add_column("datasets", sa.Column("header_signature", _TEXT(length=64), nullable=True))
    op.add_column("datasets", sa.Column("previous_id", sa.Uuid(), nullable=True))
    op.add_column("datasets", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    _add_json("datasets", "reading", "{}")
    _add_json("datasets", "fixes", "[]")
    op.create_index(op.f("ix_datasets_header_signature"), "datasets", ["header_signature"], unique=False)
    op.create_index(op.f("ix_datasets_previous_id"), "datasets", ["previous_id"], unique=False)
    name = op.f("fk_datasets_previous_id_datasets")
    op.create_foreign_key(name, "datasets", "datasets", ["previous_id"], ["id"], ondelete="SET NULL")
    op.add_column("model_runs", sa.Column("table_key", _TEXT(length=512), nullable=True))
    _add_json("model_runs", "data_notes", "{}")


def downgrade() -> None:
    op.drop_column("model_runs", "data_notes")
    op.drop_column("model_runs", "table_key")
    op.drop_constraint(op.f("fk_datasets_previous_id_datasets"), "datasets", type_="foreignkey")
    op.drop_index(op.f("ix_datasets_previous_id"), table_name="datasets")
    op.drop_index(op.f("ix_datasets_header_signature"), table_name="datasets")
    for column in ("fixes", "reading", "version", "previous_id", "header_signature", "digest", "read_key"):
        op.drop_column("datasets", column)


def _add_json(table: str, column: str, empty: str) -> None:
    """A column that rows from before fill with what is empty; new rows always bring their own."""
    op.add_column(table, sa.Column(column, postgresql.JSONB(), server_default=empty, nullable=False))
    op.alter_column(table, column, server_default=None)
