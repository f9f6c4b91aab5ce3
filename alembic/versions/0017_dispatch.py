"""what a run is expected to cost, how urgent it is, and since when it is in line

Revision: 0017, after 0015
"""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_runs", sa.Column("estimate_s", sa.Float(), nullable=True))
    op.add_column("model_runs", sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("model_runs", sa.Column("in_line_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_model_runs_unfinished",
        "model_runs",
        ["workspace_id", "id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def downgrade() -> None:
    op.drop_index("ix_model_runs_unfinished", table_name="model_runs")
    op.drop_column("model_runs", "in_line_since")
    op.drop_column("model_runs", "priority")
    op.drop_column("model_runs", "estimate_s")
