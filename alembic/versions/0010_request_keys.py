"""the key of a request for a run, so that a repeated one starts nothing

Revision: 0010, after 0009
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.add_column("model_runs", sa.Column("request_key", _TEXT(length=255), nullable=True))
    op.add_column("model_runs", sa.Column("request_digest", _TEXT(length=64), nullable=True))
    op.create_index(
        "ix_model_runs_workspace_id_created_by_request_key",
        "model_runs",
        ["workspace_id", "created_by", "request_key"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("ix_model_runs_workspace_id_created_by_request_key", table_name="model_runs")
    op.drop_column("model_runs", "request_digest")
    op.drop_column("model_runs", "request_key")
