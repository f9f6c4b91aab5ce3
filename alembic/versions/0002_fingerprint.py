"""fingerprint of a run

Revision: 0002, after 0001
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_runs", sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
    op.create_index(op.f("ix_model_runs_fingerprint"), "model_runs", ["fingerprint"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_model_runs_fingerprint"), table_name="model_runs")
    op.drop_column("model_runs", "fingerprint")
