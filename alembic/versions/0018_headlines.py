"""what the home page says of a finished run, kept beside its results

Revision: 0018, after 0017

Runs that ended before have none: what is said of them is read from their results.
"""

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_runs", sa.Column("headline", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("model_runs", "headline")
