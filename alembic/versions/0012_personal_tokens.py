"""personal tokens

Revision: 0012, after 0011
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from mixmodel_app.config import TENANT_ROLE

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_OWN = "workspace_id = nullif(current_setting('mixmodel.workspace', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "personal_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", _TEXT(length=255), nullable=False),
        sa.Column("scope", _TEXT(length=50), nullable=False),
        sa.Column("token_hash", _TEXT(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_address", _TEXT(length=64), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_tokens")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_personal_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_personal_tokens_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
    )
    for column, unique in (("user_id", False), ("workspace_id", False), ("token_hash", True)):
        op.create_index(op.f(f"ix_personal_tokens_{column}"), "personal_tokens", [column], unique=unique)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON personal_tokens TO {TENANT_ROLE}")
    op.execute("ALTER TABLE personal_tokens ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_workspace ON personal_tokens TO {TENANT_ROLE} USING ({_OWN}) WITH CHECK ({_OWN})")


def downgrade() -> None:
    op.drop_table("personal_tokens")
