"""where a sign-in was used last, links for new passwords, the audit log

Revision: 0007, after 0006
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.add_column("login_sessions", sa.Column("address", _TEXT(length=64), server_default="", nullable=False))
    op.add_column("login_sessions", _moment("last_used_at"))
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", _TEXT(length=255), nullable=False),
        sa.Column("action", _TEXT(length=50), nullable=False),
        sa.Column("subject", _TEXT(length=512), nullable=False),
        sa.Column("address", _TEXT(length=64), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_audit_events_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_audit_events_workspace_id_id", "audit_events", ["workspace_id", sa.literal_column("id DESC")])


def downgrade() -> None:
    op.drop_table("audit_events")
    op.drop_table("password_resets")
    op.drop_column("login_sessions", "last_used_at")
    op.drop_column("login_sessions", "address")


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
