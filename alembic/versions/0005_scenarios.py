"""scenarios of the budget planner

Revision: 0005, after 0004
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("evaluation", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        _reference("workspace_id", "workspaces"),
        _reference("run_id", "model_runs"),
        _reference("dataset_id", "datasets"),
        _reference("created_by", "users", "SET NULL"),
    )
    for column in ("workspace_id", "run_id", "dataset_id"):
        op.create_index(op.f(f"ix_scenarios_{column}"), "scenarios", [column], unique=False)
    op.create_index(
        "ix_scenarios_workspace_id_created_at", "scenarios", ["workspace_id", sa.literal_column("created_at DESC")]
    )


def downgrade() -> None:
    op.drop_table("scenarios")


def _reference(column: str, table: str, on_delete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=op.f(f"fk_scenarios_{column}_{table}"), ondelete=on_delete
    )
