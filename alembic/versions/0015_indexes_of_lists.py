"""indexes for lists, which are ordered by id, and for the numbers of runs by status

Revision: 0015, after 0014
"""

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LISTS = ("datasets", "model_runs", "scenarios")


def upgrade() -> None:
    for table in LISTS:
        op.create_index(f"ix_{table}_workspace_id_id", table, ["workspace_id", sa.text("id DESC")])
    op.create_index("ix_model_runs_workspace_id_status", "model_runs", ["workspace_id", "status"])


def downgrade() -> None:
    op.drop_index("ix_model_runs_workspace_id_status", table_name="model_runs")
    for table in LISTS:
        op.drop_index(f"ix_{table}_workspace_id_id", table_name=table)
