"""requests act as a role that sees the rows of one workspace only

Revision: 0011, after 0010

The application connects as the owner of the tables, who sees everything: sign-in, workers and janitor need that. A
request becomes `mixmodel_tenant` for its transaction and names its workspace in the setting `mixmodel.workspace`
(storage/db.py). Without that setting the role sees nothing. A later table with a `workspace_id` needs the same grant
and policy in its migration; a test compares the tables with the policies.
"""

import sqlalchemy as sa

from alembic import op
from mixmodel_app.config import TENANT_ROLE

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
TABLES = {
    "users": ("workspace_id", "SELECT, UPDATE"),
    "workspaces": ("id", "SELECT, UPDATE, DELETE"),
    "audit_events": ("workspace_id", "SELECT, INSERT"),
    **dict.fromkeys(
        ("invitations", "datasets", "model_runs", "scenarios", "shares", "comments"), ("workspace_id", EVERYTHING)
    ),
}
"""Table: the column that names the workspace, and what a request may do with its rows."""

_WORKSPACE = "nullif(current_setting('mixmodel.workspace', true), '')::uuid"

_MAKE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{TENANT_ROLE}') THEN
        CREATE ROLE {TENANT_ROLE} NOLOGIN;
        GRANT {TENANT_ROLE} TO CURRENT_USER;
    ELSIF NOT pg_has_role(CURRENT_USER, '{TENANT_ROLE}', 'MEMBER') THEN
        GRANT {TENANT_ROLE} TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The role {TENANT_ROLE} is missing, and % may not make it.', CURRENT_USER
    USING HINT = format(
        'As an administrator of Postgres: CREATE ROLE {TENANT_ROLE} NOLOGIN; GRANT {TENANT_ROLE} TO %I;', CURRENT_USER
    );
END
$$
"""


def upgrade() -> None:
    op.execute(_MAKE_ROLE)
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {TENANT_ROLE}")
    for table, (column, rights) in TABLES.items():
        op.execute(f"GRANT {rights} ON {table} TO {TENANT_ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_workspace ON {table} TO {TENANT_ROLE}"
            f" USING ({column} = {_WORKSPACE}) WITH CHECK ({column} = {_WORKSPACE})"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY own_workspace ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {TENANT_ROLE}")
    # The role stays: other databases of the server may use it, and without rights it can do nothing.
