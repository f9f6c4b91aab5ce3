"""shares and comments

Revision: 0004, after 0003
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.schema import SchemaItem

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "shares",
        *_of_a_run("shares", "created_by"),
        sa.Column("view", _TEXT(length=50), nullable=False),
        sa.Column("token_hash", _TEXT(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(op.f("ix_shares_token_hash"), "shares", ["token_hash"], unique=True)
    op.create_table(
        "comments",
        *_of_a_run("comments", "author_id"),
        sa.Column("author_name", _TEXT(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    for table in ("shares", "comments"):
        op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"], unique=False)
        op.create_index(op.f(f"ix_{table}_run_id"), table, ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_table("comments")
    op.drop_table("shares")


def _of_a_run(table: str, person: str) -> list[SchemaItem]:
    """What every row that belongs to a run begins with."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column(person, sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{table}_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["model_runs.id"], name=op.f(f"fk_{table}_run_id_model_runs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint([person], ["users.id"], name=op.f(f"fk_{table}_{person}_users"), ondelete="SET NULL"),
    ]
