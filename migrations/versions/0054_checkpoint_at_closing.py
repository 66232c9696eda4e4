"""A closed period keeps the checkpoint of the ledger of then; one that was closed before keeps none."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("closed_period", sa.Column("checkpoint", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("closed_period", "checkpoint")
